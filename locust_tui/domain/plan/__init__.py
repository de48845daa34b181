"""The plan as it is in force: every key of the plan file, resolved, with defaults filled in."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum

from locust_tui.domain.dataclass import dataclass

from ..criterion import Criterion
from .gates import Gate as Gate
from .gates import GateMode as GateMode
from .gates import Milestone as Milestone
from .governance import EscalationRoute as EscalationRoute
from .governance import Kpi as Kpi
from .governance import NotifyRoute as NotifyRoute
from .governance import Risk as Risk
from .governance import RiskLink as RiskLink
from .governance import Strategy as Strategy
from .governance import SuccessCheck as SuccessCheck
from .governance import VerdictLimits as VerdictLimits
from .resources import Account as Account
from .resources import AgentType as AgentType
from .resources import Budget as Budget
from .resources import GitSettings as GitSettings
from .resources import GrantRule as GrantRule
from .resources import Resources as Resources
from .watching import AlertRule as AlertRule
from .watching import Hook as Hook
from .watching import Monitor as Monitor
from .watching import ReportSchedule as ReportSchedule
from .work import Crew as Crew
from .work import Deliverable as Deliverable
from .work import Meta as Meta
from .work import Need as Need
from .work import NeedKind as NeedKind
from .work import Orchestrator as Orchestrator
from .work import Phase as Phase
from .work import Priority as Priority
from .work import Weeks as Weeks
from .work import Workstream as Workstream

DAY_S = 86_400.0
WEEK_S = 7 * DAY_S


class SchedulePolicy(StrEnum):
    ASAP = "asap"
    AS_PLANNED = "as-planned"


@dataclass(frozen=True, slots=True)
class Calendar:
    start: float | None = None
    """First moment of week 1 (seconds since the epoch) where the plan gives a date."""
    start_date: str | None = None
    week_s: float = WEEK_S
    """Length of a plan week in real seconds."""
    workdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    """Monday is 0."""
    holidays: tuple[str, ...] = ()
    hours: float = 8.0
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Project:
    name: str
    short: str
    repo: str | None = None
    branch: str | None = None
    pr_prefix: str = ""
    window: tuple[float, float] | None = None
    """Acceptable finish: earliest and latest plan week."""
    critical_path: tuple[str, ...] = ()
    """Workstreams that are believed to fix the finish; checked against the computed path."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole plan. Mappings are keyed by id and keep the file's order."""

    project: Project
    workstreams: dict[str, Workstream]
    version: int = 1
    calendar: Calendar = field(default_factory=Calendar)
    schedule: SchedulePolicy = SchedulePolicy.ASAP
    agents: dict[str, AgentType] = field(default_factory=dict)
    resources: Resources = field(default_factory=Resources)
    meta: Meta | None = None
    phases: dict[str, Phase] = field(default_factory=dict)
    orchestrators: dict[str, Orchestrator] = field(default_factory=dict)
    gates: dict[str, Gate] = field(default_factory=dict)
    milestones: tuple[Milestone, ...] = ()
    kpis: dict[str, Kpi] = field(default_factory=dict)
    risks: tuple[Risk, ...] = ()
    strategies: tuple[Strategy, ...] = ()
    notify: dict[str, NotifyRoute] = field(default_factory=dict)
    escalation: tuple[EscalationRoute, ...] = ()
    monitors: tuple[Monitor, ...] = ()
    alerts: tuple[AlertRule, ...] = ()
    reports: tuple[ReportSchedule, ...] = ()
    facts: tuple[Criterion, ...] = ()
    """Each with `fact` set to its name."""
    success: tuple[SuccessCheck, ...] = ()
    after_release: tuple[SuccessCheck, ...] = ()
    budget: Budget | None = None
    accounts: dict[str, Account] = field(default_factory=dict)
    git: GitSettings = field(default_factory=GitSettings)
    people: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Role → names that may act in it."""
    aliases: dict[str, str] = field(default_factory=dict)
    """Another name → the id of the workstream, orchestrator or meta-orchestrator that is meant."""
    channels: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Channel of messages → the addresses that belong to it."""
    hooks: dict[str, Hook] = field(default_factory=dict)
    features: frozenset[str] = frozenset()
    """Those that are on: performance-tracking, github-integration, learned-estimates."""
    free: dict[str, str] = field(default_factory=dict)
    """`x-…` keys, each value as JSON text."""
    verdict: VerdictLimits = field(default_factory=VerdictLimits)

    @property
    def last_week(self) -> int | None:
        """Last planned week of any workstream, phase or gate; None without dates."""
        ends = [w.weeks.last for w in self.workstreams.values() if w.weeks]
        ends += [p.weeks.last for p in self.phases.values() if p.weeks]
        ends += [g.week for g in self.gates.values() if g.week]
        return max(ends, default=None)

    def gates_closing(self, phase: str | None) -> tuple[Gate, ...]:
        return tuple(g for g in self.gates.values() if phase is not None and g.closes == phase)

    def gates_opening(self, phase: str | None) -> tuple[Gate, ...]:
        return tuple(g for g in self.gates.values() if phase is not None and g.opens == phase)
