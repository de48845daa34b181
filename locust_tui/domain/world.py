"""What is so right now, as the event log says: one status per workstream, run, gate and criterion."""

from __future__ import annotations

from dataclasses import field, fields

from locust_tui.domain.dataclass import dataclass

from .applied import StrategyStatus as StrategyStatus
from .asked import AccountStatus as AccountStatus
from .asked import AskStatus as AskStatus
from .asked import BudgetStatus as BudgetStatus
from .coordination import (
    Addition,
    AlertStatus,
    EscalationStatus,
    HookStatus,
    ReportStatus,
    RiskStatus,
    SuccessStatus,
    TaskStatus,
)
from .coordination import GrantStatus as GrantStatus
from .coordination import MemoryEntry as MemoryEntry
from .coordination import MessageStatus as MessageStatus
from .criterion import CriterionResult
from .held_plan import HeldPlan as HeldPlan
from .people import Approval, Decision, LapsedApproval, Signature, Waiver
from .plan_rewrite import PlanRewrite
from .states import (
    ATTEMPTED_STATES,
    LIVE_RUN_STATES,
    GateState,
    RunState,
    WorkstreamState,
)
from .studies.baseline import PlanChange


@dataclass(frozen=True, slots=True)
class WorkstreamStatus:
    id: str
    state: WorkstreamState = WorkstreamState.PLANNED
    reason: str = ""
    """Why it is in this state, in words."""
    since: float | None = None
    by: str = ""
    """Who or what moved it here."""
    attempt: int = 0
    """Number of the latest attempt; 0 before the first."""
    first_started: float | None = None
    accepted_at: float | None = None
    """When it was accepted last; None while it is not accepted."""
    retry_at: float | None = None
    """Not started again before this moment."""
    forced: bool = False
    """A person asked for it now: planned dates and shut gates of mode overlap do not hold its start."""
    reported: float | None = None
    """What the agent says, in points; shown, never counted."""
    reported_at: float | None = None
    note: str = ""
    blocker: str = ""
    """What the agent said last stands in its way; see `blocked_by`."""
    blocked_since: float | None = None
    next: str = ""
    claimed: tuple[str, ...] = ()
    """Deliverables the agent says are done."""
    verified: tuple[str, ...] = ()
    """Deliverables that a check or a named person verified."""
    reviews: int = 0
    reviews_passed: int = 0
    first_review_passed: bool | None = None
    passed_attempt: int = 0
    """The attempt that a review let through last; 0 when none did, or a later review turned it down."""
    reopened: int = 0
    returned: str = ""
    """Why it was sent back last, for its next attempt to read; empty once it is accepted."""
    permits: tuple[str, ...] = ()
    """Rules that a person set by an answer "always"."""
    worktree: str = ""
    """Path of its git worktree; empty: none."""
    branch: str = ""
    base: str = ""
    """Commit that its branch began from."""
    into: str = ""
    """Branch its work comes home to."""
    parts: tuple[str, ...] = ()
    """Workstreams whose work its own is based on."""
    collected: int = 0
    """Attempt whose worktree was looked at last; 0: none since it was made."""
    commits: int = 0
    """Of its own, when it was collected."""
    uncommitted: tuple[str, ...] = ()
    hindrance: str = ""
    """Why its work cannot come home as it is; a person's next yes looks again."""
    passed_by: str = ""
    """Who let `passed_attempt` through."""
    merged: str = ""
    """Commit that brought its work home; empty: not yet."""
    pull_request: str = ""
    conflict: tuple[str, ...] = ()
    """Files that its work conflicts in since the last try to merge."""
    conflict_with: tuple[str, ...] = ()

    @property
    def blocked_by(self) -> str:
        """The blocker its agent named, while there is an attempt that it can stand in the way of."""
        return self.blocker if self.state in ATTEMPTED_STATES else ""


@dataclass(frozen=True, slots=True)
class RunStatus:
    """One attempt of a workstream or one run of an orchestrator's agent. `id` is "SUBJECT.ATTEMPT"."""

    id: str
    subject: str
    attempt: int
    agent_type: str
    """The plan's agent type, or "run" for a workstream's own command."""
    state: RunState = RunState.STARTING
    source: str = "worker"
    """What the state rests on: process, protocol, silence, worker."""
    reason: str = ""
    created: float = 0.0
    started: float | None = None
    ended: float | None = None
    pid: int | None = None
    """The agent's process, not the shim's."""
    exit_code: int | None = None
    signal: int | None = None
    max_rss_kib: int | None = None
    cpu_s: float | None = None
    argv: tuple[str, ...] = ()
    cwd: str = ""
    log_read: int = 0
    """Bytes of the log behind the last report taken from it."""
    events_read: int = 0
    tokens: int | None = None
    """Input, output and cache, all turns together; None: its agent does not say."""
    cost_usd: float | None = None
    since: float | None = None
    """When it came into this state."""
    session: str = ""
    """What its conversation is resumed by; empty: it has none."""
    model: str = ""
    version: str = ""
    """Of the agent program."""
    account: str = ""
    denied: int = 0
    """Permissions refused."""
    context_used: int | None = None
    context_size: int | None = None
    produced_at: float | None = None
    """When it last left something that can be pointed at."""
    produced: str = ""
    again: bool = False
    """A person asked for another run of its orchestrator's agent after this one."""
    leftovers: tuple[str, ...] = ()
    """Processes that were still there when its main process had ended."""
    stood_still: float = 0.0
    """Seconds that it waited for a person or its account, or was paused, before it came into this state; with them those
    that the machine slept."""

    @property
    def live(self) -> bool:
        return self.state in LIVE_RUN_STATES


@dataclass(frozen=True, slots=True)
class GateStatus:
    id: str
    state: GateState = GateState.NOT_DUE
    reason: str = ""
    since: float | None = None
    decisions: tuple[Decision, ...] = ()
    """Oldest first."""
    approvals: tuple[Approval, ...] = ()
    """Given since the gate was last shut."""
    signatures: tuple[Signature, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    lapsed: tuple[LapsedApproval, ...] = ()
    """Since the gate was last decided, until the role says yes again."""
    changed: tuple[PlanChange, ...] = ()
    """What newer plans changed of its date, criteria, approvers and needs since the start; never forgotten."""

    @property
    def decision(self) -> Decision | None:
        return self.decisions[-1] if self.decisions else None


@dataclass(frozen=True, slots=True)
class ProjectStatus:
    started: float | None = None
    """First `up`; week 1 begins here unless the plan has a date and weeks of 7 days."""
    plan_digest: str | None = None
    plan_path: str = ""
    plan_since: float | None = None
    plan_changes: int = 0
    """Plans put in force after the first."""
    last_change: str = ""
    """One line: what the last accepted plan changed."""
    held: HeldPlan | None = None
    worker_pid: int | None = None
    worker_since: float | None = None
    ended: float | None = None
    """When `run` last came to an end."""
    baseline: str = ""
    """Digest of the plan that was agreed last: the one in force at the start, until a person agreed to another."""
    boot_id: str = ""
    """Of the machine, when the last worker started."""
    booted: float | None = None
    """When that boot was, in the record's own time: as long as the boot lasts, that time is counted from here."""
    rewriting: PlanRewrite | None = None
    """A change of the plan file that is being written."""
    suspended: float = 0.0
    """Seconds of that boot that the machine is known to have been suspended."""


@dataclass(slots=True)
class World:
    """Everything the event log has led to; changed only by `fold.apply`."""

    revision: int = 0
    project: ProjectStatus = field(default_factory=ProjectStatus)
    workstreams: dict[str, WorkstreamStatus] = field(default_factory=dict)
    runs: dict[str, RunStatus] = field(default_factory=dict)
    gates: dict[str, GateStatus] = field(default_factory=dict)
    criteria: dict[str, CriterionResult] = field(default_factory=dict)
    asks: dict[str, AskStatus] = field(default_factory=dict)
    accounts: dict[str, AccountStatus] = field(default_factory=dict)
    budgets: dict[str, BudgetStatus] = field(default_factory=dict)
    memory: dict[str, MemoryEntry] = field(default_factory=dict)
    messages: dict[str, MessageStatus] = field(default_factory=dict)
    grants: dict[str, GrantStatus] = field(default_factory=dict)
    additions: dict[str, Addition] = field(default_factory=dict)
    tasks: dict[str, TaskStatus] = field(default_factory=dict)
    escalations: dict[str, EscalationStatus] = field(default_factory=dict)
    risks: dict[str, RiskStatus] = field(default_factory=dict)
    strategies: dict[str, StrategyStatus] = field(default_factory=dict)
    alerts: dict[str, AlertStatus] = field(default_factory=dict)
    hooks: dict[str, HookStatus] = field(default_factory=dict)
    reports: dict[str, ReportStatus] = field(default_factory=dict)
    successes: dict[str, SuccessStatus] = field(default_factory=dict)

    def workstream(self, id: str) -> WorkstreamStatus:
        return self.workstreams.get(id) or WorkstreamStatus(id)

    def gate(self, id: str) -> GateStatus:
        return self.gates.get(id) or GateStatus(id)

    def latest_run(self, subject: str) -> RunStatus | None:
        """The run of the subject's highest attempt, or None before the first."""
        status = self.workstreams.get(subject)
        if status is not None and status.attempt:
            return self.runs.get(f"{subject}.{status.attempt}")
        mine = [r for r in self.runs.values() if r.subject == subject]
        return max(mine, key=lambda r: r.attempt, default=None)

    def account(self, id: str) -> AccountStatus:
        return self.accounts.get(id) or AccountStatus(id)

    def open_asks(self) -> list[AskStatus]:
        """What waits for a person's answer, oldest first."""
        return sorted((a for a in self.asks.values() if a.open), key=lambda a: a.asked)

    def live_runs(self) -> list[RunStatus]:
        return [r for r in self.runs.values() if r.live]

    def still(self) -> World:
        """A copy that stays as it is: rows are never changed in place, so the tables alone are copied."""
        copy = World()
        for f in fields(self):
            value = getattr(self, f.name)
            setattr(copy, f.name, dict(value) if isinstance(value, dict) else value)
        return copy
