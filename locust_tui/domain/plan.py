"""The plan as it is in force: every key of the plan file, resolved, with defaults filled in."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum

from locust_tui.domain.dataclass import dataclass

from .criterion import Command, Criterion

DAY_S = 86_400.0
WEEK_S = 7 * DAY_S


class NeedKind(StrEnum):
    DONE = "done"
    PERCENT = "percent"
    STARTED = "started"
    DELIVERABLE = "deliverable"


class Priority(StrEnum):
    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class GateMode(StrEnum):
    HARD = "hard"
    OVERLAP = "overlap"
    ADVISORY = "advisory"


class SchedulePolicy(StrEnum):
    ASAP = "asap"
    AS_PLANNED = "as-planned"


@dataclass(frozen=True, slots=True)
class Weeks:
    """Plan weeks `first` to `last`, 1-based, both included."""

    first: int
    last: int

    @property
    def duration(self) -> int:
        return self.last - self.first + 1

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


@dataclass(frozen=True, slots=True)
class Need:
    """One arrow of the network: `target` is a workstream, gate or milestone."""

    target: str
    kind: NeedKind = NeedKind.DONE
    percent: float | None = None
    deliverable: str | None = None
    hard: bool = False
    """Mandatory order; fast-tracking never loosens it."""

    @property
    def condition(self) -> str:
        """As the plan file writes it: done, 50%, started, or the deliverable's id."""
        if self.kind is NeedKind.PERCENT:
            return f"{self.percent:g}%"
        return self.deliverable or "" if self.kind is NeedKind.DELIVERABLE else self.kind.value


@dataclass(frozen=True, slots=True)
class Deliverable:
    """Verified by its check, or, without one, only by a named person."""

    id: str
    name: str
    check: Criterion | None = None


@dataclass(frozen=True, slots=True)
class Workstream:
    id: str
    name: str
    phase: str | None = None
    orchestrator: str | None = None
    weeks: Weeks | None = None
    priority: Priority = Priority.MEDIUM
    weight: float = 1.0
    agent: str | None = None
    """Agent type that carries out `instructions`; None when `run` is given."""
    run: Command | None = None
    instructions: str | None = None
    deliverables: tuple[Deliverable, ...] = ()
    needs: tuple[Need, ...] = ()
    accept: tuple[Criterion, ...] = ()
    reviewers: tuple[str, ...] = ()
    timeout: float | None = None
    """Seconds of one attempt."""
    retry: int = 0
    """Extra attempts after the first."""
    worktree: bool = False
    estimate: tuple[float, float, float] | None = None
    """Optimistic, most likely, pessimistic, in plan weeks."""
    env: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    """As an agent type's."""
    cwd: str | None = None
    notes: str = ""
    budget: Budget | None = None


@dataclass(frozen=True, slots=True)
class Phase:
    id: str
    name: str
    weeks: Weeks | None = None


@dataclass(frozen=True, slots=True)
class Orchestrator:
    id: str
    """Its key in the plan."""
    name: str
    alias: str | None = None
    """Its `id:` there."""
    agent: str | None = None
    phases: tuple[str, ...] = ()
    focus: str = ""
    role: str = ""
    instructions: str | None = None
    deliverables: tuple[str, ...] = ()
    workstreams: tuple[str, ...] = ()
    weeks: Weeks | None = None
    """Its own, or from its phases: earliest start to latest end."""
    budget: Budget | None = None


@dataclass(frozen=True, slots=True)
class Meta:
    """The meta-orchestrator: root of the tree."""

    id: str
    name: str
    agent: str | None = None
    role: str = ""
    instructions: str | None = None
    invariants: tuple[Criterion, ...] = ()
    """Checked on every acceptance, whatever the workstream."""


@dataclass(frozen=True, slots=True)
class Gate:
    id: str
    name: str
    closes: str | None = None
    """Id of the phase it closes."""
    opens: str | None = None
    needs: tuple[Need, ...] = ()
    week: int | None = None
    """Due at the end of this plan week; never a condition."""
    mode: GateMode = GateMode.OVERLAP
    criteria: tuple[Criterion, ...] = ()
    approvers: tuple[str, ...] = ()
    min_approvals: int = 1


@dataclass(frozen=True, slots=True)
class Milestone:
    id: str
    name: str
    week: int | None = None
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be spent; None: no limit. `warn`: points of either at which a person is told."""

    cost: float | None = None
    """In the currency that the agents report, US dollars."""
    tokens: float | None = None
    warn: float = 80.0


@dataclass(frozen=True, slots=True)
class Account:
    """Agents that share one usage limit."""

    name: str
    reserve: float = 0.0
    """Points of the limit that only work on the critical path may use."""


@dataclass(frozen=True, slots=True)
class GitSettings:
    """How finished work comes home."""

    prefix: str = "locust/"
    """A workstream's branch is this and its id."""
    base: str | None = None
    """The branch that work starts from and comes home to; None: the one checked out."""
    setup: tuple[Command, ...] = ()
    """Run in each new worktree, before its first attempt."""
    teardown: tuple[Command, ...] = ()
    """Run in a worktree before it is removed."""
    commit: str = "auto"
    """What becomes of changes an agent left uncommitted: "auto" commits them in its name, "ask" waits for a person."""
    pr: bool = False
    """Open a pull request with `gh` in place of merging."""


@dataclass(frozen=True, slots=True)
class AgentType:
    name: str
    kind: str = "shell"
    """shell, or the protocol it speaks: claude, codex, acp."""
    command: tuple[str, ...] = ()
    """Template argv: split once, placeholders not yet filled in."""
    model: str | None = None
    env: dict[str, str] = field(default_factory=dict)
    cwd: str | None = None
    skills: tuple[str, ...] = ()
    rate: float | None = None
    """Cost of an agent hour."""
    account: str | None = None
    timeout: float | None = None
    retry: int | None = None
    sandbox: str | None = None
    max: int | None = None
    """Per-type cap of running agents."""
    mode: str | None = None
    """Which of its ways to speak: codex knows app-server and exec."""
    pty: bool = False
    """Give it a terminal of its own."""
    allow: tuple[str, ...] = ()
    """Tools, and commands as "Bash(git status)", that need no question."""
    stall: float | None = None
    """Seconds of silence after which a run is stalled; None: the kind's default."""
    fruitless: float | None = None
    """Seconds of activity without a product after which that is said; None: the default."""
    budget: Budget | None = None
    """Of each of its runs."""
    secrets: dict[str, str] = field(default_factory=dict)
    """Variable → where its value comes from: "env:NAME" or "file:PATH". Never a value."""
    kind_is_guess: bool = False
    """The plan does not say the kind: it was taken from the command's name, and the program is asked whether it is so."""


@dataclass(frozen=True, slots=True)
class GrantRule:
    """What becomes of a request for more agents that no person is asked about."""

    grant: str = "ask"
    """ask: a person decides; within-cap: as many as the caps leave room for, at once; never: denied."""
    expires: float | None = None
    """Seconds that a grant lasts; None: until it is given up."""


@dataclass(frozen=True, slots=True)
class Resources:
    max_agents: int | None = None
    max_checks: int = 2
    pools: dict[str, int] = field(default_factory=dict)
    """Orchestrator id → its quota; "floating" → slots for whoever has the least float."""
    requests: GrantRule = field(default_factory=GrantRule)


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
class Kpi:
    id: str
    name: str
    measure: str
    low: float | None = None
    high: float | None = None
    """Target "2-3": low and high, both included."""
    above: float | None = None
    below: float | None = None
    minimum: float | None = None
    maximum: float | None = None
    unit: str | None = None
    target: str = ""
    """As written: "2-3", "> 80%"."""


@dataclass(frozen=True, slots=True)
class Risk:
    id: str
    risk: str
    probability: str
    impact: str
    owner: str | None = None
    mitigation: str = ""
    response: str | None = None
    watch: Criterion | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True)
class EscalationRoute:
    kind: str
    to: tuple[str, ...]
    within: float | None = None
    mode: str = "steps"


@dataclass(frozen=True, slots=True)
class NotifyRoute:
    """Where messages for one address go; a channel is a word, or a command."""

    address: str
    channels: tuple[str, ...] = ()
    commands: tuple[Command, ...] = ()


@dataclass(frozen=True, slots=True)
class Monitor:
    name: str
    refresh: float
    metrics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AlertRule:
    name: str
    when: str
    notify: tuple[str, ...] = ()
    severity: str = "warning"
    hold: float | None = None
    """`for:`: seconds the condition must hold before it fires."""


@dataclass(frozen=True, slots=True)
class Hook:
    """A pipeline of this program's own verbs, run at times or after events."""

    name: str
    script: str
    """Lines of `VERB … | VERB …`, without the program's name."""
    cron: str = ""
    """Five fields; empty: `event` says when."""
    event: str = ""
    """blocker-detected, agent-exited, gate-failed, key-changed:GLOB, or the stored name of an event."""
    shell: bool = False
    """Each line is /bin/sh's; else only verbs of this program run."""


@dataclass(frozen=True, slots=True)
class ReportSchedule:
    name: str
    every: str
    out: str | None = None
    to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Strategy:
    id: str
    name: str
    kind: str
    description: str = ""
    options: dict[str, str] = field(default_factory=dict)
    """The kind's own keys, each value as JSON text."""


@dataclass(frozen=True, slots=True)
class SuccessCheck:
    name: str
    check: str | None = None
    due: str | None = None
    """After release: when to look."""
    criterion: Criterion | None = None


@dataclass(frozen=True, slots=True)
class Project:
    name: str
    short: str
    repo: str | None = None
    branch: str | None = None
    pr_prefix: str = ""
    window: tuple[float, float] | None = None
    """Acceptable finish: earliest and latest plan week."""


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
