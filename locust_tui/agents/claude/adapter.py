"""Claude Code over its stream-json control protocol, as a pure state machine over lines."""

from __future__ import annotations

import os.path
from collections.abc import Callable

from ..rules import Resolve
from ..vocabulary import (
    NO_REACTION,
    REFUSALS,
    Activity,
    AgentEvent,
    Failed,
    Job,
    Launch,
    LimitHeard,
    Outgoing,
    Reaction,
    Retrying,
    Trouble,
    TurnEnded,
)
from . import faults, speaking
from .activity import ActivityWatch
from .asking import Asking
from .decoding import decode
from .launch import launch, take_apart
from .messages import Messages
from .session import Session
from .spending import Spending
from .torn import TornLines
from .verdict import verdict
from .wire import SPOKEN, AuthStatus, Control, Head, RateLimit, Result, Spoken, StreamEvent, System
from .words import one_line, parameters_of, what


class ClaudeAdapter:
    """One conversation with Claude Code. `resolve` is how a path is seen through symbolic links."""

    def __init__(self, job: Job, resolve: Resolve = os.path.realpath) -> None:
        self.job = job
        self._asking = Asking(job, resolve)
        self._activity = ActivityWatch()
        self._messages = Messages(job, self._asking)
        self._spending = Spending()
        self._session = Session(job)
        self._torn = TornLines()
        self._told_torn = False
        self._spoke = False
        self._turns = 0
        self._open = False
        self._last: TurnEnded | None = None
        self._limit: LimitHeard | None = None
        self._refusal: tuple[Trouble, str] | None = None
        """Why the service refused it in this turn, over and over: that ends a turn that is then interrupted."""
        self._of_type: dict[str, Callable[[bytes, Head], Reaction]] = {
            "assistant": self._on_assistant,
            "user": self._on_user,
            "stream_event": self._on_stream,
            "system": self._on_system,
            "result": self._on_result,
            "rate_limit_event": self._on_limit,
            "control_request": self._on_control,
            "control_cancel_request": self._on_cancel,
            "control_response": self._on_response,
            "auth_status": self._on_auth,
        }

    # what it sends

    def launch(self) -> Launch:
        return launch(self.job)

    def begin(self) -> Reaction:
        prompt = take_apart(self.job).prompt
        return Reaction(send=(speaking.handshake(), speaking.user(self.job.run, prompt, "prompt")))

    def answer(self, id: str, choice: str, note: str = "") -> Reaction:
        return self._asking.answered(id, choice, note)

    def say(self, text: str, key: str) -> Reaction:
        self._open = True
        return Reaction(send=(speaking.user(self.job.run, text, key),))

    def interrupt(self) -> Reaction:
        return Reaction(send=(speaking.interrupt(self._turns),))

    def finish(self) -> Reaction:
        return NO_REACTION

    # what it hears

    def feed(self, line: bytes) -> Reaction:
        head = decode(Head, line) if line.startswith(b"{") else None
        if head is None:
            return self._not_a_message(line)
        if head.type in SPOKEN:
            self._spoke = True
        handle = self._of_type.get(head.type)
        return NO_REACTION if handle is None else handle(line, head)

    def feed_oversize(self, size: int) -> Reaction:
        message = f"a line of {size / 1e6:.0f} MB is too long to be read, and was passed over"
        return Reaction((Failed(Trouble.PROTOCOL, message),))

    @property
    def resumable(self) -> str:
        return self._session.id if self._session.kept else ""

    @property
    def spoke(self) -> bool:
        return self._spoke

    def verdict(self, exit_code: int | None, signal: int | None, stderr: str) -> tuple[bool, str]:
        last = self._last if self._spoke else None
        return verdict(last, self._spoke, self._open, self._torn.count, exit_code, signal, stderr)

    def _not_a_message(self, line: bytes) -> Reaction:
        """A line that is none: other output, or one that was torn."""
        if not self._spoke and not line.startswith(b"{"):
            return NO_REACTION
        events: tuple[AgentEvent, ...] = ()
        send: tuple[Outgoing, ...] = ()
        for whole in self._torn.whole_lines(line):
            reaction = self.feed(whole)
            events, send = events + reaction.events, send + reaction.send
        if self._torn.count == 1 and not self._told_torn:
            self._told_torn = True
            start = one_line(line[:80].decode("utf-8", "replace"))
            events += (Failed(Trouble.PROTOCOL, f"a line cannot be read as JSON: {start}"),)
        return Reaction(events, send)

    def _on_assistant(self, line: bytes, head: Head) -> Reaction:
        said = decode(Spoken, line)
        if said is None:
            return NO_REACTION
        self._open = self._session.kept = True
        return Reaction(self._activity.turn_goes_on() + self._messages.of_agent(said))

    def _on_user(self, line: bytes, head: Head) -> Reaction:
        said = decode(Spoken, line)
        return NO_REACTION if said is None else Reaction(self._messages.of_user(said))

    def _on_stream(self, line: bytes, head: Head) -> Reaction:
        said = decode(StreamEvent, line)
        if said is None:
            return NO_REACTION
        events = self._messages.of_stream(said)
        return Reaction(self._activity.turn_goes_on() + events) if events else NO_REACTION

    def _on_system(self, line: bytes, head: Head) -> Reaction:
        subtype = head.subtype or ""
        if subtype == "session_state_changed":
            said = decode(System, line)
            if said is None:
                return NO_REACTION
            self._session.known_as(said.session_id)
            self._open = self._open or said.state == "running"
            return Reaction(self._activity.state(said.state))
        if subtype not in _HEARD:
            return NO_REACTION
        said = decode(System, line)
        if said is None:
            return NO_REACTION
        if subtype == "init":
            self._open = True
            return Reaction(self._session.initialised(said))
        if subtype == "api_retry":
            retrying = self._session.retrying(said)
            for event in retrying:
                if isinstance(event, Retrying) and event.trouble in REFUSALS:
                    self._refusal = event.trouble, event.message or event.trouble.value
            return Reaction(retrying + self._activity.now(Activity.RETRYING))
        if subtype == "permission_denied":
            self._asking.refused.add(said.tool_use_id or "")
            return NO_REACTION
        return Reaction(self._activity.task(said, subtype))

    def _on_limit(self, line: bytes, head: Head) -> Reaction:
        event = decode(RateLimit, line)
        if event is None or event.info is None:
            return NO_REACTION
        heard = faults.limit_of(event.info)
        self._limit = heard if heard.reached else None
        return Reaction((heard,))

    def _on_control(self, line: bytes, head: Head) -> Reaction:
        control = decode(Control, line)
        if control is None or not control.request_id:
            return NO_REACTION
        reaction = self._asking.asked(control)
        waiting = self._activity.now(Activity.WAITING) if self._asking.waiting else ()
        return Reaction(reaction.events + waiting, reaction.send)

    def _on_cancel(self, line: bytes, head: Head) -> Reaction:
        control = decode(Control, line)
        if control is None:
            return NO_REACTION
        return Reaction(self._asking.taken_back(control.request_id, "the agent needs it no more"))

    def _on_response(self, line: bytes, head: Head) -> Reaction:
        control = decode(Control, line)
        answer = control.response if control is not None else None
        if answer is None or answer.subtype != "error":
            return NO_REACTION
        return Reaction((Failed(Trouble.PROTOCOL, f"{answer.request_id} was refused: {answer.error}"),))

    def _on_auth(self, line: bytes, head: Head) -> Reaction:
        said = decode(AuthStatus, line)
        if said is None or not said.error:
            return NO_REACTION
        return Reaction((Failed(Trouble.AUTH, one_line(said.error), fatal=True),))

    def _on_result(self, line: bytes, head: Head) -> Reaction:
        result = decode(Result, line)
        if result is None:
            return NO_REACTION
        self._turns, self._open = self._turns + 1, False
        self._session.known_as(result.session_id)
        self._session.kept = True
        ended, heard = self._ended(result)
        self._last = ended
        self._limit = self._refusal = None
        used = self._spending.of_result(result)
        return Reaction(
            (
                *self._asking.all_taken_back("its turn ended"),
                *self._messages.turn_ended(),
                *((heard,) if heard is not None else ()),
                *((used,) if used is not None else ()),
                ended,
                *self._activity.turn_ended(),
            )
        )

    def _ended(self, result: Result) -> tuple[TurnEnded, LimitHeard | None]:
        denials = tuple(
            what(denial.tool_name, parameters_of(denial.tool_input), self.job.cwd)
            for denial in result.permission_denials or ()
        )
        text = faults.words_of(result)
        if result.is_error is False and result.subtype == "success" and result.stop_reason != "refusal":
            return TurnEnded(True, text, denials=denials), None
        said = self._messages.complaint
        trouble = faults.of_turn(result, said, self._limit is not None)
        if trouble is Trouble.INTERRUPTED:
            trouble, text = self._refusal or (trouble, "interrupted")
        heard = None
        limit = self._limit
        if trouble is Trouble.USAGE_LIMIT and limit is None:
            limit = heard = faults.limit_told(said, text)
        resets = limit.resets_at if trouble is Trouble.USAGE_LIMIT and limit is not None else None
        return TurnEnded(False, text, trouble, resets, denials), heard


_HEARD = frozenset(
    {
        "init",
        "api_retry",
        "permission_denied",
        "task_started",
        "task_updated",
        "task_notification",
        "background_tasks_changed",
    }
)
