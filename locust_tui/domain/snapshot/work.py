"""Work, runs, phases and orchestrators as they are shown."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass

from ..states import PhaseState, RunState, Verdict, WorkstreamState
from .gates import CriterionView
from .spend import SpendView


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
    leftovers: tuple[str, ...] = ()
    """Processes that outlived its main process."""


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
    verdict: Verdict = Verdict.UNKNOWN
    """Of its own part, by its own progress, work and gates; the plan's is no sum of these."""
    reasons: tuple[str, ...] = ()
    gap_at_risk: float = 10.0
    """Points behind plan that put it at risk."""


@dataclass(frozen=True, slots=True)
class ManualAgent:
    """An agent that the plan names and nothing can start: whoever does its work does it by hand."""

    subject: str
    """Workstream, orchestrator or meta-orchestrator."""
    name: str
    agent_type: str
    orchestrator: str | None
    why: str
