"""The adapter of the Agent Client Protocol, version 1: any agent that speaks it, by its command."""

from __future__ import annotations

import os.path
from typing import Any

from . import acp_asking, acp_trouble
from .acp_files import Files
from .acp_hearing import Hearing
from .acp_opening import opening, start
from .acp_settings import current_model, settings
from .acp_speech import SILENCE, SPEECH, Messages
from .course import oversize, why_denied
from .jsonrpc import (
    METHOD_NOT_FOUND,
    Id,
    Lines,
    Wire,
    answered,
    decode,
    member,
    members,
    text,
)
from .rules import Resolve
from .vocabulary import (
    NO_REACTION,
    Activity,
    AgentEvent,
    Failed,
    Granted,
    Job,
    Launch,
    LimitHeard,
    Outgoing,
    Reaction,
    SessionStarted,
    Trouble,
    WantsNoMore,
)

VERSION = 1


class AcpAdapter:
    """One session of one agent. Its messages queue up while a turn is under way: a session has one at a time.

    `resolve` sees through the links in a path before a rule about files is held against it. One that only `listens`,
    to make a transcript, sends nothing, and does without the protocol's own models.
    """

    def __init__(self, job: Job, resolve: Resolve = os.path.realpath, *, listens: bool = False) -> None:
        self.job = job
        self._resolve = resolve
        self._messages: Messages = SILENCE if listens else SPEECH
        self._allow = job.allow
        self._lines = Lines("2.0")
        self._heard = Hearing(os.path.basename(job.command[0]) if job.command else "the agent")
        self._session = job.resume
        self._can_load = False
        self._agent = ""
        self._auth = ""
        self._logins = ""
        self._ready = False
        self._busy = False
        self._cancelling = False
        self._pending: dict[str, acp_asking.Permission] = {}
        self._files = Files(job.cwd, self._lines, self._messages)
        self._waiting: list[tuple[str, str]] = []
        self._answered: set[str] = set()

    def launch(self) -> Launch:
        return start(self.job)

    def begin(self) -> Reaction:
        return _sent(self._lines.request("initialize", self._messages.initialize()))

    def answer(self, id: str, choice: str, note: str = "") -> Reaction:
        asked = self._pending.pop(id, None)
        if asked is None:
            return NO_REACTION
        if choice == "always" and asked.wants.rule:
            self._allow = (*self._allow, asked.wants.rule)
        if choice not in ("allow", "always"):
            asked.call.denied = True
            if note:
                self._waiting.append((why_denied(asked.wants.what, note), f"note:{id}"))
        events: tuple[AgentEvent, ...] = ()
        if not self._pending:
            events = self._heard.course.turn(Activity.WORKING)
        return Reaction(events, (self._decide(asked, choice),))

    def file_done(self, id: str, content: str | None = None, error: str = "") -> Reaction:
        """What was read, or None for what was written; with `error` it was not, and why."""
        return self._files.done(id, content, error)

    def say(self, text: str, key: str) -> Reaction:
        if key in self._answered:
            return NO_REACTION
        if not self._ready or self._busy:
            self._waiting.append((text, key))
            return NO_REACTION
        return _sent(self._prompt(text, key, f"say:{key}"))

    def interrupt(self) -> Reaction:
        if not self._heard.course.under_way or not self._session:
            return NO_REACTION
        self._cancelling = True
        gone, self._pending = self._pending, {}
        cancel = self._lines.notify(
            "session/cancel", self._messages.cancel(self._session), str(self._heard.course.ended)
        )
        replies = (self._lines.answer(one.id, self._messages.cancelled()) for one in gone.values())
        return Reaction(tuple(WantsNoMore(id, "the turn was interrupted") for id in gone), (cancel, *replies))

    def finish(self) -> Reaction:
        self._heard.course.closing = True
        return NO_REACTION

    def feed(self, line: bytes) -> Reaction:
        wire = decode(line)
        if wire is None:
            return NO_REACTION
        self._heard.course.spoke = True
        params = member(wire.params)
        if wire.method == "session/update":
            return self._updated(params)
        if wire.method and wire.id is not None:
            return self._asked(wire.id, wire.method, params)
        if wire.method == "_auth/status_update":
            self._auth = text(member(params.get("authStatus")).get("kind"))
        return NO_REACTION if wire.method else self._reply(wire)

    def feed_oversize(self, size: int) -> Reaction:
        return Reaction((oversize(size),))

    def _updated(self, params: dict[str, Any]) -> Reaction:
        session = text(params.get("sessionId"))
        if session and self._session and session != self._session:
            return NO_REACTION
        update = member(params.get("update"))
        gone: tuple[AgentEvent, ...] = ()
        if self._pending and text(update.get("status")) in ("completed", "failed"):
            gone = self._settled(text(update.get("toolCallId")))
        events = (*gone, *self._heard.updated(update))
        return Reaction(events) if events else NO_REACTION

    def _settled(self, call: str) -> tuple[AgentEvent, ...]:
        """A tool that is over waits for no permission: another worker gave the answer before it died."""
        over = [id for id, asked in self._pending.items() if asked.call.id == call]
        for id in over:
            del self._pending[id]
        back = self._heard.course.turn(Activity.WORKING) if over and not self._pending else ()
        return (*(WantsNoMore(id, "answered") for id in over), *back)

    # ---- what it asks

    def _asked(self, id: Id, method: str, params: dict[str, Any]) -> Reaction:
        if method == "session/request_permission":
            return self._permission(id, params)
        if method in ("fs/read_text_file", "fs/write_text_file"):
            return self._files.asked(id, params, method == "fs/read_text_file")
        return _sent(self._lines.refuse(id, METHOD_NOT_FOUND, f"locust-tui does not know {method}"))

    def _permission(self, id: Id, params: dict[str, Any]) -> Reaction:
        call = self._heard.call(member(params.get("toolCall")))
        begun = (*self._heard.at_work(), *self._heard.shown(call))
        asked = acp_asking.read(id, params, call, self.job, self._allow, self._resolve)
        if self._cancelling:
            return Reaction(begun, (self._lines.answer(id, self._messages.cancelled()),))
        if asked.rule or asked.ours:
            wants = asked.wants
            granted = (Granted(wants.id, wants.tool, wants.what, asked.rule),) if asked.rule else ()
            return Reaction((*begun, *granted), (self._decide(asked, "always"),))
        self._pending[asked.wants.id] = asked
        return Reaction((*begun, asked.wants, *self._heard.course.turn(Activity.WAITING, asked.wants.what)))

    def _decide(self, asked: acp_asking.Permission, choice: str) -> Outgoing:
        option = asked.option(choice)
        result = self._messages.cancelled() if option is None else self._messages.selected(option)
        return self._lines.answer(asked.id, result)

    # ---- what it answers

    def _reply(self, wire: Wire) -> Reaction:
        method, key = answered(wire)
        result, error = member(wire.result), member(wire.error)
        if method == "session/prompt":
            return self._turn_over(result, error, key)
        if method in ("session/set_config_option", "session/set_model") and error:
            return Reaction(
                (Failed(Trouble.MODEL, f"the model was not changed: {acp_trouble.read(error)[1]}"),)
            )
        if error and method in ("initialize", "session/new", "session/load"):
            trouble, why = acp_trouble.read(error)
            trouble = Trouble.PROTOCOL if trouble is Trouble.UNKNOWN else trouble
            if trouble is Trouble.AUTH and self._logins:
                why = f"{why}; log in with its own program first: it knows {self._logins}"
            limit = (LimitHeard(True, message=why),) if trouble is Trouble.USAGE_LIMIT else ()
            return Reaction((*limit, self._heard.course.fail(trouble, f"the agent did not begin: {why}")))
        if method == "initialize":
            return self._greeted(result)
        return self._opened(result) if method in ("session/new", "session/load") else NO_REACTION

    def _greeted(self, result: dict[str, Any]) -> Reaction:
        version = result.get("protocolVersion")
        if type(version) is not int or version != VERSION:
            said = f"version {version}" if type(version) is int else "no version"
            words = f"the agent speaks {said} of the Agent Client Protocol, not {VERSION}"
            return Reaction((self._heard.course.fail(Trouble.PROTOCOL, words),))
        info = member(result.get("agentInfo"))
        self._heard.course.program = (
            text(info.get("title")) or text(info.get("name")) or self._heard.course.program
        )
        logins = (text(one.get("name")) for one in members(result.get("authMethods")))
        self._logins = ", ".join(filter(None, logins))
        self._agent = " ".join(filter(None, (text(info.get("name")), text(info.get("version")))))
        able = member(result.get("agentCapabilities"))
        self._can_load = able.get("loadSession") is True
        events, request, loads = opening(able, self.job, self._lines, self._messages)
        self._heard.loading = loads
        self._session = self.job.resume if loads else ""
        return Reaction(events, (request,))

    def _opened(self, result: dict[str, Any]) -> Reaction:
        self._heard.loading = False
        self._session = text(result.get("sessionId")) or self._session
        if not self._session:
            return Reaction((self._heard.course.fail(Trouble.PROTOCOL, "the agent named no session"),))
        if self._ready:
            return NO_REACTION
        self._ready = True
        started = SessionStarted(
            self._session, current_model(result) or self.job.model, self._agent, self._auth
        )
        failed, send = settings(result, self.job, self._session, self._lines)
        if self.job.prompt:
            send = (*send, self._prompt(self.job.prompt, "prompt", "prompt"))
        else:
            send = (*send, *self._next())
        return Reaction((started, *failed, *self._heard.course.turn(self._heard.course.activity)), send)

    def _prompt(self, words: str, key: str, name: str) -> Outgoing:
        self._busy = True
        self._cancelling = False
        self._heard.course.begin()
        return self._lines.request("session/prompt", self._messages.prompt(self._session, words), key, name)

    def _next(self) -> tuple[Outgoing, ...]:
        """The oldest message that waits for the turn to be over."""
        if not self._waiting:
            return ()
        words, key = self._waiting.pop(0)
        return (self._prompt(words, key, f"say:{key}"),)

    def _turn_over(self, result: dict[str, Any], error: dict[str, Any], key: str) -> Reaction:
        if key in self._answered:
            return NO_REACTION
        self._answered.add(key)
        self._busy = self._cancelling = False
        gone = tuple(WantsNoMore(id, "the turn is over") for id in self._pending)
        self._pending.clear()
        over = (*gone, *self._heard.turn_over(result, error))
        following = self._next()
        goes_on = self._heard.course.turn(Activity.WORKING) if following else ()
        return Reaction((*over, *goes_on), following)

    @property
    def resumable(self) -> str:
        return self._session if self._can_load else ""

    @property
    def spoke(self) -> bool:
        return self._heard.course.spoke

    def verdict(self, exit_code: int | None, signal: int | None, stderr: str) -> tuple[bool, str]:
        return self._heard.course.verdict(exit_code, signal, stderr)


def _sent(*messages: Outgoing) -> Reaction:
    return Reaction(send=messages)
