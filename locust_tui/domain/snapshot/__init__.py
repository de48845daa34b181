"""The whole visible world, immutable: what every viewer draws and every report prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from locust_tui.domain.dataclass import dataclass

from ..coordination import (
    AlertStatus,
    EscalationStatus,
    GrantStatus,
    HookStatus,
    MemoryEntry,
    MessageStatus,
    TaskStatus,
)
from ..held_plan import HeldPlan
from ..states import Verdict
from ..troubles import Trouble
from .figures import ForecastView as ForecastView
from .figures import GateForecast as GateForecast
from .figures import KpiView as KpiView
from .figures import MilestoneView as MilestoneView
from .figures import RiskView as RiskView
from .gates import ConditionView as ConditionView
from .gates import CriterionView as CriterionView
from .gates import GateView as GateView
from .people import Announcement as Announcement
from .people import AnsweredView as AnsweredView
from .people import WaitingView as WaitingView
from .spend import AccountView as AccountView
from .spend import BudgetView as BudgetView
from .spend import SpendView as SpendView
from .work import DeliverableView as DeliverableView
from .work import ManualAgent as ManualAgent
from .work import NeedView as NeedView
from .work import OrchestratorView as OrchestratorView
from .work import PhaseView as PhaseView
from .work import RunView as RunView
from .work import WorkstreamView as WorkstreamView

if TYPE_CHECKING:
    from ..plan import AlertRule, Monitor


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All lists are in plan order. Percentages are points; what is unknown is None."""

    revision: int
    at: float
    plan_name: str
    plan_path: str
    plan_digest: str
    meta_id: str | None
    meta_name: str
    week: int
    """Plan week of `at`; 0 before the start."""
    last_week: int | None
    current_phases: tuple[str, ...]
    started: float | None
    worker_pid: int | None
    cap: int | None
    progress: float | None
    progress_reason: str
    expected_progress: float | None
    verdict: Verdict
    reasons: tuple[str, ...]
    held: HeldPlan | None
    plan_change: str
    phases: tuple[PhaseView, ...]
    orchestrators: tuple[OrchestratorView, ...]
    workstreams: tuple[WorkstreamView, ...]
    gates: tuple[GateView, ...]
    runs: tuple[RunView, ...]
    """Oldest first."""
    kpis: tuple[KpiView, ...]
    forecast: ForecastView
    risks: tuple[RiskView, ...]
    milestones: tuple[MilestoneView, ...]
    waiting: tuple[WaitingView, ...]
    """What holds up the critical path first, then by age, the oldest first."""
    people: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(role, names that may act in it); whoever bears a role's own name may as well."""
    dated: bool = True
    """The plan says when or how long: without that, weeks, due dates and floats mean nothing."""
    answered: tuple[AnsweredView, ...] = ()
    """What people answered and decided, the latest first, as far back as is kept at hand."""
    spend: SpendView | None = None
    accounts: tuple[AccountView, ...] = ()
    """Those that were heard of."""
    messages: tuple[MessageStatus, ...] = ()
    """Oldest first, dead ones among them."""
    memory: tuple[MemoryEntry, ...] = ()
    """By key; removed ones left out."""
    tasks: tuple[TaskStatus, ...] = ()
    """Oldest first."""
    escalations: tuple[EscalationStatus, ...] = ()
    """Oldest first, closed ones among them."""
    grants: tuple[GrantStatus, ...] = ()
    """Slots granted, oldest first, ended ones among them."""
    alerts: tuple[AlertStatus, ...] = ()
    """Each rule's state at each scope, in the order they first moved."""
    hooks: tuple[HookStatus, ...] = ()
    features: frozenset[str] = frozenset()
    announcements: tuple[Announcement, ...] = ()
    manual: tuple[ManualAgent, ...] = ()
    """Agents without a command, of which nothing has run."""
    monitors: tuple[Monitor, ...] = ()
    """As the plan in force has them."""
    alert_rules: tuple[AlertRule, ...] = ()
    """As the plan in force has them."""
    leads: frozenset[str] = frozenset()
    """Orchestrators, the meta-orchestrator among them, whose messages an agent reads; others' are people's."""
    gap_at_risk: float = 10.0
    """Points behind plan that put it at risk."""
    troubles: tuple[Trouble, ...] = ()
    """What keeps the worker from its work now, as it says itself; the oldest first."""

    @property
    def lost(self) -> Trouble | None:
        """What became of a record that is gone though work began: nothing is known then but the plan's file."""
        return next((one for one in self.troubles if one.about == "record" and not self.revision), None)

    @property
    def agents_running(self) -> int:
        return sum(1 for r in self.runs if r.ended is None and r.state not in ("lost", "unknown"))
