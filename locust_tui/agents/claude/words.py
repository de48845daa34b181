"""What Claude Code's tools do, in one line and in full, and what came out of them."""

from __future__ import annotations

import json
import os.path
from collections.abc import Mapping

from msgspec import Raw

from .decoding import plain

LINE = 200
OUTPUT = 4_000
ENDS = 12
"""Lines kept of the beginning and of the end of a long output."""

_SAYS = {
    "Bash": "command",
    "Read": "file_path",
    "Write": "file_path",
    "Edit": "file_path",
    "MultiEdit": "file_path",
    "NotebookEdit": "notebook_path",
    "Glob": "pattern",
    "Grep": "pattern",
    "LS": "path",
    "WebFetch": "url",
    "WebSearch": "query",
    "Agent": "description",
    "Task": "description",
    "Skill": "skill",
    "ToolSearch": "query",
    "BashOutput": "bash_id",
    "KillShell": "shell_id",
}
"""Tool → the parameter that says in a line what it is about to do."""


def parameters_of(raw: Raw | bytes) -> dict[str, object]:
    found = plain(raw)
    return found if isinstance(found, dict) else {}


def one_line(text: str, limit: int = LINE) -> str:
    """Text in one line, line ends shown, so that nothing hides behind one."""
    shown = " ↵ ".join(part.strip() for part in text.strip().splitlines() if part.strip())
    return shown if len(shown) <= limit else f"{shown[: limit - 1]}…"


def summary(tool: str, parameters: Mapping[str, object], cwd: str) -> str:
    """One line: the command, the path within the work tree, the pattern."""
    said = parameters.get(_SAYS.get(tool, ""))
    if not isinstance(said, str):
        return one_line(json.dumps(parameters, ensure_ascii=False)) if parameters else ""
    return one_line(_inside(said, cwd) if _SAYS[tool].endswith("path") else said)


def what(tool: str, parameters: Mapping[str, object], cwd: str) -> str:
    """ "Bash: npm test"."""
    said = summary(tool, parameters, cwd)
    return f"{tool}: {said}" if said else tool


def detail(tool: str, parameters: Mapping[str, object]) -> str:
    """Everything that would be done, in full."""
    rest = dict(parameters)
    lines: list[str] = []
    if tool == "Bash":
        lines = [_text(rest.pop("command", ""))]
        if about := _text(rest.pop("description", "")):
            lines += ["", about]
    elif tool == "ExitPlanMode":
        lines = [_text(rest.pop("plan", ""))]
    elif tool in ("Edit", "Write"):
        lines = [_text(rest.pop("file_path", ""))]
        lines += [f"- {line}" for line in _text(rest.pop("old_string", "")).splitlines()]
        lines += [f"+ {line}" for line in _text(rest.pop("new_string", "")).splitlines()]
        lines += [f"+ {line}" for line in _text(rest.pop("content", "")).splitlines()]
    if not lines:
        return json.dumps(parameters, ensure_ascii=False, indent=2)
    return "\n".join([*lines, *(f"{name}: {_text(value)}" for name, value in rest.items())])


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def output_of(content: Raw) -> str:
    """Text of a tool's result: a string, or the text blocks of a list."""
    found = plain(content)
    if isinstance(found, str):
        return found
    if isinstance(found, list):
        return "\n".join(
            str(block.get("text")) if block.get("type") == "text" else f"[{block.get('type')}]"
            for block in found
            if isinstance(block, dict)
        )
    return ""


def ends_of(text: str) -> str:
    """The text, its middle left out where it is long."""
    text = text.rstrip()
    lines = 1 + text.count("\n")
    if lines == 1:
        return text if len(text) <= OUTPUT else f"{text[:OUTPUT]}…"
    if lines > 2 * ENDS or len(text) > OUTPUT:
        first = text[: OUTPUT // 2].split("\n", ENDS)[:ENDS]
        room = min(ENDS, lines - len(first))
        last = text[-OUTPUT // 2 :].rsplit("\n", room)[-room:] if room else []
        left_out = lines - len(first) - len(last)
        middle = [f"… {left_out} lines …"] if left_out > 0 else []
        return "\n".join([*first, *middle, *last])
    return text


def changed(raw: Raw) -> tuple[tuple[str, ...], str]:
    """Files that a tool's own account names as written, and how much: ((path,), "+42 -3")."""
    found = plain(raw)
    if not isinstance(found, dict) or not isinstance(path := found.get("filePath"), str):
        return (), ""
    hunks = found.get("structuredPatch")
    if not isinstance(hunks, list):
        return (), ""
    added = removed = 0
    for hunk in hunks:
        lines = hunk.get("lines") if isinstance(hunk, dict) else None
        for line in lines if isinstance(lines, list) else ():
            added += isinstance(line, str) and line.startswith("+")
            removed += isinstance(line, str) and line.startswith("-")
    if not hunks and found.get("type") == "create":
        added = len(_lines(found.get("content")))
    return (path,), f"+{added} -{removed}"


def todo(parameters: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """The agent's own list, from what it hands to TodoWrite."""
    states = {"pending": "pending", "in_progress": "in-progress", "completed": "done"}
    found = parameters.get("todos")
    return tuple(
        (one_line(str(item.get("content", ""))), states.get(str(item.get("status")), "pending"))
        for item in (found if isinstance(found, list) else ())
        if isinstance(item, dict)
    )


def _lines(value: object) -> list[str]:
    return value.splitlines() if isinstance(value, str) else []


def _inside(path: str, cwd: str) -> str:
    if cwd and path.startswith(cwd.rstrip("/") + "/"):
        return os.path.relpath(path, cwd)
    return path
