"""Where every workstream, gate and milestone lies in time: as planned, as it went, as it is expected, and how far it may slip.

Positions are plan weeks since the start of week 1: week 3 is 2.0 to 3.0. Only working days pass in them; in a plan
without dates, every day does.
"""

from __future__ import annotations

from enum import StrEnum

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.plan import Calendar
from locust_tui.domain.states import GateState, PhaseState, WorkstreamState

NEAR_WEEKS = 1.0
"""Float up to which work counts as near-critical."""
TOLERANCE_DAYS = 2.0
"""Working days by which an end may differ from the planned one and count as on schedule."""


class Driver(StrEnum):
    """What fixes the expected start of a piece of work, or its end where that waits for others."""

    START = "start"
    """The start of the plan: it could not begin earlier."""
    NOW = "now"
    """Nothing holds it back but that it has not begun."""
    DATE = "date"
    """Its planned week: the plan starts nothing before it."""
    NEEDS = "needs"
    """What `driven_by` names."""
    DONE = "done"
    """It has begun: its start is on record."""


@dataclass(frozen=True, slots=True)
class Span:
    start: float
    end: float

    @property
    def weeks(self) -> float:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Band:
    """Percentiles of a simulated date, plan weeks."""

    p50: float
    p85: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One workstream. Spans and floats are None where they cannot be told: no dates in the plan, not begun, out of scope."""

    id: str
    name: str
    phase: str | None
    orchestrator: str | None
    state: WorkstreamState
    verified: float
    """Points."""
    planned: Span | None = None
    actual: Span | None = None
    """From its first start to its acceptance, to where it failed or was cancelled, or to now."""
    done: bool = False
    expected: Span | None = None
    """By the network and what has happened; what is done stays as it was."""
    latest: Span | None = None
    """Latest start and end that keep the expected end of the plan; None once it is done."""
    float_weeks: float | None = None
    """Total float: how far it may slip without moving the end of the plan."""
    free_weeks: float | None = None
    """Free float: how far it may slip without moving anything else."""
    needs_float: float | None = None
    """Total float by needs alone, without what shut phase gates hold: what status and critical-path say."""
    critical: bool = False
    """Unfinished and without float."""
    near: bool = False
    """Not critical, and no more than a week of float."""
    driving: bool = False
    """On the path that fixes the end."""
    driver: Driver = Driver.START
    driven_by: tuple[str, ...] = ()
    """Workstreams, gates and milestones that fix its start, or its end; once it has begun: that it waited for last."""
    waits: bool = False
    """Its own work ends earlier than it may be accepted: it waits for the end of what it needs, or a gate."""
    deviation_days: float | None = None
    """Working days that its end, actual or else expected, lies after the planned one; negative: before it."""
    start_days: float | None = None
    """The same of its start."""
    caused_days: float = 0.0
    """Working days that starts of its successors lie after their planned ones because of it, added up."""
    moves: tuple[str, ...] = ()
    """Workstreams, gates and milestones expected later than planned because of it; `END` where the plan's end is. The
    first of them, where there are very many."""
    moves_count: int = 0
    band: Band | None = None
    """Simulated end, where a forecast was given."""

    @property
    def on_schedule(self) -> bool | None:
        """Whether its end, actual or expected, lies within `TOLERANCE_DAYS` of the planned one."""
        return None if self.deviation_days is None else abs(self.deviation_days) <= TOLERANCE_DAYS + 1e-6


END = "end"
"""Stands for the end of the plan among what a workstream moves, and among the bands of a forecast."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A gate or a milestone."""

    id: str
    name: str
    kind: str
    """gate, milestone"""
    due: float | None = None
    """End of its planned week."""
    expected: float | None = None
    """By the network; None once it is reached, or in a plan without dates."""
    reached: float | None = None
    """When the gate was decided to open, or the milestone's last need was met."""
    state: GateState | None = None
    """Of a gate."""
    on_time: bool | None = None
    """Reached by its due date; False also when that has passed; None while it lies ahead."""
    late_days: float | None = None
    """Working days after its due date that it was, or is expected to be, reached; negative: before it."""
    phase: str | None = None
    """Phase that the gate closes."""
    driven_by: tuple[str, ...] = ()
    band: Band | None = None


@dataclass(frozen=True, slots=True)
class PhaseSpan:
    id: str
    name: str
    state: PhaseState
    planned: Span | None
    expected: Span | None
    """From the earliest start to the latest end of its workstreams in scope."""


@dataclass(frozen=True, slots=True)
class Link:
    """One need: `target` waits for `source`."""

    source: str
    target: str
    condition: str
    met: bool
    dead: bool
    """Its source was cancelled or deferred before it was met: nothing moves by itself."""
    why: str
    """Its state in words."""
    lag_weeks: float
    """From the start of the source to where the need is met, for partial needs; else 0."""
    float_weeks: float | None
    """How much later it may be met without moving the end; None once it is met, or without dates."""
    delay_days: float | None
    """Working days that it was, or is expected to be, met after the planned moment."""
    drives: bool
    """It fixes the expected start of what waits."""
    crosses: bool
    """Its ends belong to different orchestrators."""


@dataclass(frozen=True, slots=True)
class Timeline:
    bars: tuple[Bar, ...]
    """In plan order."""
    marks: tuple[Mark, ...]
    """Gates, then milestones, in plan order."""
    phases: tuple[PhaseSpan, ...]
    links: tuple[Link, ...]
    """Needs of workstreams, in plan order."""
    path: tuple[str, ...]
    """Workstreams that fix the end, first to last."""
    driven_by_date: bool
    """The path begins at a date, and not with the start of the plan or now."""
    end: float | None
    """Expected end of the plan; None in a plan without dates."""
    planned_end: float | None
    """Last planned week of any workstream."""
    window: tuple[float, float] | None
    """Acceptable end: earliest and latest plan week."""
    now: float | None
    """None before the first start."""
    start: float | None
    """First moment of week 1, seconds since the epoch; None before the first start of a plan without a date."""
    calendar: Calendar
    ready: tuple[str, ...] = ()
    """Not begun, and every need is met."""
    holds: tuple[tuple[str, str], ...] = ()
    """(workstream, why) of those among `ready` that a shut gate, a planned week or a person holds back."""
    band: Band | None = None
    """Simulated end of the plan."""
    gates: bool = True
    """Shut phase gates hold what they hold in expected dates and floats."""
    reason: str = ""
    """Why dates and floats are missing."""

    @property
    def days(self) -> int:
        """Working days of a plan week."""
        return len(self.calendar.workdays) or 5

    def bar(self, id: str) -> Bar | None:
        return next((bar for bar in self.bars if bar.id == id), None)

    def mark(self, id: str) -> Mark | None:
        return next((mark for mark in self.marks if mark.id == id), None)
