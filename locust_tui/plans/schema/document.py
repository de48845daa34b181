"""The plan file as a whole."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool

from ...domain.plan import SchedulePolicy
from .criteria import CriterionBlock
from .forms import Listed, Lone
from .governance import (
    AlertBlock,
    Channels,
    EscalationBlock,
    GateBlock,
    HookBlock,
    KpiBlock,
    MilestoneBlock,
    MonitorBlock,
    ReportBlock,
    RiskBlock,
    StrategyBlock,
    SuccessBlock,
    VerdictBlock,
)
from .values import (
    Block,
    CommandLines,
    Date,
    Days,
    Duration,
    Names,
    Points,
    Ref,
    Refs,
    Text,
    Window,
    Zone,
    empty,
)
from .work import (
    AgentBlock,
    BudgetBlock,
    MetaBlock,
    OrchestratorBlock,
    PhaseBlock,
    ResourcesBlock,
    WorkstreamBlock,
)


class ProjectBlock(Block):
    name: Text | None = None
    short: Text | None = Field(None, description="Name in report headings.")
    repo: Text | None = None
    branch: Text | None = None
    pr_prefix: Text | None = None
    window: Window | None = Field(None, description="Acceptable finish: earliest and latest week.")
    critical_path: Refs = Field(
        (), description="Workstreams believed to fix the finish; check compares them with the computed path."
    )


class AccountBlock(Block):
    """Agents that share one usage limit."""

    reserve: Points | None = Field(
        None, description="Points of the limit that only work on the critical path may use."
    )


class GitBlock(Block):
    """How work done in worktrees comes home."""

    prefix: Text | None = Field(None, description="A workstream's branch is this and its id.")
    base: Text | None = Field(None, description="Where work starts from and comes home to.")
    setup: CommandLines = Field((), description="Run in each new worktree.")
    teardown: CommandLines = Field((), description="Run in a worktree before it is removed.")
    commit: Literal["auto", "ask"] | None = Field(None, description="Of what an agent left uncommitted.")
    pr: StrictBool | None = Field(None, description="Open a pull request with gh in place of merging.")


class FeaturesBlock(Block):
    """What is switched on."""

    performance_tracking: StrictBool | None = Field(
        None, alias="performance-tracking", description="Sample CPU, memory and I/O of every run."
    )
    github_integration: StrictBool | None = Field(
        None, alias="github-integration", description="Branches and pull requests on GitHub, with gh."
    )
    learned_estimates: StrictBool | None = Field(
        None, alias="learned-estimates", description="Forecasts draw on this plan's own finished work."
    )


class CalendarBlock(Block):
    start: Date | None = Field(None, description="First day of week 1.")
    week: Duration | None = Field(None, description="Real length of a plan week; default 7d.")
    workdays: Days | None = None
    holidays: list[Date] = []
    hours: float | None = Field(None, gt=0, le=24)
    timezone: Zone | None = None


class PlanBlock(Block):
    """A plan of locust-tui. Only `workstreams` is required; keys that begin with x- are free."""

    version: Literal[1] = 1
    project: Annotated[ProjectBlock, Lone("name")] = Field(default_factory=empty(ProjectBlock))
    calendar: CalendarBlock = Field(default_factory=empty(CalendarBlock))
    schedule: SchedulePolicy | None = Field(
        None, description="asap, or as-planned: not before the planned week."
    )
    agents: dict[str, AgentBlock] = {}
    resources: ResourcesBlock = Field(default_factory=empty(ResourcesBlock))
    meta: MetaBlock | None = None
    phases: dict[str, PhaseBlock] = {}
    orchestrators: dict[str, OrchestratorBlock] = {}
    workstreams: dict[str, WorkstreamBlock] = Field(json_schema_extra={"minProperties": 1})
    gates: dict[str, GateBlock] = {}
    milestones: Annotated[list[MilestoneBlock], Listed("name", "beta: {week: 6, needs: g2}")] = []
    kpis: dict[str, KpiBlock] = {}
    risks: Annotated[list[RiskBlock], Listed("id", "R1: {risk: what may happen}")] = []
    strategies: Annotated[list[StrategyBlock], Listed("id", "accelerate: {kind: crash}")] = []
    notify: dict[str, Channels] = {}
    escalation: list[EscalationBlock] = []
    monitors: Annotated[list[MonitorBlock], Listed("name", "main: {refresh: 300s}")] = []
    alerts: Annotated[list[AlertBlock], Listed("name", "late: {when: phase_progress < 10}")] = []
    reports: Annotated[list[ReportBlock], Listed("name", "weekly: {every: fri 17:00}")] = []
    facts: dict[str, CriterionBlock] = {}
    success: list[SuccessBlock] = []
    after_release: list[SuccessBlock] = []
    people: dict[str, Names] = {}
    aliases: dict[str, Ref] = Field({}, description="Another name of a workstream or an orchestrator.")
    channels: dict[str, Names] = Field({}, description="Addresses that a message to the channel goes to.")
    hooks: dict[str, HookBlock] = {}
    features: FeaturesBlock = Field(default_factory=empty(FeaturesBlock))
    budget: BudgetBlock | None = None
    accounts: dict[str, AccountBlock] = {}
    git: GitBlock = Field(default_factory=empty(GitBlock))
    verdict: VerdictBlock = Field(default_factory=empty(VerdictBlock))


def validate(value: Any) -> PlanBlock:
    """The plan file's values as models; raises pydantic.ValidationError."""
    return PlanBlock.model_validate(value)
