"""The adapter of `codex app-server`: threads, turns, items and approvals over JSON-RPC lines."""

from __future__ import annotations

import os.path
from typing import Any

from locust_tui import __version__

from . import codex_asking as asking
from .codex_command import WORKSPACE, app_server, taken_apart
from .codex_hearing import Hearing
from .codex_trouble import trouble_of, trouble_of_sentence
from .course import oversize, why_denied
from .jsonrpc import METHOD_NOT_FOUND, Id, Lines, Wire, answered, decode, member, text
from .rules import Resolve
from .vocabulary import (
    NO_REACTION,
    Activity,
    AgentEvent,
    AskKind,
    Failed,
    Granted,
    Job,
    Launch,
    Outgoing,
    Reaction,
    Trouble,
)

_UNWANTED = [
    "turn/diff/updated",
    "thread/readState/changed",
    "remoteControl/status/changed",
    "item/reasoning/textDelta",
]
"""Notifications that repeat what others say, the whole diff of a turn at every change among them."""


class CodexAdapter:
    """One thread of one `codex app-server`. Questions come to a person; what Codex may do alone is its sandbox's business.

    `resolve` sees through the links in a path before a rule about files is held against it.
    """

    def __init__(self, job: Job, resolve: Resolve = os.path.realpath) -> None:
        self.job = job
        self._resolve = resolve
        self._command = taken_apart(job.command)
        self._allow = job.allow
        self._lines = Lines()
        self._heard = Hearing(job.resume, job.model)
        self._said: dict[str, str] = {}
        self._waiting: list[str] = []
        self._taken: set[str] = set()
        self._not_taken: set[str] = set()
        self._starting = False
        self._stops = False

    def launch(self) -> Launch:
        return app_server(self.job)

    def begin(self) -> Reaction:
        info = {"name": "locust-tui", "title": "locust-tui", "version": __version__}
        capabilities = {"experimentalApi": True, "optOutNotificationMethods": _UNWANTED}
        return _sent(self._lines.request("initialize", {"clientInfo": info, "capabilities": capabilities}))

    def answer(self, id: str, choice: str, note: str = "") -> Reaction:
        request = self._heard.pending.pop(id, None)
        if request is None:
            return NO_REACTION
        if choice == "always" and request.wants.rule:
            self._allow = (*self._allow, request.wants.rule)
        events: tuple[AgentEvent, ...] = ()
        if not self._heard.pending:
            events = self._heard.course.turn(Activity.WORKING)
        told = self._lines.answer(request.id, asking.reply(request, choice, note))
        because: tuple[Outgoing, ...] = ()
        if note and choice == "deny" and request.wants.kind is AskKind.PERMISSION:
            because = self.say(why_denied(request.wants.what, note), f"note:{id}").send
        return Reaction(events, (told, *because))

    def say(self, text: str, key: str) -> Reaction:
        if key in self._taken:
            return NO_REACTION
        self._said[key] = text
        if not self._heard.ready or self._starting:
            self._waiting.append(key)
            return NO_REACTION
        if key in self._not_taken:
            return _sent(self._start(text, f"{key}:again"))
        if not self._heard.turn:
            return _sent(self._start(text, key))
        params = {"threadId": self._heard.thread, "expectedTurnId": self._heard.turn, "input": _input(text)}
        return _sent(self._lines.request("turn/steer", params, key, f"say:{key}"))

    def interrupt(self) -> Reaction:
        turn = self._heard.turn
        self._stops = self._starting and not turn
        if not turn:
            return NO_REACTION
        return _sent(
            self._lines.request("turn/interrupt", {"threadId": self._heard.thread, "turnId": turn}, turn)
        )

    def finish(self) -> Reaction:
        return NO_REACTION

    def feed(self, line: bytes) -> Reaction:
        wire = decode(line)
        if wire is None:
            return NO_REACTION
        self._heard.course.spoke = True
        if not wire.method:
            return self._answered(wire)
        if wire.id is not None:
            return self._asked(wire.id, wire.method, member(wire.params))
        events = self._heard.notified(wire.method, member(wire.params))
        return Reaction(events) if events else NO_REACTION

    def feed_oversize(self, size: int) -> Reaction:
        return Reaction((oversize(size),))

    def _answered(self, wire: Wire) -> Reaction:
        method, key = answered(wire)
        result, error = member(wire.result), member(wire.error)
        message = text(error.get("message")) or "it gave no reason"
        if method == "initialize":
            return self._fatal(message) if error else self._greeted(result)
        if method in ("thread/start", "thread/resume"):
            return self._fatal(message) if error else self._opened(member(result.get("thread")), result)
        if method in ("turn/start", "turn/steer") and not error:
            self._taken.add(key.removesuffix(":again"))
        if method == "turn/start":
            return self._turn_answered(member(result.get("turn")), error, message)
        return self._steered_too_late(key, message) if method == "turn/steer" and error else NO_REACTION

    def _turn_answered(self, turn: dict[str, Any], error: dict[str, Any], message: str) -> Reaction:
        self._starting = False
        if error:
            trouble = trouble_of(member(error.get("data")).get("codexErrorInfo"), message)
            events = self._heard.course.end(trouble, message)
        else:
            events = self._heard.began(turn)
        stop = self.interrupt().send if self._stops else ()
        waiting, self._waiting = self._waiting, []
        send = tuple(one for key in waiting for one in self.say(self._said[key], key).send)
        return Reaction(events, (*stop, *send))

    def _steered_too_late(self, key: str, message: str) -> Reaction:
        """The turn was over by then: the message begins one of its own, under a key of its own."""
        self._not_taken.add(key)
        if (words := self._said.get(key)) is not None:
            return _sent(self._start(words, f"{key}:again"))
        return Reaction((Failed(Trouble.PROTOCOL, f"codex did not take a message: {message}"),))

    def _fatal(self, message: str) -> Reaction:
        trouble = trouble_of_sentence(message)
        trouble = Trouble.PROTOCOL if trouble is Trouble.UNKNOWN else trouble
        return Reaction((self._heard.course.fail(trouble, f"codex refused to begin: {message}"),))

    def _greeted(self, result: dict[str, Any]) -> Reaction:
        self._heard.version = text(result.get("userAgent")).partition("/")[2].partition(" ")[0]
        return _sent(self._lines.notify("initialized"), self._open())

    def _open(self) -> Outgoing:
        """A thread as the plan's command says; where it says nothing, one that asks before whatever is not known as harmless."""
        params: dict[str, Any] = {"cwd": self.job.cwd}
        given, configured = self._command.value, self._command.configures
        if policy := given("--ask-for-approval") or ("" if configured("approval_policy") else "untrusted"):
            params["approvalPolicy"] = policy
        if sandbox := given("--sandbox") or ("" if configured("sandbox_mode") else WORKSPACE):
            params["sandbox"] = sandbox
        if model := given("--model") or self.job.model:
            params["model"] = model
        if not self.job.resume:
            return self._lines.request("thread/start", params)
        return self._lines.request(
            "thread/resume", params | {"threadId": self.job.resume, "excludeTurns": True}
        )

    def _opened(self, thread: dict[str, Any], result: dict[str, Any]) -> Reaction:
        heard = self._heard
        heard.thread = text(thread.get("id")) or heard.thread
        if not heard.thread:
            return self._fatal("it named no thread")
        if heard.ready:
            return NO_REACTION
        heard.model = text(result.get("model")) or heard.model
        heard.version = text(thread.get("cliVersion")) or heard.version
        heard.ready = True
        prompt = self._command.prompt(self.job)
        if prompt:
            return Reaction((heard.introduced(),), (self._start(prompt, "prompt", "prompt"),))
        waiting, self._waiting = self._waiting, []
        send = tuple(one for key in waiting for one in self.say(self._said[key], key).send)
        return Reaction((heard.introduced(),), send)

    def _start(self, words: str, key: str, name: str = "") -> Outgoing:
        self._starting = True
        params = {"threadId": self._heard.thread, "input": _input(words)}
        return self._lines.request("turn/start", params, key, name or f"say:{key}")

    def _asked(self, id: Id, method: str, params: dict[str, Any]) -> Reaction:
        if method not in asking.KNOWN:
            return _sent(self._lines.refuse(id, METHOD_NOT_FOUND, f"locust-tui does not know {method}"))
        item = self._heard.items.get(text(params.get("itemId")), {})
        request = asking.read(id, method, params, item, self.job, self._resolve)
        rule = request.granted_by(self._allow, self.job.cwd, self._resolve)
        if rule or asking.is_ours(request, self.job):
            wants = request.wants
            events = (Granted(wants.id, wants.tool, wants.what, rule),) if rule else ()
            return Reaction(events, (self._lines.answer(id, asking.reply(request, "allow", "")),))
        self._heard.pending[request.wants.id] = request
        return Reaction((request.wants, *self._heard.course.turn(Activity.WAITING, request.wants.what)))

    @property
    def resumable(self) -> str:
        return self._heard.thread

    @property
    def spoke(self) -> bool:
        return self._heard.course.spoke

    def verdict(self, exit_code: int | None, signal: int | None, stderr: str) -> tuple[bool, str]:
        return self._heard.course.verdict(exit_code, signal, stderr)


def _input(words: str) -> list[dict[str, str]]:
    return [{"type": "text", "text": words}]


def _sent(*messages: Outgoing) -> Reaction:
    return Reaction(send=messages)
