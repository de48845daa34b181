"""Tool calls of the Agent Client Protocol: told piecemeal, asked about before they were announced, kept by their id."""

from __future__ import annotations

import difflib
import re
import shlex
from typing import Any

from . import rules
from .codex_items import mcp_name, named, script_of
from .jsonrpc import as_json, brief, member, members, text
from .vocabulary import ToolEnded, ToolServer, ToolStarted

_BY_KIND = {
    "execute": "Bash",
    "edit": "Edit",
    "read": "Read",
    "search": "Search",
    "fetch": "WebFetch",
    "delete": "Delete",
    "move": "Move",
}
_TOUCHES = frozenset({"execute", "edit", "delete", "move", "read", "fetch"})
_MOST_LINES = 2000
"""A longer text is shown whole in place of what differs: comparing takes the square of it."""


class ToolCall:
    """One tool call, as far as it was told. `denied`: a person, or a rule of the agent's, said no."""

    __slots__ = ("_fields", "denied", "id", "over", "shown")

    def __init__(self, id: str) -> None:
        self.id = id
        self._fields: dict[str, Any] = {}
        self.shown = False
        self.over = False
        self.denied = False

    def take(self, update: dict[str, Any]) -> None:
        """What an update says holds from now on; what it leaves out stays."""
        meta = member(self._fields.get("_meta")) | member(update.get("_meta"))
        self._fields |= {name: value for name, value in update.items() if value is not None}
        if meta:
            self._fields["_meta"] = meta
        if text(member(meta.get("claudeCode")).get("nonExecutionKind")):
            self.denied = True

    @property
    def status(self) -> str:
        return text(self._fields.get("status"))

    @property
    def kind(self) -> str:
        return text(self._fields.get("kind"))

    @property
    def title(self) -> str:
        return text(self._fields.get("title"))

    @property
    def input(self) -> dict[str, Any]:
        return member(self._fields.get("rawInput"))

    @property
    def own_name(self) -> str:
        """The tool as its program names it, apart from the title, which may repeat a model's words."""
        meta = member(self._fields.get("_meta"))
        if meta.get("is_mcp_tool_call") is True and text(self.input.get("server")):
            return mcp_name(text(self.input["server"]), text(self.input.get("tool")))
        return text(self._fields.get("name")) or text(member(meta.get("claudeCode")).get("toolName"))

    @property
    def name(self) -> str:
        """The name that rules know it by."""
        own = self.own_name
        if own in rules.WRITERS or own in rules.READERS or own == "Bash" or own.startswith("mcp__"):
            return own
        return _BY_KIND.get(self.kind) or own or brief(self.title, 60) or "tool"

    @property
    def command(self) -> str:
        """What a shell is told to run; empty where the protocol does not say it apart from the title."""
        told = self.input.get("command", self.input.get("cmd"))
        if type(told) is list and told and all(type(word) is str for word in told):
            return script_of(shlex.join(told))
        return text(told)

    @property
    def paths(self) -> tuple[str, ...]:
        """Files that it is about: those of its differences, else its locations."""
        content = [text(one.get("path")) for one in members(self._fields.get("content"))]
        places = [text(one.get("path")) for one in members(self._fields.get("locations"))]
        return tuple(dict.fromkeys(filter(None, content or places)))

    @property
    def is_told(self) -> bool:
        """Whether it says what it does, beyond that it begins."""
        return bool(self.input) or self.status not in ("", "pending") or bool(self.paths)

    def calls(self, cwd: str) -> tuple[dict[str, object], ...]:
        """The parameters that rules are held against; none: no rule covers it."""
        name = self.name
        if name == "Bash":
            if not self.command:
                return ()
            extra = {key: value for key, value in self.input.items() if key not in ("command", "cmd")}
            if extra.get("cwd") in (cwd, None):
                extra.pop("cwd", None)
            return ({**extra, "command": self.command},)
        if name in rules.WRITERS or name in rules.READERS:
            key = (rules.WRITERS | rules.READERS)[name]
            if key in self.input:
                return (self.input,)
            return tuple({key: path} for path in self.paths)
        if name == "WebFetch":
            return (self.input,) if self.input else ()
        return ({},) if self.own_name else ()

    def is_of(self, servers: tuple[ToolServer, ...]) -> bool:
        """Whether it is a tool of one of our own servers. A title alone proves it only where nothing else could be meant."""
        meta = member(self._fields.get("_meta"))
        source = text(member(member(meta.get("claudeCode")).get("mcpServer")).get("name"))
        own = self.own_name
        for server in servers:
            if own.startswith("mcp__") or source:
                if rules.is_of_server(own, f"mcp__{server.name}") and source in ("", server.name):
                    return True
            elif not own and self.kind not in _TOUCHES and not self.command and not self.paths:
                name = re.escape(server.name)
                shapes = rf"mcp(?:__|_|\.){name}(?:__|_|\.)\w+|\w+ \({name} MCP Server\)"
                if re.fullmatch(shapes, self.title):
                    return True
        return False

    def summary(self) -> str:
        return brief(self.command or named(self.paths) or self.title)

    def detail(self) -> str:
        """Everything that it would do, in full."""
        parts = [self.command] if self.command else []
        place = text(self.input.get("cwd"))
        parts += [f"in {place}"] if place else []
        differences = [
            _difference(one) for one in members(self._fields.get("content")) if one.get("type") == "diff"
        ]
        parts += differences
        if self.input and not self.command and not differences:
            parts.append(as_json(self.input))
        if self.title not in (self.command, ""):
            parts.insert(0, self.title)
        parts += [said for one in members(self._fields.get("content")) if (said := _said(one))]
        return "\n".join(parts)

    def started(self) -> ToolStarted:
        self.shown = True
        return ToolStarted(self.id, self.name, self.summary())

    def ended(self) -> ToolEnded:
        self.over = True
        ok = self.status == "completed"
        files = self.paths if ok and self.kind in ("edit", "delete", "move") else ()
        output = self._output()
        return ToolEnded(self.id, ok, brief(output), self.denied and not ok, files, output)

    def _output(self) -> str:
        raw = self._fields.get("rawOutput")
        told = text(raw) or text(member(member(raw).get("error")).get("message"))
        told = told or "\n".join(filter(None, map(_said, members(self._fields.get("content")))))
        return told or (as_json(raw) if raw is not None else "")


def _said(block: dict[str, Any]) -> str:
    return text(member(block.get("content")).get("text")) if block.get("type") == "content" else ""


def _difference(block: dict[str, Any]) -> str:
    """ "add PATH" and all of it, or what differs."""
    path, old, new = text(block.get("path")), block.get("oldText"), text(block.get("newText"))
    if type(old) is not str:
        return f"add {path}\n{new}"
    before, after = old.splitlines(), new.splitlines()
    if max(len(before), len(after)) > _MOST_LINES:
        return f"replace all of {path} by\n{new}"
    return "\n".join(difflib.unified_diff(before, after, f"{path} now", f"{path} then", lineterm=""))
