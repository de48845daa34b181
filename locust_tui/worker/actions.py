"""What the worker is to do next: the typed answers of `decide`."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.states import GateState, WorkstreamState


@dataclass(frozen=True, slots=True)
class Move:
    """Put a workstream into another state."""

    workstream: str
    new: WorkstreamState
    reason: str
    retry_at: float | None = None
    """Not started again before this moment, seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Start:
    """Start run "SUBJECT.ATTEMPT". A workstream's Start follows its Move to running; commit both with the intent."""

    subject: str
    """A workstream, an orchestrator, or the meta-orchestrator."""
    attempt: int
    agent_type: str
    """The plan's agent type, or "run" for a workstream's own command."""


@dataclass(frozen=True, slots=True)
class Stop:
    """End a live run. It is recorded as killed, with `why` as its reason: that is how its end is read later."""

    run: str
    why: str


@dataclass(frozen=True, slots=True)
class Measure:
    """Measure the criteria of these keys (see `criterion_key`), none of which is being measured."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MoveGate:
    """Put a gate into an undecided state: not-due, ready or pending. Decisions are people's."""

    gate: str
    new: GateState
    reason: str


@dataclass(frozen=True, slots=True)
class Lapse:
    """Take back a role's yes that was said to something else."""

    gate: str
    role: str
    person: str
    why: str


@dataclass(frozen=True, slots=True)
class Review:
    """Record the verdict of a review; it comes with the Move out of review, so once per review."""

    workstream: str
    attempt: int
    passed: bool
    note: str


@dataclass(frozen=True, slots=True)
class Verify:
    """Record that a deliverable's check passed, or that it no longer does."""

    workstream: str
    deliverable: str
    verified: bool
    evidence: str


@dataclass(frozen=True, slots=True)
class Collect:
    """Look at what an attempt left in its worktree; where the plan says so, commit it first."""

    workstream: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Merge:
    """Bring a workstream's branch home. What comes of it is recorded, and its acceptance follows from that."""

    workstream: str
    attempt: int
    by: str
    """Who accepted it."""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenAccount:
    """The moment has come at which an account's limit ends."""

    account: str


@dataclass(frozen=True, slots=True)
class End:
    """Nothing can move without a person. `ok`: all is accepted or deferred and every gate is open."""

    summary: str
    ok: bool


Action = (
    Move | Start | Stop | Measure | MoveGate | Lapse | Review | Verify | Collect | Merge | OpenAccount | End
)


@dataclass(frozen=True, slots=True)
class Decision:
    """Actions to carry out in this order, and the next moment at which the answer may change by time alone."""

    actions: tuple[Action, ...] = ()
    wake_at: float | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether the plan has come to an end, and each thing that a person has to look at, one line each."""

    ended: bool
    ok: bool
    lines: tuple[str, ...] = ()
