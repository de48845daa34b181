"""Gates and criteria as they are shown."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass

from ..people import Decision
from ..states import CriterionState, GateState
from ..studies.baseline import PlanChange


@dataclass(frozen=True, slots=True)
class CriterionView:
    key: str
    id: str
    name: str
    kind: str
    """Kinds of its probes joined by "+"."""
    state: CriterionState
    must: bool
    value: float | None = None
    unit: str | None = None
    limit: float | None = None
    value_text: str = ""
    """For people: "11.2 ms", "2 of 3 files"."""
    limit_text: str = ""
    command: str | None = None
    exit_code: int | None = None
    commit: str | None = None
    at: float | None = None
    duration_s: float | None = None
    log: str | None = None
    detail: str = ""
    waits_for: str = ""
    """The role whose signature is missing."""
    waived_by: str = ""
    waiver: str = ""
    """Why it was set aside, and until when: "known, until 2026-12-01"."""
    signed_by: str = ""
    """Names of those who answered its question, while the gate counts their answers."""
    after: str = ""
    """It is looked at once this gate is open; "decision": once its own is decided."""


@dataclass(frozen=True, slots=True)
class ConditionView:
    """A condition of a Conditional Go that nobody has settled by a later decision."""

    text: str
    owner: str
    due: str
    overdue: bool


@dataclass(frozen=True, slots=True)
class GateView:
    id: str
    name: str
    state: GateState
    closes: str | None
    opens: str | None
    due_week: int | None
    mode: str
    reason: str
    decision: Decision | None
    decisions: int
    approvers: tuple[str, ...]
    min_approvals: int
    approved_by: tuple[str, ...]
    """Roles that said yes since the gate was last shut."""
    criteria: tuple[CriterionView, ...]
    passed: int
    """Criteria that passed; those set aside are counted apart."""
    waits_on: tuple[str, ...]
    """Workstreams and gates that must be accepted before it is due."""
    starts: tuple[str, ...]
    """Workstreams that would start when it opens."""
    evidence_digest: str
    """What a decision made from this view is bound to."""
    choices: tuple[str, ...]
    """Decisions that are possible now: go conditional hold recycle kill."""
    overdue: bool = False
    accepts: tuple[str, ...] = ()
    """Workstreams in review that nothing but this shut gate keeps from being accepted."""
    cancels: tuple[str, ...] = ()
    """Unfinished workstreams that a kill would cancel."""
    why_not: tuple[tuple[str, str], ...] = ()
    """(decision, why it is not possible now) of the others."""
    signs: tuple[str, ...] = ()
    """Names of the questions to a person that a Go answers along, whoever may give it."""
    open_conditions: tuple[ConditionView, ...] = ()
    waived: int = 0
    lapsed: tuple[str, ...] = ()
    """Yeses that count no more, each with why."""
    asked: tuple[str, ...] = ()
    """Conditions of the yeses that were given while more are missing: "boss: more docs, ana, due 2"."""
    changed: tuple[PlanChange, ...] = ()
    """What was changed of it since the start: criteria, limits, approvers, needs; oldest first, never forgotten."""
    late_days: float | None = None
    """Working days from the end of its week to its decision, or to now while it is overdue; negative: decided early."""
