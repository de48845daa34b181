"""How Claude Code is started to speak its control protocol, keeping every flag of the person that is not about how it speaks."""

from __future__ import annotations

import json
from pathlib import PurePath

from locust_tui.domain.dataclass import dataclass

from ..vocabulary import Job, Launch, ToolServer

MCP_FILE = "mcp.json"
TOOL_PATIENCE_MS = 86_400_000
"""A question to a person may wait for a day."""
RETRIES = "4"

_OURS = {"--verbose": 0, "--output-format": 1, "--input-format": 1, "--permission-prompt-tool": 1}
"""Flags that say how it speaks → how many values they take."""
_WHICH_SESSION = {"--session-id": 1, "--resume": 1, "-r": 1, "--continue": 0, "-c": 0}
_TEXTS = {"--append-system-prompt", "--system-prompt", "--agents", "--agent", "--name", "-n"}
"""Flags whose value may well be the instructions."""
_KEPT = (
    "CLAUDE_CODE_OAUTH_TOKEN",
    "CLAUDE_CODE_USE_*",
    "CLAUDE_CODE_SKIP_*",
    "CLAUDE_CODE_API_KEY_*",
    "CLAUDE_CODE_CLIENT_*",
    "CLAUDE_CODE_MAX_*",
    "CLAUDE_CODE_DISABLE_*",
    "CLAUDE_CODE_ENABLE_*",
    "CLAUDE_CODE_TMPDIR",
    "CLAUDE_CODE_SHELL*",
)
"""What people set for every session of theirs: login, provider, limits. The rest is one outer session's own."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """The person's command, taken apart."""

    argv: tuple[str, ...]
    """Program and flags, without those of ours and without the prompt."""
    prompt: str
    """What stdin is to be given."""
    picks_session: bool
    """Whether the person's flags say which conversation it is."""


def take_apart(job: Job) -> Spoken:
    """What of the plan's command stays in argv, and which prompt it gives."""
    command = job.command or ("claude",)
    at = _program(command)
    kept, prompt, picks = list(command[: at + 1]), job.prompt, False
    rest = list(command[at + 1 :])
    while rest:
        word = rest.pop(0)
        flag, equals, _ = word.partition("=")
        if job.prompt and job.prompt in word and _stands_alone(word, kept, job):
            prompt = _prompt(word, job)
        elif flag in ("-p", "--print"):
            if rest and not rest[0].startswith("-"):
                prompt = _prompt(rest.pop(0), job)
        elif flag in _OURS:
            del rest[: 0 if equals else _OURS[flag]]
        elif flag in _WHICH_SESSION and job.resume:
            if not equals and _WHICH_SESSION[flag] and rest and not rest[0].startswith("-"):
                del rest[0]
        else:
            picks = picks or flag in _WHICH_SESSION
            kept.append(word)
    return Spoken(tuple(kept), prompt, picks)


def launch(job: Job) -> Launch:
    """argv, environment and files. The prompt and every token stay out of all three."""
    spoken = take_apart(job)
    argv = [
        *spoken.argv,
        *("-p", "--input-format", "stream-json", "--output-format", "stream-json", "--verbose"),
        *("--permission-prompt-tool", "stdio"),
    ]
    if job.resume:
        argv += ["--resume", job.resume]
    elif job.session and not spoken.picks_session:
        argv += ["--session-id", job.session]
    if job.model and not any(word.partition("=")[0] == "--model" for word in spoken.argv):
        argv += ["--model", job.model]
    files = {}
    if job.tools:
        files[MCP_FILE] = mcp_config(job.tools)
        argv += ["--mcp-config", str(PurePath(job.folder) / MCP_FILE)]
        argv += ["--allowedTools", *(server_tools(server) for server in job.tools)]
    return Launch(
        argv=tuple(argv),
        env={"CLAUDE_CODE_EMIT_SESSION_STATE_EVENTS": "1"},
        defaults={"CLAUDE_CODE_MAX_RETRIES": RETRIES, "DISABLE_AUTOUPDATER": "1"},
        unset=("CLAUDECODE", "CLAUDE_CODE_*"),
        keep=_KEPT,
        files=files,
    )


def server_tools(server: ToolServer) -> str:
    """The program's name for all tools of a server: mcp__locust."""
    return "mcp__" + "".join(c if c.isascii() and (c.isalnum() or c in "_-") else "_" for c in server.name)


def mcp_config(servers: tuple[ToolServer, ...]) -> str:
    """The file that names the servers. Tokens stand in it as names of variables alone."""
    entries: dict[str, dict[str, object]] = {}
    for server in servers:
        entry: dict[str, object]
        if server.command:
            entry = {"type": "stdio", "command": server.command[0], "args": list(server.command[1:])}
        else:
            entry = {"type": "http", "url": server.url}
            if server.token_variable:
                entry["headers"] = {"Authorization": f"Bearer ${{{server.token_variable}}}"}
        entries[server.name] = {**entry, "alwaysLoad": True, "timeout": TOOL_PATIENCE_MS}
    return json.dumps({"mcpServers": entries}, indent=1)


def _program(command: tuple[str, ...]) -> int:
    """Index of Claude Code itself behind `nice`, `env X=1` or `npx`."""
    for at, word in enumerate(command):
        name = PurePath(word).name
        if name in ("claude", "claude.exe") or name.startswith(("claude-code", "claude@")):
            return at
    return 0


def _stands_alone(word: str, before: list[str], job: Job) -> bool:
    """Whether a word with the instructions in it is the prompt, and not what a flag before it takes."""
    if word.startswith("-") and word != job.prompt:
        return False
    return before[-1] not in _TEXTS and (word == job.prompt or not before[-1].startswith("-"))


def _prompt(word: str, job: Job) -> str:
    """The text given after -p: the instructions, or the person's own text around or instead of them."""
    return job.prompt if job.resume and job.prompt not in word else word
