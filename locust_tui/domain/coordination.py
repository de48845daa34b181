"""What coordination has led to: additions to the plan, memory, messages, tasks, escalations, grants, risks, alerts, hooks."""

from __future__ import annotations

from collections.abc import Iterable

from locust_tui.domain.dataclass import dataclass

from .states import AlertState, RiskState, TaskState


@dataclass(frozen=True, slots=True)
class Addition:
    """A value that a command put into the plan, over what its file says there."""

    path: str
    value: str
    """JSON; empty: taken back."""
    at: float
    by: str


COMPUTED = "derived"
"""Who wrote a memory that nobody wrote: it is computed from the plan and its state whenever it is read."""


@dataclass(frozen=True, slots=True)
class MemoryEntry:
    key: str
    value: str
    """JSON text; empty: removed."""
    version: int
    at: float
    by: str


@dataclass(frozen=True, slots=True)
class MessageTry:
    """The latest attempt to deliver a message by one way that has not taken it."""

    way: str
    attempt: int
    at: float
    under_way: bool = False
    """Begun, and nobody has said yet what became of it."""


@dataclass(frozen=True, slots=True)
class MessageStatus:
    """One message to one address; what is sent to several is several messages with one `group`."""

    id: str
    to: str
    text: str
    sender: str
    sent: float
    reply_to: str = ""
    read: float | None = None
    reader: str = ""
    subject: str = ""
    channel: str = ""
    """The channel it was sent to, where it was; `to` is one of its members."""
    priority: str = "normal"
    group: str = ""
    dead: str = ""
    """Why it reaches nobody: it lies in the dead-letter box."""
    delivered: tuple[str, ...] = ()
    """Ways by which it has reached the address: inbox, bell, desktop, command, webhook:HOST …"""
    failed: tuple[str, ...] = ()
    """"WAY: why" of the ways that failed last."""
    acknowledged: float | None = None
    acknowledged_by: str = ""
    ways: tuple[str, ...] = ()
    """Those that it is to be delivered by."""
    tries: tuple[MessageTry, ...] = ()

    @property
    def state(self) -> str:
        """dead, acknowledged, read, delivered or queued."""
        if self.dead:
            return "dead"
        if self.acknowledged is not None:
            return "acknowledged"
        if self.read is not None:
            return "read"
        return "delivered" if self.delivered else "queued"


def oldest_first(messages: Iterable[MessageStatus]) -> list[MessageStatus]:
    """By when they were sent, those of one moment by their numbers."""
    return sorted(messages, key=lambda m: (m.sent, len(m.id), m.id))


@dataclass(frozen=True, slots=True)
class TaskStatus:
    id: str
    title: str
    assignee: str
    at: float
    by: str
    priority: str = "medium"
    description: str = ""
    source: str = ""
    agent_type: str = ""
    state: TaskState = TaskState.OPEN
    since: float | None = None
    note: str = ""
    due: str = ""


@dataclass(frozen=True, slots=True)
class EscalationReply:
    party: str
    by: str
    decision: str
    note: str
    at: float
    consequences: str = ""


@dataclass(frozen=True, slots=True)
class EscalationStatus:
    id: str
    kind: str
    subject: str
    what: str
    raised: float
    by: str
    detail: str = ""
    run: str = ""
    route: tuple[str, ...] = ()
    mode: str = "steps"
    within: float | None = None
    urgency: str = "medium"
    item: str = ""
    step: int = 0
    """Index into `route` of the party it waits for; in mode all it waits for everyone."""
    stepped: float | None = None
    due: float | None = None
    acknowledged: tuple[str, ...] = ()
    replies: tuple[EscalationReply, ...] = ()
    closed: float | None = None
    closed_why: str = ""
    decision: str = ""
    context: str = ""
    consequences: str = ""

    @property
    def open(self) -> bool:
        return self.closed is None

    @property
    def waits_for(self) -> tuple[str, ...]:
        """Parties whose answer is missing now."""
        if not self.open:
            return ()
        answered = {reply.party for reply in self.replies}
        asked = self.route if self.mode == "all" else self.route[self.step : self.step + 1]
        return tuple(party for party in asked if party not in answered)


@dataclass(frozen=True, slots=True)
class GrantStatus:
    """Slots that an orchestrator has beyond its pool, or an agent type beyond its cap."""

    item: str
    orchestrator: str
    count: int
    until: float | None = None
    agent_type: str = ""
    ended: str = ""
    """Why it counts no more."""


@dataclass(frozen=True, slots=True)
class RiskStatus:
    id: str
    state: RiskState = RiskState.OPEN
    since: float | None = None
    why: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class AlertStatus:
    """An alert rule at one scope."""

    key: str
    """ALERT/SCOPE"""
    alert: str
    scope: str
    state: AlertState
    since: float
    values: tuple[tuple[str, float | None], ...] = ()
    why: str = ""
    fired: int = 0
    """How often it has fired."""
    by: str = ""


@dataclass(frozen=True, slots=True)
class HookStatus:
    name: str
    runs: int = 0
    failures: int = 0
    missed: int = 0
    last: str = ""
    """The last trigger that was dealt with, run or missed."""
    last_at: float | None = None
    last_ok: bool | None = None
    said: str = ""
    seen: int = 0
    """Revision up to which events have been answered."""
    when: str = ""
    """The cron line or the event that it is armed for; empty: it is not."""
    since: float | None = None
    """When it was armed."""
    begun: str = ""
    """The trigger that a shell's lines run for since."""


@dataclass(frozen=True, slots=True)
class SuccessStatus:
    """The latest word of a person on a success check, or on what is looked at after the release."""

    check: str
    met: bool
    at: float
    by: str
    value: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReportStatus:
    """A scheduled report's latest file."""

    name: str
    week: int
    path: str
    due: str
    at: float
