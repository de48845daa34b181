"""The whole visible world, immutable: what every viewer draws and every report prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from locust_tui.domain.dataclass import dataclass

from .coordination import (
    AlertStatus,
    EscalationStatus,
    GrantStatus,
    HookStatus,
    MemoryEntry,
    MessageStatus,
    TaskStatus,
)
from .held_plan import HeldPlan
from .people import Decision
from .states import AccountState, CriterionState, GateState, PhaseState, RunState, Verdict, WorkstreamState

if TYPE_CHECKING:
    from .plan import AlertRule, Monitor


@dataclass(frozen=True, slots=True)
class BudgetView:
    """One measure of a budget."""

    measure: str
    """cost (US dollars) or tokens"""
    spent: float
    limit: float
    """With all that a person has allowed on top."""
    points: float
    warn: float
    """Points at which a person is told."""


@dataclass(frozen=True, slots=True)
class SpendView:
    """What agents said they used, all attempts together; None: none of them says it."""

    tokens: int | None = None
    cost_usd: float | None = None
    budgets: tuple[BudgetView, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountView:
    """A login that agents share, as its agents last heard of it."""

    id: str
    state: AccountState
    why: str
    since: float | None
    window: str
    """Which of its limits: five_hour, weekly."""
    utilization: float | None
    """Points of that limit."""
    resets_at: float | None
    parked: tuple[str, ...]
    """Live runs that wait for it."""


@dataclass(frozen=True, slots=True)
class NeedView:
    id: str
    condition: str
    met: bool
    why: str = ""
    """The state of the edge in words: "WS-01 is 40 % verified"."""


@dataclass(frozen=True, slots=True)
class DeliverableView:
    id: str
    name: str
    verified: bool
    claimed: bool
    checkable: bool
    """Has a check of its own; otherwise only a person verifies it."""


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


@dataclass(frozen=True, slots=True)
class WorkstreamView:
    id: str
    name: str
    phase: str | None
    orchestrator: str | None
    state: WorkstreamState
    priority: str
    weight: float
    weeks: str
    agent: str | None
    verified: float
    """Points that count."""
    reported: float | None
    """Points the agent claims."""
    reported_at: float | None
    attempt: int
    attempts_allowed: int
    since: float | None
    why: str | None
    """Why it does not move; None when nothing holds it."""
    note: str
    blocker: str
    """What the agent says stands in its way, as long as it stands; else empty."""
    next: str
    critical: bool
    float_weeks: float | None
    needs: tuple[NeedView, ...]
    deliverables: tuple[DeliverableView, ...]
    checks: tuple[CriterionView, ...]
    run: str | None
    """Id of the latest run."""
    actions: tuple[str, ...] = ()
    """What an operator may ask for now: start pause resume retry cancel accept reject verify."""
    instructions: str = ""
    reviewers: tuple[str, ...] = ()
    branch: str = ""
    """Of its worktree; empty: it has none."""
    spend: SpendView | None = None
    """None: nothing was spent and there is no budget."""
    instead: str = ""
    """What people are told instead of the recorded state where no process backs it: "interrupted", "unknown"."""
    unknown: bool = False
    """It is only registered and nothing has been done of it: its 0 points rest on nothing, and are not told."""
    came_to: str = ""
    """What the end of its work rests on; empty while it has come to none."""
    pull_request: str = ""
    """Where accepted work waits to be merged; empty: nowhere."""


@dataclass(frozen=True, slots=True)
class RunView:
    id: str
    name: str
    subject: str
    orchestrator: str | None
    agent_type: str
    state: RunState
    source: str
    reason: str
    pid: int | None
    attempt: int
    created: float
    started: float | None
    ended: float | None
    exit_code: int | None
    signal: int | None
    tokens: int | None = None
    cost_usd: float | None = None
    in_plan: bool = True
    """False: what it works on has left the plan, and it goes on until it ends."""
    last_seen: float | None = None
    """When it last wrote anything, for a live run whose files could be looked at."""
    since: float | None = None
    """When it came into its state."""
    model: str = ""
    account: str = ""
    denied: int = 0
    """Permissions refused."""
    context_used: int | None = None
    context_size: int | None = None
    produced: str = ""
    """The last thing it left that can be pointed at."""
    produced_at: float | None = None


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


@dataclass(frozen=True, slots=True)
class PhaseView:
    id: str
    name: str
    weeks: str
    state: PhaseState
    progress: float | None
    expected_progress: float | None


@dataclass(frozen=True, slots=True)
class OrchestratorView:
    id: str
    name: str
    alias: str | None
    workstreams: tuple[str, ...]
    progress: float | None
    expected_progress: float | None
    agents_running: int
    quota: int | None
    focus: str = ""
    weeks: str = ""
    blockers: tuple[str, ...] = ()
    """Workstreams of it that are blocked, failed, need input, or whose agent says that it is blocked."""
    spend: SpendView | None = None
    agent: str = ""
    """Type of the agent that leads it; empty: people do."""


@dataclass(frozen=True, slots=True)
class KpiView:
    id: str
    name: str
    value: float | None
    unit: str
    target: str
    ok: bool | None
    trend: tuple[float | None, ...]
    """One value per past plan week, oldest first, the current last."""
    reason: str = ""
    """Why there is no value."""
    second: str = ""
    """A second figure shown beside it, in words."""


@dataclass(frozen=True, slots=True)
class GateForecast:
    id: str
    p50_week: float | None
    p85_week: float | None
    due_week: int | None


@dataclass(frozen=True, slots=True)
class ForecastView:
    """Plan weeks; `in_window` in points."""

    p50_week: float | None
    p85_week: float | None
    p95_week: float | None
    in_window: float | None
    reason: str = ""
    gates: tuple[GateForecast, ...] = ()


@dataclass(frozen=True, slots=True)
class RiskView:
    id: str
    risk: str
    mitigation: str
    owner: str | None
    score: float
    level: str
    state: str
    """open, triggered or closed."""
    since: float | None = None
    """When it came into its state; None: it was never moved."""
    why: str = ""
    by: str = ""
    response: str = ""
    """avoid, mitigate, transfer or accept, where the plan says it."""
    probability: str = ""
    impact: str = ""
    watch: str = ""
    """State of its watch's latest result; empty: it has none."""
    watched_at: float | None = None


@dataclass(frozen=True, slots=True)
class MilestoneView:
    id: str
    name: str
    week: int | None
    reached: float | None
    on_time: bool | None


@dataclass(frozen=True, slots=True)
class WaitingView:
    """Something that waits for a person."""

    item: str
    """Stable id: "gate:g1", "review:WS-04", "permission:WS-05.1:3", "input:WS-05", "blocked:WS-06", "plan:confirm"."""
    kind: str
    """permission, question, review, gate, request, escalation"""
    wanted: str
    """For whom or what: the role or the workstream."""
    what: str
    since: float | None
    run: str | None = None
    choices: tuple[str, ...] = ()
    subject: str = ""
    """Workstream, orchestrator, gate or account that it is about."""
    detail: str = ""
    """All that the answer is about, in full: the whole command, the whole diff, the question's text."""
    digest: str = ""
    """What an answer made from this view is bound to; empty: answering it is bound to nothing shown here."""
    rule: str = ""
    """What "always" lets pass from then on, in exactly these words."""
    rank: int = 1
    """0 holds up the critical path, 1 holds up other work, 2 only wants to be seen."""


@dataclass(frozen=True, slots=True)
class AnsweredView:
    """Something that waited for a person and does so no more."""

    item: str
    kind: str
    subject: str
    what: str
    at: float
    choice: str
    """One of its choices; empty: words of one's own, or nobody answered."""
    note: str = ""
    by: str = ""
    rule: str = ""
    """The rule of an "always"."""
    asked: float | None = None
    delivered: bool = True
    """The agent was told."""
    withdrawn: str = ""
    """Why nobody had to answer."""
    run: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ManualAgent:
    """An agent that the plan names and nothing can start: whoever does its work does it by hand."""

    subject: str
    """Workstream, orchestrator or meta-orchestrator."""
    name: str
    agent_type: str
    orchestrator: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Announcement:
    """An unread message that a terminal is to tell of."""

    id: str
    sender: str
    to: str
    headline: str
    """Its subject, or how its text begins."""
    owed: tuple[str, ...] = ()
    """Of bell and desktop those that the plan asks for and no terminal has done yet; empty: it is to a person."""


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

    @property
    def agents_running(self) -> int:
        return sum(1 for r in self.runs if r.ended is None and r.state not in ("lost", "unknown"))
