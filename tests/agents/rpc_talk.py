"""Recorded conversations over JSON-RPC, told again to our adapters: what the agent wrote, under the ids that we would use."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from captured import conversation

from locust_tui.agents.adapter import Adapter
from locust_tui.agents.vocabulary import AgentEvent, Reaction

OPENING = {"initialize", "thread/start", "thread/resume", "session/new", "session/load", "session/set_mode"}
TURNS = {"turn/start", "session/prompt"}


@dataclass(frozen=True)
class Step:
    """What happens next: a line comes ("line"), or a person does something ("answer", "say", "interrupt")."""

    what: str
    line: bytes = b""
    id: str = ""
    text: str = ""


@dataclass
class Told:
    """One process's life: its first prompt, the session that it resumes, and the steps."""

    prompt: str = ""
    resume: str = ""
    cwd: str = "/home/dev/work"
    steps: list[Step] = field(default_factory=list)


def told(path: Path | str) -> list[Told]:
    """The processes of one capture, each from its beginning."""
    lives: list[_Telling] = []
    for entry in conversation(path):
        if entry.dir == "err":
            continue
        message = json.loads(entry.line)
        if entry.dir == "in" and message.get("method") == "initialize":
            lives.append(_Telling())
        lives[-1].hear(entry.dir, message)
    return [life.told for life in lives]


class _Telling:
    def __init__(self) -> None:
        self.told = Told()
        self._ids: dict[Any, str] = {}
        self._opens: dict[Any, dict[str, Any]] = {}
        self._options: dict[Any, dict[str, str]] = {}
        self._turns = 0

    def hear(self, direction: str, message: dict[str, Any]) -> None:
        if direction == "out":
            self._out(message)
        elif "method" not in message:
            self._reply(message)
        else:
            self._request(message)

    def _request(self, message: dict[str, Any]) -> None:
        method, id, params = message["method"], message.get("id"), message.get("params", {})
        if method in OPENING:
            self._ids[id], self._opens[id] = method, message
            self.told.resume = params.get("threadId") or (
                params.get("sessionId", "") if method == "session/load" else self.told.resume
            )
            self.told.cwd = params.get("cwd", self.told.cwd)
        elif method in TURNS:
            self._make_up_what_was_left_out(params)
            text = "".join(block["text"] for block in params.get("input", params.get("prompt")))
            key = f"m{self._turns}" if self._turns else "prompt"
            self._ids[id] = f"{method}:{key}"
            if self._turns:
                self.told.steps.append(Step("say", id=key, text=text))
            else:
                self.told.prompt = text
            self._turns += 1
        elif method in ("turn/interrupt", "session/cancel"):
            self._ids[id] = f"{method}:{params.get('turnId', '')}"
            self.told.steps.append(Step("interrupt"))

    def _make_up_what_was_left_out(self, params: dict[str, Any]) -> None:
        """Long lines were cut from some recordings, the answers that open a session among them."""
        results = {
            "initialize": {"protocolVersion": 1, "userAgent": "locust-tui/0.0 ()", "agentCapabilities": {"mcpCapabilities": {"http": True}}},
            "thread/start": {"thread": {"id": params.get("threadId")}},
            "session/new": {"sessionId": params.get("sessionId")},
        }  # fmt: skip
        for id, opened in list(self._opens.items()):
            self._out({"id": id, "result": results[opened["method"]]})

    def _reply(self, message: dict[str, Any]) -> None:
        result = message.get("result", {})
        option = (
            result.get("outcome", {}).get("optionId") if isinstance(result.get("outcome"), dict) else None
        )
        kind = self._options.get(message["id"], {}).get(option, "")
        word = result.get("decision") or result.get("action") or kind
        choice = "allow" if word.startswith(("accept", "allow")) else "deny"
        self.told.steps.append(Step("answer", id=str(message["id"]), text=choice))

    def _out(self, message: dict[str, Any]) -> None:
        if "method" not in message and message.get("id") in self._ids:
            self._opens.pop(message["id"], None)
            message = message | {"id": self._ids[message["id"]]}
        options = message.get("params", {}).get("options") if "method" in message else None
        if options:
            self._options[message["id"]] = {one["optionId"]: one["kind"] for one in options}
        self.told.steps.append(Step("line", json.dumps(message, ensure_ascii=False).encode()))


class Life:
    """One adapter that lives through steps. `keys`: of what it wanted to send by itself; `asked`: of what people had it send."""

    def __init__(self, adapter: Adapter) -> None:
        self.adapter = adapter
        self.events: list[AgentEvent] = []
        self.keys: list[str] = []
        self.asked: list[str] = []
        self.lines: dict[str, bytes] = {}
        self._take(adapter.begin(), self.keys)

    def live(self, steps: Iterable[Step]) -> Life:
        for step in steps:
            if step.what == "line":
                self._take(self.adapter.feed(step.line), self.keys)
            elif step.what == "answer":
                self._take(self.adapter.answer(step.id, step.text), self.asked)
            elif step.what == "say":
                self._take(self.adapter.say(step.text, step.id), self.asked)
            else:
                self._take(self.adapter.interrupt(), self.asked)
        return self

    def of(self, kind: type) -> Iterator[Any]:
        return (event for event in self.events if isinstance(event, kind))

    def _take(self, reaction: Reaction, keys: list[str]) -> None:
        self.events += reaction.events
        for message in reaction.send:
            keys.append(message.key)
            assert self.lines.setdefault(message.key, message.line) == message.line
            assert message.line.endswith(b"\n")
            assert message.line.count(b"\n") == 1


ODD = (
    None,
    True,
    -1,
    3,
    1e300,
    10**40,
    "",
    "x",
    "\n\x00",
    [],
    [None, {}, 3],
    {},
    {"type": "text", "text": 3},
    {"id": []},
)


def mangled(rng: Random, value: object) -> object:
    """The same shape with something else in some places."""
    if rng.random() < 0.06:
        return rng.choice(ODD)
    if isinstance(value, dict):
        return {name: mangled(rng, inner) for name, inner in value.items()}
    return [mangled(rng, inner) for inner in value] if isinstance(value, list) else value
