"""Work of a plan: workstreams, what they need, their phases and orchestrators."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum

from locust_tui.domain.dataclass import dataclass

from ..criterion import Command, Criterion
from .resources import Budget


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
class Crew:
    """More than one agent for a workstream: its planned duration times `gain`."""

    agents: int
    gain: float = 0.7


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
    crew: Crew | None = None
    defer: str = ""
    """What it is left for: "v0.2", "later"; empty: it belongs to the scope."""

    @property
    def gain(self) -> float:
        """By what its crew multiplies its planned duration."""
        return self.crew.gain if self.crew is not None else 1.0


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
