"""Named persons, and what they decided."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass

from .states import DecisionKind


@dataclass(frozen=True, slots=True)
class Person:
    """Who acted. uid, pid and terminal come from the connection, not from the caller's words."""

    name: str
    role: str | None = None
    uid: int | None = None
    pid: int | None = None
    terminal: str | None = None


WORKER = Person("worker")
"""The worker itself, where no person acted."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What a Conditional Go asks for. `due` as given: a date, or a plan week."""

    text: str
    owner: str | None = None
    due: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    kind: DecisionKind
    by: Person
    at: float
    note: str = ""
    conditions: tuple[Condition, ...] = ()
    recycled: tuple[str, ...] = ()
    """Workstreams sent back to rework."""
    plan_hash: str = ""
    evidence_digest: str = ""
    """Of what the person saw, see `decision_basis`: results, what the plan said of the gate, what was decided before."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A criterion as it stood when somebody said yes to it."""

    criterion: str
    name: str
    limit: str
    """As the plan wrote it."""
    definition: str
    """Digest of all that the plan says of it."""
    inputs: str
    """What it was measured on: a commit, or a digest of files; empty where that is not known."""


@dataclass(frozen=True, slots=True)
class Approval:
    """One role's yes to a gate; a gate opens when `min_approvals` roles gave theirs."""

    role: str
    by: Person
    at: float
    note: str = ""
    conditions: tuple[Condition, ...] = ()
    """What this yes asks for; the decision takes over those of every yes that it rests on."""
    judged: tuple[Judged, ...] | None = None
    """What it was said to: it counts no more once that differs. None: not recorded."""


@dataclass(frozen=True, slots=True)
class LapsedApproval:
    """A yes that was taken back because what it was said to has changed."""

    role: str
    person: str
    why: str


@dataclass(frozen=True, slots=True)
class Signature:
    """A person's answer to a manual criterion."""

    criterion: str
    by: Person
    at: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Waiver:
    """A criterion set aside on record, marked for ever. `until` as given, or None."""

    criterion: str
    by: Person
    at: float
    note: str
    until: str | None = None
