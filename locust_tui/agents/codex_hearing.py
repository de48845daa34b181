"""What `codex app-server` tells of itself: its notifications reduced to the common vocabulary. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .codex_asking import Request
from .codex_items import ended, kind_of, started, tool_of
from .codex_trouble import attempt_of, trouble_of
from .codex_usage import Limits, Spending
from .course import Course
from .jsonrpc import brief, member, members, reference, text
from .vocabulary import (
    REFUSALS,
    Activity,
    AgentEvent,
    Failed,
    LimitHeard,
    PlanStated,
    Retrying,
    Said,
    SessionStarted,
    Trouble,
    WantsNoMore,
)

_PLAN = {"inProgress": "in-progress", "completed": "done"}
_Events = tuple[AgentEvent, ...]


class Hearing:
    """One thread as its notifications tell of it. `pending`: requests of theirs that wait for a person's word."""

    def __init__(self, thread: str, model: str) -> None:
        self.course = Course("codex")
        self.thread = thread
        self.turn = ""
        self.ready = False
        self.model = model
        self.version = ""
        self.pending: dict[str, Request] = {}
        self.items: dict[str, dict[str, Any]] = {}
        self._limits = Limits()
        self._spending = Spending(bool(thread))
        self._servers: dict[str, str] = {}
        self._message = ""
        self._refusal: tuple[Trouble, str] | None = None
        """Why the service refused it in this turn: that ends a turn that is then interrupted."""
        self._over: set[str] = set()

    def notified(self, method: str, params: dict[str, Any]) -> _Events:
        """The events of one notification; none for what says nothing new."""
        hear = _HEARD.get(method)
        if hear is None:
            return ()
        thread = text(params.get("threadId"))
        if not thread or not self.thread or thread == self.thread:
            return hear(self, params, "")
        # a thread that Codex itself started for a part of the work: only what it does is of interest
        return hear(self, params, thread) if method in ("item/started", "item/completed") else ()

    def introduced(self) -> SessionStarted:
        return SessionStarted(
            self.thread, self.model, self.version, tools=tuple(sorted(self._servers.items()))
        )

    def began(self, turn: dict[str, Any]) -> _Events:
        """A turn is under way, as its own notification or the answer to our request says, whichever comes first."""
        id = text(turn.get("id"))
        if not id or id == self.turn or id in self._over:
            return ()
        self.turn = id
        self.course.begin()
        return self.course.turn(Activity.WORKING)

    def _item_started(self, params: dict[str, Any], parent: str) -> _Events:
        item = member(params.get("item"))
        tool, id = tool_of(item), text(item.get("id"))
        if tool is None or id in self.items:
            return ()
        self.items[id] = item
        return (*self._at_work(), started(id, tool, parent))

    def _item_patched(self, params: dict[str, Any], _: str) -> _Events:
        if (item := self.items.get(text(params.get("itemId")))) is not None:
            item["changes"] = params.get("changes")
        return ()

    def _item_over(self, params: dict[str, Any], parent: str) -> _Events:
        item = member(params.get("item"))
        id, kind = text(item.get("id")), kind_of(item)
        if kind == "agentMessage":
            return self._message_over(id, text(item.get("text")), parent)
        if kind == "reasoning":
            thought = item.get("summary")
            words = "\n".join(map(text, thought)) if type(thought) is list else ""
            return (Said(words, "thought", parent=parent),) if words else ()
        tool = tool_of(item)
        if tool is None:
            return ()
        first = () if id in self.items else (started(id, tool, parent),)
        self.items.pop(id, None)
        over = ended(id, item, tool)
        if over.denied:
            self.course.deny(tool.name)
        return (*self._at_work(), *first, over)

    def _message_over(self, id: str, words: str, parent: str) -> _Events:
        if not parent:
            self.course.words(words)
        if not words or (id and id == self._message):
            return ()
        return (*self._at_work(), Said(words, parent=parent))

    def _message_grew(self, params: dict[str, Any], _: str) -> _Events:
        words, id = text(params.get("delta")), text(params.get("itemId"))
        if not words:
            return ()
        goes_on, self._message = id == self._message, id
        return (*self._at_work(), Said(words, delta=goes_on))

    def _at_work(self) -> _Events:
        """Something moved: whatever it retried came through."""
        return self.course.turn(Activity.WORKING) if self.course.activity is Activity.RETRYING else ()

    def _status(self, params: dict[str, Any], _: str) -> _Events:
        status = member(params.get("status"))
        kind, flags = text(status.get("type")), status.get("activeFlags")
        if kind == "idle":
            return self.course.turn(Activity.IDLE)
        if kind != "active":
            return ()
        waits = type(flags) is list and any(f in ("waitingOnApproval", "waitingOnUserInput") for f in flags)
        if waits and not self.pending:
            return ()  # the request itself says for what; one that a rule answered is not waited for
        return self.course.turn(Activity.WAITING if waits else Activity.WORKING)

    def _resolved(self, params: dict[str, Any], _: str) -> _Events:
        id = params.get("requestId")
        request = self.pending.pop(reference(id), None) if isinstance(id, int | str) else None
        return (WantsNoMore(request.wants.id, "answered"),) if request is not None else ()

    def _tokens(self, params: dict[str, Any], _: str) -> _Events:
        used = self._spending.used(
            member(params.get("tokenUsage")), self.model, self.course.ended > 0 or bool(self.turn)
        )
        return (used,) if used is not None else ()

    def _rate_limits(self, params: dict[str, Any], _: str) -> _Events:
        return self._limits.heard(member(params.get("rateLimits")))

    def _plan(self, params: dict[str, Any], _: str) -> _Events:
        steps = members(params.get("plan"))
        return (
            PlanStated(
                tuple((text(s.get("step")), _PLAN.get(text(s.get("status")), "pending")) for s in steps)
            ),
        )

    def _server(self, params: dict[str, Any], _: str) -> _Events:
        name, status = text(params.get("name")), text(params.get("status"))
        shown = {"ready": "connected", "starting": "pending"}.get(status, "failed")
        shown = "needs-auth" if text(params.get("failureReason")) == "reauthenticationRequired" else shown
        if not name or self._servers.get(name) == shown:
            return ()
        self._servers[name] = shown
        events: _Events = (self.introduced(),) if self.ready and shown != "pending" else ()
        if shown in ("failed", "needs-auth"):
            why = text(params.get("error")) or status
            trouble = Trouble.AUTH if shown == "needs-auth" else Trouble.PROTOCOL
            events = (*events, Failed(trouble, f"the tool server {name} did not start: {brief(why)}"))
        return events

    def _rerouted(self, params: dict[str, Any], _: str) -> _Events:
        self.model = text(params.get("toModel")) or self.model
        return ()

    def _error(self, params: dict[str, Any], _: str) -> _Events:
        error = member(params.get("error"))
        message, more = text(error.get("message")), text(error.get("additionalDetails"))
        trouble = trouble_of(error.get("codexErrorInfo"), more or message)
        if params.get("willRetry") is True:
            words = brief(more or message)
            if trouble in REFUSALS:
                self._refusal = trouble, words
            attempt, of = attempt_of(message) or (1, None)
            return (Retrying(trouble, attempt, of, None, words), *self.course.turn(Activity.RETRYING, words))
        if trouble is not Trouble.USAGE_LIMIT:
            return ()  # the turn's end says it again
        window, resets = self._limits.reached()
        return (LimitHeard(True, window, None, resets, message),)

    def _turn_started(self, params: dict[str, Any], _: str) -> _Events:
        return self.began(member(params.get("turn")))

    def _turn_over(self, params: dict[str, Any], _: str) -> _Events:
        turn = member(params.get("turn"))
        error, status = member(turn.get("error")), text(turn.get("status"))
        if status == "inProgress" or text(turn.get("id")) in self._over:
            return ()
        self._over.add(text(turn.get("id")))
        gone = tuple(WantsNoMore(one, "the turn is over") for one in self.pending)
        self.pending.clear()
        self.items.clear()
        self.turn = ""
        refusal, self._refusal = self._refusal, None
        message = text(error.get("message"))
        if status == "completed" and not error:
            return (*gone, *self.course.end())
        if status == "interrupted" and refusal is not None:
            return (*gone, *self.course.end(*refusal))
        if status == "interrupted":
            return (*gone, *self.course.end(Trouble.INTERRUPTED, message or "the turn was interrupted"))
        trouble = trouble_of(error.get("codexErrorInfo"), message)
        resets = self._limits.reached()[1] if trouble is Trouble.USAGE_LIMIT else None
        return (
            *gone,
            *self.course.end(trouble, message or f"the turn ended as {status or 'nothing known'}", resets),
        )


_HEARD: dict[str, Callable[[Hearing, dict[str, Any], str], _Events]] = {
    "item/started": Hearing._item_started,
    "item/completed": Hearing._item_over,
    "item/fileChange/patchUpdated": Hearing._item_patched,
    "item/agentMessage/delta": Hearing._message_grew,
    "thread/status/changed": Hearing._status,
    "thread/tokenUsage/updated": Hearing._tokens,
    "serverRequest/resolved": Hearing._resolved,
    "account/rateLimits/updated": Hearing._rate_limits,
    "turn/plan/updated": Hearing._plan,
    "turn/started": Hearing._turn_started,
    "turn/completed": Hearing._turn_over,
    "mcpServer/startupStatus/updated": Hearing._server,
    "model/rerouted": Hearing._rerouted,
    "error": Hearing._error,
}
