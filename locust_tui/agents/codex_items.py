"""Codex's items - commands, file changes, tool calls - in the common vocabulary; `exec` and `app-server` spell them differently."""

from __future__ import annotations

import os.path
import shlex
from typing import Any

from locust_tui.domain.dataclass import dataclass

from .jsonrpc import as_json, brief, member, members, text
from .vocabulary import PlanStated, ToolEnded, ToolStarted

_KINDS = {
    "command_execution": "commandExecution",
    "file_change": "fileChange",
    "mcp_tool_call": "mcpToolCall",
    "web_search": "webSearch",
    "agent_message": "agentMessage",
    "todo_list": "todoList",
    "collab_tool_call": "collabAgentToolCall",
}
_SHELLS = frozenset({"bash", "sh", "zsh", "dash"})
_SHOWN_FILES = 3


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool call: its name as rules name it, one line of what it does, and the files that it changes."""

    name: str
    summary: str
    files: tuple[str, ...] = ()


def kind_of(item: dict[str, Any]) -> str:
    kind = text(item.get("type"))
    return _KINDS.get(kind, kind)


def tool_of(item: dict[str, Any]) -> Tool | None:
    """The tool call that an item is; None for messages, thoughts and the like."""
    kind = kind_of(item)
    if kind == "commandExecution":
        return Tool("Bash", brief(script_of(text(item.get("command")))))
    if kind == "fileChange":
        paths = tuple(filter(None, (text(one.get("path")) for one in members(item.get("changes")))))
        return Tool("Edit", named(paths), paths)
    if kind == "mcpToolCall":
        name = mcp_name(text(item.get("server")), text(item.get("tool")))
        return Tool(name, brief(as_json(item.get("arguments"))))
    if kind == "webSearch":
        return Tool("WebSearch", brief(text(item.get("query"))))
    if kind == "imageView":
        return Tool("Read", brief(text(item.get("path"))))
    if kind == "dynamicToolCall":
        return Tool(text(item.get("tool")) or "tool", brief(as_json(item.get("arguments"))))
    if kind == "collabAgentToolCall":
        return Tool("Agent", brief(f"{text(item.get('tool'))} {text(item.get('prompt'))}".strip()))
    return None


def started(id: str, tool: Tool, parent: str = "") -> ToolStarted:
    return ToolStarted(id, tool.name, tool.summary, parent)


def ended(id: str, item: dict[str, Any], tool: Tool) -> ToolEnded:
    """How an item that is over went."""
    status = text(item.get("status"))
    error = text(member(item.get("error")).get("message"))
    code = item.get("exitCode", item.get("exit_code"))
    denied = status == "declined" or "requires approval" in error
    ok = status in ("completed", "") and not error and code in (None, 0) and item.get("success") is not False
    output = text(item.get("aggregatedOutput", item.get("aggregated_output")))
    words = error or brief(output) or _result(item.get("result"))
    if type(code) is int and code != 0:
        words = f"exit code {code}" + (f": {words}" if words else "")
    return ToolEnded(id, ok, brief(words), denied, tool.files if ok else ())


def todo_list(item: dict[str, Any]) -> PlanStated:
    """`exec` says only what is done."""
    entries = (
        (text(one.get("text")), "done" if one.get("completed") is True else "pending")
        for one in members(item.get("items"))
    )
    return PlanStated(tuple(entries))


def script_of(command: str) -> str:
    """What a shell is told to run by `bash -lc '…'`; any other command as it stands."""
    try:
        words = shlex.split(command)
    except ValueError:
        return command
    if len(words) == 3 and words[1] in ("-lc", "-c") and os.path.basename(words[0]) in _SHELLS:
        return words[2]
    return command


def diff_of(item: dict[str, Any]) -> str:
    """Everything that a file change would do, file by file."""
    shown = []
    for change in members(item.get("changes")):
        kind = change.get("kind")
        verb = text(kind) or text(member(kind).get("type")) or "change"
        to = text(member(kind).get("move_path"))
        head = f"{verb} {text(change.get('path'))}" + (f" → {to}" if to else "")
        shown.append(f"{head}\n{text(change.get('diff'))}".rstrip("\n"))
    return "\n\n".join(shown)


def only_writes(item: dict[str, Any]) -> bool:
    """Whether a file change adds and updates files, and deletes and moves none."""
    changes = list(members(item.get("changes")))
    for change in changes:
        kind = change.get("kind")
        if (text(kind) or text(member(kind).get("type"))) not in ("add", "update") or member(kind).get(
            "move_path"
        ):
            return False
    return bool(changes)


def named(paths: tuple[str, ...]) -> str:
    """ "a.py, b.py, c.py and 2 more"."""
    shown = ", ".join(paths[:_SHOWN_FILES])
    rest = len(paths) - _SHOWN_FILES
    return brief(f"{shown} and {rest} more" if rest > 0 else shown)


def mcp_name(server: str, tool: str) -> str:
    """A tool's name as rules know it."""
    return f"mcp__{server}__{tool}"


def _result(value: object) -> str:
    content = members(member(value).get("content"))
    return next((brief(text(one.get("text"))) for one in content if one.get("text")), "")
