"""Moments of the record: points in it, what is otherwise between two of them, and what happened along the way."""

from __future__ import annotations

from enum import StrEnum

from locust_tui.domain.dataclass import dataclass


class Sense(StrEnum):
    """What a change means for the plan."""

    GOOD = "good"
    BAD = "bad"
    YOU = "you"
    """A person is needed."""
    PLAIN = "plain"


class Group(StrEnum):
    """What changes are about; the most important first."""

    GATES = "gates"
    FAILURES = "failures"
    WORK = "work"
    WAITING = "waiting"
    PLAN = "plan"
    FIGURES = "figures"
    KPIS = "kpis"
    CRITERIA = "criteria"
    RISKS = "risks"
    EXCHANGE = "exchange"
    """Questions, answers, escalations, messages."""
    RUNS = "runs"
    WORKER = "worker"


@dataclass(frozen=True, slots=True)
class Moment:
    """A point of the record: everything up to `revision`, looked at `at` (seconds since the epoch)."""

    revision: int
    at: float
    week: int = 0
    """Plan week of `at`; 0 before the start."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is otherwise at the later moment."""

    group: Group
    subject: str
    """Id of the workstream, gate, run, criterion, risk or item; empty: the plan as a whole."""
    words: str
    """What it is about: the subject's name, a criterion's, what was asked."""
    before: str
    """How it stood, in one or two words; empty: it was not there."""
    after: str
    """How it stands; empty: it is there no more."""
    sense: Sense = Sense.PLAIN
    by: str = ""
    """Person, run or "worker" behind it, where one is recorded."""
    at: float | None = None
    """When it came to stand so; None where the record has no moment for it."""
    revision: int | None = None
    """Of the event that brought it there; None where no one event did."""
    note: str = ""
    """The reason or note that was recorded with it."""


@dataclass(frozen=True, slots=True)
class FigureChange:
    """One number at both moments; None where it could not be computed then."""

    name: str
    """progress, expected_progress, p50_week, p85_week, in_window, cost_usd, tokens, accepted; a KPI's id."""
    unit: str
    """points, week, $, tokens, or what the KPI is measured in; empty: a count."""
    before: float | None
    after: float | None
    sense: Sense = Sense.PLAIN
    target: str = ""
    """Of a KPI, in words."""

    @property
    def delta(self) -> float | None:
        return None if self.before is None or self.after is None else self.after - self.before


@dataclass(frozen=True, slots=True)
class Differences:
    """What is otherwise between two moments. Both `before` and `after` are of one record; `before` is the earlier."""

    before: Moment
    after: Moment
    changes: tuple[Change, ...] = ()
    """By group in the order of `Group`; in a group the worst first, then by revision."""
    figures: tuple[FigureChange, ...] = ()
    """The plan's numbers: all that could be computed at one of the moments, moved or not."""
    kpis: tuple[FigureChange, ...] = ()
    verdict_before: str = ""
    verdict_after: str = ""
    warnings: tuple[str, ...] = ()
    """Why the record may not tell everything of this time."""

    def of(self, group: Group) -> tuple[Change, ...]:
        return tuple(c for c in self.changes if c.group is group)

    @property
    def moved(self) -> tuple[FigureChange, ...]:
        """Figures and KPIs that are not what they were."""
        return tuple(f for f in (*self.figures, *self.kpis) if f.before != f.after)

    @property
    def empty(self) -> bool:
        """Nothing happened that a person would want to know."""
        return not self.changes and self.verdict_before == self.verdict_after


class MarkKind(StrEnum):
    """What stands out on a time axis; where several fall on one cell, the first of these is shown."""

    DEATH = "death"
    """A worker that came back without having said goodbye."""
    GAP = "gap"
    """The record was repaired here."""
    GATE = "gate"
    """A decision."""
    FAILED = "failed"
    PLAN = "plan"
    """Another plan came in force."""
    ACCEPTED = "accepted"
    START = "start"
    """The first attempt at a workstream."""
    WORKER = "worker"
    """A worker started or stopped."""


@dataclass(frozen=True, slots=True)
class Mark:
    """An event that stands out."""

    revision: int
    at: float
    kind: MarkKind
    subject: str
    words: str
    """One line: "WS-03 accepted by worker"."""


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """The whole record as a line: from its first event to its last."""

    first: Moment
    last: Moment
    marks: tuple[Mark, ...] = ()
    """By revision."""
    stamps: tuple[float, ...] = ()
    """When the record had come to each revision; that of revision r stands at r - 1. Never falling."""
    week_s: float = 604_800.0
    """Seconds of a plan week."""
    start: float | None = None
    """Where week 1 begins; None: it never started."""
    warnings: tuple[str, ...] = ()
