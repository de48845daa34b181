"""How codex is started: the person's own program and flags, our tool servers, and never a flag that asks nobody."""

from __future__ import annotations

import os.path
import re
from dataclasses import dataclass, field

from .vocabulary import Job, Launch, ToolServer

_SUBCOMMANDS = frozenset({"exec", "e", "app-server", "resume"})
_WITH_VALUE = frozenset(
    {
        "-c", "--config", "-m", "--model", "-p", "--profile", "-s", "--sandbox", "-a", "--ask-for-approval", "-C", "--cd",
        "-i", "--image", "--enable", "--disable", "--add-dir", "--color", "-o", "--output-last-message", "--output-schema",
        "--local-provider", "--thread-source", "--cyber-access-program",
    }
)  # fmt: skip
_LONG = {
    "-c": "--config",
    "-m": "--model",
    "-p": "--profile",
    "-s": "--sandbox",
    "-a": "--ask-for-approval",
    "-C": "--cd",
}
_UNASKED = frozenset(
    {"--dangerously-bypass-approvals-and-sandbox", "--yolo", "--full-auto", "--approve-for-me"}
)
_EXEC_ONLY = frozenset(
    {
        "--json",
        "--experimental-json",
        "--skip-git-repo-check",
        "--color",
        "--cd",
        "-o",
        "--output-last-message",
    }
)
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_INHERITED = (
    "CODEX_SANDBOX*", "CODEX_THREAD_ID", "CODEX_CI", "CODEX_INTERNAL_*", "CODEX_MANAGED_*", "CLAUDECODE", "CLAUDE_CODE_*",
)  # fmt: skip
"""What an agent that started us would leave to ours. A person's own settings, as CODEX_HOME, are not among them."""
WORKSPACE = "workspace-write"
"""Codex's own sandbox in which its folder alone is writable."""
_TOOL_TIMEOUT_S = 86_400
"""An approval can take a night; codex's own limit for a tool is five minutes."""


@dataclass(slots=True)
class Command:
    """A plan's command, taken apart. `flags` are of codex's own form, [name] or [name, value]; `words` are no flags."""

    program: list[str]
    flags: list[list[str]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def value(self, name: str) -> str:
        """The last value of a flag by its long name; empty: not given."""
        return next((f[1] for f in reversed(self.flags) if f[0] == name and len(f) == 2), "")

    def configures(self, key: str) -> bool:
        """Whether the person set a configuration key by `-c`."""
        return any(
            f[0] == "--config" and f[1].partition("=")[0].strip() == key for f in self.flags if len(f) == 2
        )

    def prompt(self, job: Job) -> str:
        """What the agent is told: the plan's words around the instructions, where its command has some."""
        return next((word for word in self.words if not job.prompt or job.prompt in word), job.prompt)


def taken_apart(command: tuple[str, ...]) -> Command:
    """`command` as program, flags and words; empty: plain codex."""
    words = list(command) or ["codex"]
    found = next(
        (at for at, word in enumerate(words) if "codex" in os.path.basename(word) and " " not in word), None
    )
    if found is None:
        found = next(
            (at - 1 for at, word in enumerate(words) if at and (word in _SUBCOMMANDS or word == "-c")), 0
        )
    parts = Command(words[: found + 1])
    rest = iter(words[found + 1 :])
    for word in rest:
        if word == "--":
            parts.words += rest
        elif word.startswith("--") and "=" in word:
            parts.flags.append(word.split("=", 1))
        elif word in _WITH_VALUE:
            parts.flags.append([_LONG.get(word, word), next(rest, "")])
        elif word.startswith("-") and word != "-":
            parts.flags.append([word])
        elif word not in _SUBCOMMANDS and word != "-":
            parts.words.append(word)
    return parts


def app_server(job: Job) -> Launch:
    """`codex [the person's flags] app-server …`; what it does with flags that app-server has not, it says itself."""
    parts = taken_apart(job.command)
    passed = {"--model", "--sandbox", "--ask-for-approval"}
    dropped = _UNASKED | _EXEC_ONLY | passed
    flags = [
        word for flag in parts.flags if flag[0] not in dropped and flag[0] != "--add-dir" for word in flag
    ]
    folders = [flag[1] for flag in parts.flags if flag[0] == "--add-dir"]
    if folders:
        listed = ", ".join(map(quoted, folders))
        flags += ["-c", f"sandbox_workspace_write.writable_roots=[{listed}]"]
    return Launch((*parts.program, *flags, "app-server", *tool_flags(job.tools)), unset=_INHERITED)


def exec_(job: Job) -> Launch:
    """`codex exec --json [the person's flags] [resume ID] -`: the prompt comes on stdin."""
    parts = taken_apart(job.command)
    flags = [
        word for flag in parts.flags if flag[0] not in ("--json", "--experimental-json") for word in flag
    ]
    if job.model and not parts.value("--model"):
        flags += ["--model", job.model]
    if not says_what_it_may_write(parts):
        flags += ["--sandbox", WORKSPACE]
    resume = ("resume", job.resume) if job.resume else ()
    argv = (*parts.program, "exec", "--json", *flags, *tool_flags(job.tools), *resume, "-")
    return Launch(argv, unset=_INHERITED)


def says_what_it_may_write(parts: Command) -> bool:
    """Whether the person's own words settle it. Without any, codex reads only in a folder that it does not know."""
    named = any(flag[0] == "--sandbox" or flag[0] in _UNASKED for flag in parts.flags)
    return named or parts.configures("sandbox_mode") or bool(parts.value("--profile"))


def tool_flags(servers: tuple[ToolServer, ...]) -> list[str]:
    """`-c` flags that hand over our servers; their tools need no question, and may take as long as a person does."""
    flags: list[str] = []
    for server in servers:
        name = server.name if _BARE.fullmatch(server.name) else quoted(server.name)
        settings = {
            "tool_timeout_sec": str(_TOOL_TIMEOUT_S),
            "default_tools_approval_mode": quoted("approve"),
        }
        if server.url:
            settings["url"] = quoted(server.url)
            if server.token_variable:
                settings["bearer_token_env_var"] = quoted(server.token_variable)
        elif server.command:
            settings["command"] = quoted(server.command[0])
            settings["args"] = f"[{', '.join(map(quoted, server.command[1:]))}]"
            if server.token_variable:
                settings["env_vars"] = f"[{quoted(server.token_variable)}]"
        for key, value in settings.items():
            flags += ["-c", f"mcp_servers.{name}.{key}={value}"]
    return flags


def quoted(value: str) -> str:
    """A TOML string."""
    escaped = "".join(
        f"\\{c}" if c in '"\\' else f"\\u{ord(c):04x}" if ord(c) < 32 or ord(c) == 127 else c for c in value
    )
    return f'"{escaped}"'
