"""What an agent tells by `session/update`: reduced to the common vocabulary. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import acp_trouble
from .acp_tools import ToolCall
from .course import Course
from .jsonrpc import member, members, number, text, whole
from .vocabulary import Activity, AgentEvent, LimitHeard, PlanStated, Said, ToolStarted, Trouble, Used

_PLAN = {"in_progress": "in-progress", "completed": "done"}
_Events = tuple[AgentEvent, ...]


class Hearing:
    """One session as its updates tell of it. While `loading` the past is told again, which is no news."""

    def __init__(self, program: str) -> None:
        self.course = Course(program)
        self.loading = False
        self._calls: dict[str, ToolCall] = {}
        self._over: set[str] = set()
        self._speaker = ("", "")
        self._tokens = (0, 0, 0)

    def updated(self, update: dict[str, Any]) -> _Events:
        """The events of one update; none for what says nothing new."""
        hear = _HEARD.get(text(update.get("sessionUpdate")))
        return () if hear is None or self.loading else hear(self, update)

    def call(self, update: dict[str, Any]) -> ToolCall:
        """The tool call of an update or of a request, whether it was announced or not."""
        id = text(update.get("toolCallId"))
        call = self._calls.get(id)
        if call is None:
            call = self._calls[id] = ToolCall(id)
        call.take(update)
        return call

    def shown(self, call: ToolCall) -> tuple[ToolStarted, ...]:
        """Its beginning, unless that was told."""
        return () if call.shown else (call.started(),)

    def at_work(self) -> _Events:
        """The agent works: on our prompt, or on one that another worker sent before it died."""
        if not self.course.under_way:
            self.course.begin(guessed=True)
        return self.course.turn(Activity.WORKING) if self.course.activity is not Activity.WAITING else ()

    def turn_over(self, result: dict[str, Any], error: dict[str, Any]) -> _Events:
        """The answer to a prompt: its turn is over, well or not."""
        self._calls.clear()
        self._speaker = ("", "")
        stop, used = text(result.get("stopReason")), self._used(result)
        if error:
            trouble, why = acp_trouble.read(error)
            limit = (LimitHeard(True, message=why),) if trouble is Trouble.USAGE_LIMIT else ()
            return (*used, *limit, *self.course.end(trouble, why))
        if stop == "end_turn":
            return (*used, *self.course.end())
        other = (Trouble.UNKNOWN, f"the turn ended as {stop or 'nothing known'}")
        return (*used, *self.course.end(*acp_trouble.STOPS.get(stop, other)))

    def _used(self, result: dict[str, Any]) -> tuple[Used, ...]:
        """Tokens of all turns so far; each answer tells those of its own."""
        usage = member(result.get("usage"))
        sent, written = whole(usage.get("inputTokens")), whole(usage.get("outputTokens"))
        if sent is None or written is None:
            return ()
        cached = (whole(usage.get("cachedReadTokens")) or 0) + (whole(usage.get("cachedWriteTokens")) or 0)
        total = whole(usage.get("totalTokens"))
        if total is not None and total < sent + written + cached:
            sent = max(0, sent - cached)  # this agent counts the cached ones as sent, too
        before = self._tokens
        self._tokens = (before[0] + sent, before[1] + written, before[2] + cached)
        return (Used(*self._tokens),)

    def _message(self, update: dict[str, Any], role: str) -> _Events:
        words = text(member(update.get("content")).get("text"))
        if not words:
            return ()
        speaker = (role, text(update.get("messageId")))
        goes_on, self._speaker = speaker == self._speaker, speaker
        if role == "user":
            return (Said(words, role, goes_on),)
        events = self.at_work()
        if role == "agent":
            self.course.words(words, goes_on)
        return (*events, Said(words, role, goes_on))

    def _agent_message(self, update: dict[str, Any]) -> _Events:
        return self._message(update, "agent")

    def _thought(self, update: dict[str, Any]) -> _Events:
        return self._message(update, "thought")

    def _user_message(self, update: dict[str, Any]) -> _Events:
        return self._message(update, "user")

    def _tool(self, update: dict[str, Any]) -> _Events:
        id = text(update.get("toolCallId"))
        if not id or id in self._over:
            return ()
        self._speaker = ("", "")
        call = self.call(update)
        if call.status in ("completed", "failed"):
            del self._calls[id]
            self._over.add(id)
            ended = call.ended()
            if ended.denied:
                self.course.deny(call.name)
            return (*self.at_work(), *self.shown(call), ended)
        return (*self.at_work(), *self.shown(call)) if call.is_told else self.at_work()

    def _plan(self, update: dict[str, Any]) -> _Events:
        self._speaker = ("", "")
        entries = members(update.get("entries"))
        steps = ((text(one.get("content")), _PLAN.get(text(one.get("status")), "pending")) for one in entries)
        return (*self.at_work(), PlanStated(tuple(steps)))

    def _usage(self, update: dict[str, Any]) -> _Events:
        cost, meta = member(update.get("cost")), member(update.get("_meta"))
        money = number(cost.get("amount")) if text(cost.get("currency")) == "USD" else None
        used, size = whole(update.get("used")), whole(update.get("size"))
        if money is None and used is None:
            return ()
        model = text(meta.get("_claude/model"))
        return (Used(cost_usd=money, context_used=used, context_size=size, model=model),)


_HEARD: dict[str, Callable[[Hearing, dict[str, Any]], _Events]] = {
    "agent_message_chunk": Hearing._agent_message,
    "agent_thought_chunk": Hearing._thought,
    "user_message_chunk": Hearing._user_message,
    "tool_call": Hearing._tool,
    "tool_call_update": Hearing._tool,
    "plan": Hearing._plan,
    "usage_update": Hearing._usage,
}
