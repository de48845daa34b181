"""Events of what commands add to the plan, of tasks, escalations, risks and granted slots."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass

from ..states import RiskState, TaskState


@dataclass(frozen=True, slots=True)
class AdditionMade:
    """A command put a value into the plan, over what its file says there."""

    path: str
    """Place in the plan file's form: "workstreams/docs-1", "resources/max_agents", "monitors/main"."""
    value: str
    """JSON of what the plan file could hold at that place."""


@dataclass(frozen=True, slots=True)
class AdditionRemoved:
    path: str


@dataclass(frozen=True, slots=True)
class TaskCreated:
    """An item in the queue of an orchestrator, a workstream, an agent or a person."""

    id: str
    title: str
    assignee: str
    priority: str = "medium"
    description: str = ""
    source: str = ""
    """Workstream that asked for it."""
    agent_type: str = ""
    """Type of agent that is wanted for it."""
    due: str = ""
    """A date or a plan week, as given."""


@dataclass(frozen=True, slots=True)
class TaskMoved:
    id: str
    state: TaskState
    note: str = ""


@dataclass(frozen=True, slots=True)
class EscalationRaised:
    """Something that its own level cannot settle."""

    id: str
    kind: str
    """workstream, cross-domain, architecture, timeline, or a kind of the plan's own."""
    subject: str
    """Workstream or orchestrator that it is about."""
    what: str
    detail: str = ""
    run: str = ""
    route: tuple[str, ...] = ()
    """Who is asked, by id; in mode steps one after another."""
    mode: str = "steps"
    within: float | None = None
    """Seconds that each step has."""
    urgency: str = "medium"
    item: str = ""
    """What it grew out of: "blocked:WS-04", "risk:R2"; raised once while it is open."""


@dataclass(frozen=True, slots=True)
class EscalationStepped:
    """It waits for the parties of this step from now on."""

    id: str
    step: int
    due: float | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class EscalationAcknowledged:
    """A party has seen it and deals with it: its time begins anew, once."""

    id: str
    party: str
    due: float | None = None


@dataclass(frozen=True, slots=True)
class EscalationAnswered:
    id: str
    party: str
    """The address of the route that the answer is given for."""
    decision: str
    note: str = ""
    consequences: str = ""
    """What follows from the decision, for its record."""


@dataclass(frozen=True, slots=True)
class EscalationClosed:
    """Everyone who had to has answered, or what it was about is gone."""

    id: str
    why: str
    decision: str = ""
    context: str = ""
    consequences: str = ""


@dataclass(frozen=True, slots=True)
class RiskMoved:
    risk: str
    state: RiskState
    why: str = ""


@dataclass(frozen=True, slots=True)
class GrantEnded:
    """Slots that were granted are taken back: given up, or run out."""

    item: str
    why: str
