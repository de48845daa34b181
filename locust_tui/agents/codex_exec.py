"""The adapter of `codex exec --json`: one turn per process, nobody is asked, errors are sentences."""

from __future__ import annotations

from typing import Any

import msgspec

from .codex_command import exec_, taken_apart
from .codex_items import ended, kind_of, started, todo_list, tool_of
from .codex_trouble import attempt_of, trouble_of_sentence
from .course import Course, how_it_ended, last_words, oversize
from .jsonrpc import brief, member, text, whole
from .vocabulary import (
    NO_REACTION,
    Activity,
    AgentEvent,
    Failed,
    Job,
    Launch,
    LimitHeard,
    Outgoing,
    Reaction,
    Retrying,
    Said,
    SessionStarted,
    Trouble,
    Used,
)

_read = msgspec.json.Decoder(dict[str, Any]).decode
_MODEL_WARNING = "Defaulting to fallback metadata"


class CodexExecAdapter:
    """One `codex exec`. It takes no message after the first, no answer, and no interruption but a signal.

    What a resumed one says it used is that of the whole session, with what earlier processes used.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self._course = Course("codex exec")
        self._session = ""
        self._tools: dict[str, str] = {}

    def launch(self) -> Launch:
        return exec_(self.job)

    def begin(self) -> Reaction:
        prompt = taken_apart(self.job.command).prompt(self.job)
        line = prompt.encode("utf-8", "replace") + b"\n"
        return Reaction(send=(Outgoing("prompt", line),), closes=True)

    def feed(self, line: bytes) -> Reaction:
        try:
            event = _read(line)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return NO_REACTION
        events = self._events(text(event.get("type")), event)
        return Reaction(events) if events else NO_REACTION

    def feed_oversize(self, size: int) -> Reaction:
        return Reaction((oversize(size),))

    def _events(self, kind: str, event: dict[str, Any]) -> tuple[AgentEvent, ...]:
        if kind in ("item.completed", "item.started", "item.updated"):
            self._course.spoke = True
            return self._item(kind, member(event.get("item")))
        if kind == "thread.started":
            self._course.spoke = True
            self._session = text(event.get("thread_id")) or self._session
            return (SessionStarted(self._session, self.job.model),)
        if kind == "turn.started":
            self._course.spoke = True
            self._course.begin()
            return self._course.turn(Activity.WORKING)
        if kind == "turn.completed":
            return (*self._used(member(event.get("usage"))), *self._course.end())
        if kind == "turn.failed":
            return self._failed(text(member(event.get("error")).get("message")))
        return self._error(text(event.get("message"))) if kind == "error" else ()

    def _item(self, kind: str, item: dict[str, Any]) -> tuple[AgentEvent, ...]:
        what, words = kind_of(item), text(item.get("text"))
        if what == "agentMessage":
            self._course.words(words)
            return (*self._course.turn(Activity.WORKING), Said(words)) if words else ()
        if what == "reasoning":
            return (Said(words, "thought"),) if words else ()
        if what == "todoList":
            return (todo_list(item),)
        if what == "error":
            message = text(item.get("message"))
            return () if _MODEL_WARNING in message else (Failed(Trouble.UNKNOWN, message),)
        tool, id = tool_of(item), text(item.get("id"))
        if tool is None or kind == "item.updated":
            return ()
        events: tuple[AgentEvent, ...] = self._course.turn(Activity.WORKING)
        if id not in self._tools:
            self._tools[id] = tool.name
            events = (*events, started(id, tool))
        if kind == "item.completed":
            self._tools.pop(id, None)
            over = ended(id, item, tool)
            if over.denied:
                self._course.deny(tool.name)
            events = (*events, over)
        return events

    def _error(self, message: str) -> tuple[AgentEvent, ...]:
        self._course.spoke = True
        if (attempt := attempt_of(message)) is None:
            return ()  # turn.failed says it again
        cause = message.partition("(")[2].removesuffix(")") or message
        retrying = Retrying(trouble_of_sentence(cause), *attempt, None, brief(cause))
        return (retrying, *self._course.turn(Activity.RETRYING, brief(cause)))

    def _failed(self, message: str) -> tuple[AgentEvent, ...]:
        self._course.spoke = True
        trouble = trouble_of_sentence(message)
        over = self._course.end(trouble, message or "codex said no reason")
        return (LimitHeard(True, message=message), *over) if trouble is Trouble.USAGE_LIMIT else over

    def _used(self, usage: dict[str, Any]) -> tuple[AgentEvent, ...]:
        self._course.spoke = True
        sent, written = whole(usage.get("input_tokens")), whole(usage.get("output_tokens"))
        if sent is None and written is None:
            return ()
        cached = (whole(usage.get("cached_input_tokens")) or 0) + (
            whole(usage.get("cache_write_input_tokens")) or 0
        )
        return (Used(None if sent is None else max(0, sent - cached), written, cached, model=self.job.model),)

    def answer(self, id: str, choice: str, note: str = "") -> Reaction:
        return NO_REACTION

    def say(self, text: str, key: str) -> Reaction:
        return Reaction(
            (Failed(Trouble.PROTOCOL, "codex exec takes no message while it runs: use mode: app-server"),)
        )

    def interrupt(self) -> Reaction:
        return NO_REACTION

    def finish(self) -> Reaction:
        return NO_REACTION

    @property
    def resumable(self) -> str:
        return self._session

    @property
    def spoke(self) -> bool:
        return self._course.spoke

    def verdict(self, exit_code: int | None, signal: int | None, stderr: str) -> tuple[bool, str]:
        ok, why = self._course.verdict(exit_code, signal, stderr)
        if ok and exit_code != 0:
            said = last_words(stderr)
            return False, f"codex exec {how_it_ended(exit_code, signal)} behind its turn" + (
                f": {said}" if said else ""
            )
        return ok, why
