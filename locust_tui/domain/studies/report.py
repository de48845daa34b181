"""What a weekly report is made of: the plan as it stood, a week earlier, and the studies of that moment."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass

from ..plan import Plan
from ..snapshot import Snapshot
from .baseline import PlanChange
from .figures import EarnedStudy, Flow, KpiStudy
from .forecast import ForecastChange
from .moments import Differences
from .rests import Rests
from .success import Scoreboard
from .timeline import Timeline


@dataclass(frozen=True, slots=True)
class ReportGround:
    """What is None could not be told: nothing was recorded, or the plan says nothing of it."""

    week: int
    """Plan week of the heading."""
    plan: Plan
    """In force at that moment."""
    snapshot: Snapshot
    before: Snapshot | None = None
    """At the end of the week before; None where nothing ran then."""
    timeline: Timeline | None = None
    earned: EarnedStudy | None = None
    flow: Flow | None = None
    kpis: KpiStudy | None = None
    forecast: ForecastChange | None = None
    """Since the week before."""
    changes: tuple[PlanChange, ...] | None = None
    """Of the plan, since the week before; None: it was never put in force."""
    success: Scoreboard | None = None
    differences: Differences | None = None
    """Between the week before and now."""
    rests: tuple[tuple[str, Rests], ...] = ()
    """("work:WS-01", its events): what figures rest on that do not name it themselves; see `analysis.report_rests`."""
    basis: tuple[str, ...] = ()
    """What the forecast assumes, in words."""
