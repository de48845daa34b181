"""Rules that let an agent go on without a question: "Bash(npm test)", "Edit", "mcp__github". Never broader than their words."""

from __future__ import annotations

import os.path
import re
import shlex
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase

from locust_tui.domain.dataclass import dataclass

LONGEST = 500
"""A longer command is not made into a rule: nobody reads it whole before saying "always"."""

WRITERS = {
    "Edit": "file_path",
    "MultiEdit": "file_path",
    "Write": "file_path",
    "NotebookEdit": "notebook_path",
}
"""Tools that change one file → the parameter that names it."""
READERS = {"Read": "file_path", "Glob": "path", "Grep": "path", "LS": "path"}
OPEN = frozenset({"WebSearch", "TodoWrite"})
"""Tools whose name alone says all that they may do."""

_BASH_PARAMETERS = frozenset({"command", "description", "timeout", "run_in_background"})
"""Any other parameter, such as one that leaves the sandbox, is more than the command that a rule names."""
_STEERS_THE_SHELL = re.compile(r"[;&|<>`$(){}!\\\x00-\x08\x0a-\x1f\x7f]")
_GUARDED = frozenset({".git", ".claude", ".codex", ".gemini", ".mcp.json", ".locust-tui", ".vscode", ".idea"})
"""Files under these names make other programs run things; a rule for files never covers them."""
_RULE = re.compile(r"([A-Za-z_][\w.-]*)(?:\((.*)\))?\Z", re.DOTALL)

Resolve = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Rule:
    tool: str
    words: str | None = None
    """What stands in the brackets; None: the tool as such."""


def parse(text: str) -> Rule | None:
    """A rule from its words; None where they are none."""
    found = _RULE.match(text.strip())
    return Rule(found[1], found[2]) if found else None


def granted(
    rules: tuple[str, ...],
    tool: str,
    parameters: Mapping[str, object],
    root: str,
    resolve: Resolve = os.path.normpath,
) -> str | None:
    """The first of `rules` that lets this call of `tool` pass, or None.

    Files must lie under `root` (absolute); `resolve` turns a path into the one that is really meant.
    """
    for text in rules:
        rule = parse(text)
        if rule is not None and _matches(rule, tool, parameters, root, resolve):
            return text
    return None


def rule_for(
    tool: str, parameters: Mapping[str, object], root: str, resolve: Resolve = os.path.normpath
) -> str:
    """The narrowest rule that "always" would make of this call; empty: none that can be said in one line."""
    if tool == "Bash":
        command = parameters.get("command")
        fits = (
            isinstance(command, str)
            and 0 < len(command) <= LONGEST
            and command == command.strip()
            and "*" not in command
            and command.isprintable()
        )
        return f"Bash({command})" if fits and _BASH_PARAMETERS.issuperset(parameters) else ""
    if tool in WRITERS or tool in READERS:
        return _rule_for_file(tool, parameters, root, resolve)
    if tool == "WebFetch":
        host = _host(parameters.get("url"))
        return f"WebFetch(domain:{host})" if host else ""
    return tool if tool in OPEN or re.fullmatch(r"mcp__[\w-]+", tool) else ""


def _rule_for_file(tool: str, parameters: Mapping[str, object], root: str, resolve: Resolve) -> str:
    """ "Edit(src/a.py)": that file and no other; empty where its name has signs that a rule reads otherwise."""
    path = parameters.get(WRITERS.get(tool) or READERS[tool], None if tool in (*WRITERS, "Read") else ".")
    if not isinstance(path, str) or not path or "\0" in path or not os.path.isabs(root):
        return ""
    inside = os.path.relpath(resolve(os.path.join(root, path)), resolve(root))
    rule = f"{'Edit' if tool in WRITERS else tool}({inside})"
    fits = len(inside) <= LONGEST and inside.isprintable() and not set("*?[") & set(inside)
    return rule if fits and granted((rule,), tool, parameters, root, resolve) else ""


def _matches(rule: Rule, tool: str, parameters: Mapping[str, object], root: str, resolve: Resolve) -> bool:
    if tool == "Bash":
        return rule.tool == "Bash" and _command(rule.words, parameters)
    if tool in WRITERS:
        return rule.tool in (tool, "Edit") and _file(rule.words, parameters.get(WRITERS[tool]), root, resolve)
    if tool in READERS:
        where = parameters.get(READERS[tool], "." if tool != "Read" else None)
        return rule.tool == tool and _file(rule.words, where, root, resolve)
    if tool == "WebFetch" and rule.words is not None:
        host = _host(parameters.get("url"))
        return rule.tool == tool and bool(host) and rule.words == f"domain:{host}"
    if rule.words is not None:
        return False
    if tool.startswith("mcp__"):
        return tool == rule.tool or is_of_server(tool, rule.tool)
    return tool == rule.tool


def is_of_server(tool: str, server: str) -> bool:
    """Whether `tool` is one of the MCP server `server` ("mcp__locust"), whose tools' names have no double underscore."""
    name = tool.removeprefix(f"{server}__")
    return name != tool and bool(name) and "__" not in name and server.startswith("mcp__")


def _command(words: str | None, parameters: Mapping[str, object]) -> bool:
    command = parameters.get("command")
    if not isinstance(command, str) or not command:
        return False
    if words is None:
        return True
    if not _BASH_PARAMETERS.issuperset(parameters):
        return False
    if words.endswith(":*"):
        words = f"{words[:-2]} *"
        if command == words[:-2]:
            return True
    if "*" not in words:
        return command == words
    return _plain(command) and _like(words, command)


def _plain(command: str) -> bool:
    """Whether a shell makes exactly one program's call of it, with nothing put in and nothing sent elsewhere."""
    if _STEERS_THE_SHELL.search(command):
        return False
    try:
        return bool(shlex.split(command))
    except ValueError:
        return False


def _like(words: str, text: str) -> bool:
    pattern = ".*".join(re.escape(piece) for piece in re.split(r"\*+", words))
    return re.fullmatch(pattern, text) is not None


def _file(words: str | None, path: object, root: str, resolve: Resolve) -> bool:
    if not isinstance(path, str) or not path or "\0" in path or not os.path.isabs(root):
        return False
    base = resolve(root)
    meant = resolve(os.path.join(root, path))
    if meant != base and not meant.startswith(base.rstrip("/") + "/"):
        return False
    inside = os.path.relpath(meant, base)
    if any(part.lower() in _GUARDED for part in inside.split("/")):
        return False
    return words is None or _under(words, inside)


def _under(words: str, inside: str) -> bool:
    """ "src/**": everything below; else names one by one, * within one name."""
    words = words.removeprefix("./")
    if words.endswith("/**"):
        return inside.startswith(words[:-2]) and "*" not in words[:-2]
    asked, names = words.split("/"), inside.split("/")
    return len(asked) == len(names) and all(map(fnmatchcase, names, asked))


def _host(url: object) -> str:
    """The host of a web address; empty for what is none, or holds a name, a password or anything odd."""
    if not isinstance(url, str):
        return ""
    found = re.match(r"https?://([A-Za-z0-9.-]+)(?::\d+)?(?:[/?#]|\Z)", url)
    return found[1].lower() if found else ""
