"""A conversation with Claude Code's adapter, for the tests: a job, lines in, events out."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from locust_tui.agents.claude import ClaudeAdapter
from locust_tui.agents.vocabulary import AgentEvent, Job, Outgoing

E = TypeVar("E")
CWD = "/home/dev/work"


def job(**given: Any) -> Job:
    return Job(**{"run": "WS-01.1", "prompt": "do it", "cwd": CWD, "command": ("claude",), **given})


class Talk:
    def __init__(self, **given: Any) -> None:
        self.adapter = ClaudeAdapter(job(**given), resolve=lambda path: __import__("os").path.normpath(path))
        self.events: list[AgentEvent] = []
        self.sent: list[Outgoing] = []

    def hear(self, *lines: str | bytes | dict[str, Any]) -> list[AgentEvent]:
        """Feed lines; the events of these."""
        before = len(self.events)
        for line in lines:
            text = json.dumps(line) if isinstance(line, dict) else line
            reaction = self.adapter.feed(text.encode() if isinstance(text, str) else text)
            self.events += reaction.events
            self.sent += reaction.send
        return self.events[before:]

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    def answer(self, id: str, choice: str, note: str = "") -> list[dict[str, Any]]:
        """A person's word; what was sent because of it, or a question's next part."""
        reaction = self.adapter.answer(id, choice, note)
        self.events += reaction.events
        self.sent += reaction.send
        return [json.loads(message.line) for message in reaction.send]


def wants(tool: str, parameters: dict[str, Any], id: str = "req-1", **more: Any) -> dict[str, Any]:
    request = {
        "subtype": "can_use_tool",
        "tool_name": tool,
        "input": parameters,
        "tool_use_id": f"t-{id}",
        **more,
    }
    return {"type": "control_request", "request_id": id, "request": request}


def result(**more: Any) -> dict[str, Any]:
    return {"type": "result", "subtype": "success", "is_error": False, "result": "done", **more}
