"""The weekly status report as values: built once from what the record says, then rendered in any format."""

from __future__ import annotations

import math

from locust_tui.domain.dataclass import dataclass

from ..domain.coordination import EscalationStatus, GrantStatus
from ..domain.states import Verdict
from ..domain.studies.report import ReportGround
from .adjustments import RequestLine

VERDICTS = {
    Verdict.YES: "Yes",
    Verdict.NO: "No",
    Verdict.AT_RISK: "At Risk",
    Verdict.UNKNOWN: "Unknown",
    Verdict.COMPLETE: "Complete",
    Verdict.NOT_STARTED: "Not Started",
}


@dataclass(frozen=True, slots=True)
class Domain:
    """One orchestrator's part, or the whole project where there is none."""

    id: str
    name: str
    phases: str
    """"1", "2-3", "1, 3"; empty without phases."""
    progress: float | None
    progress_before: float | None
    blockers: tuple[str, ...]
    next_week: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RiskLine:
    id: str
    risk: str
    mitigation: str
    score: float
    level: str
    state: str
    change: str
    """What is different from the last report: "new", "was medium"; empty when nothing is."""


@dataclass(frozen=True, slots=True)
class DecisionLine:
    item: str
    decision: str
    context: str


@dataclass(frozen=True, slots=True)
class StatusReport:
    """Points are 0 to 100; `at` is the moment the report speaks of, seconds since the epoch."""

    project: str
    short: str
    week: int
    at: float
    revision: int
    plan_digest: str
    phase: str
    completion: float | None
    completion_before: float | None
    """At the end of the week before; None when there was none."""
    verdict: Verdict
    reasons: tuple[str, ...]
    domains: tuple[Domain, ...]
    risks: tuple[RiskLine, ...]
    decisions: tuple[DecisionLine, ...]
    resources: tuple[str, ...]
    spending: tuple[str, ...] = ()
    """What agents said they used: the plan's line first, then its parts; empty when nothing was spent."""
    requests: tuple[RequestLine, ...] = ()
    """For agents: open ones, and those decided since the last report."""
    grants: tuple[GrantStatus, ...] = ()
    """Slots granted, and those whose time ended since the last report."""
    escalations: tuple[EscalationStatus, ...] = ()
    """Open ones, oldest first."""
    ground: ReportGround | None = None
    """What the report rests on, for all that stands behind the template's own sections."""


def points_gained(now: float | None, before: float | None) -> int | None:
    """Whole points between two figures as they are printed; None when one is unknown."""
    if now is None or before is None:
        return None
    return math.floor(now + 1e-9) - math.floor(before + 1e-9)
