"""What-if: what a strategy would change in the plan, when it would then end, what it costs and risks, what was refused."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict

from locust_tui.domain.dataclass import dataclass

from ..applied import StrategyStatus
from ..plan import Need


@dataclass(frozen=True, slots=True)
class NeedLoosened:
    """The workstream may start before `target` is finished."""

    workstream: str
    target: str
    condition: str
    """As the plan file writes it: "50%"."""
    before: str = "done"


@dataclass(frozen=True, slots=True)
class NeedMoved:
    """The workstream needs `target` no more, but what that one needed itself."""

    workstream: str
    target: str
    instead: tuple[Need, ...] = ()
    """Those that it does not need already."""


@dataclass(frozen=True, slots=True)
class CrewSet:
    workstream: str
    agents: int
    gain: float


@dataclass(frozen=True, slots=True)
class Deferred:
    """Out of scope, left for `to`."""

    workstream: str
    to: str


@dataclass(frozen=True, slots=True)
class CapRaised:
    """`place`: keys from the top of the plan file, ("resources", "max_agents")."""

    place: tuple[str, ...]
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class CriterionSetAside:
    """A should criterion is waived, and what is owed for it stands on a list. Of the record, not of the plan file."""

    workstream: str
    key: str
    """Of the criterion's result."""
    name: str
    owner: str
    due: str
    """A date, or "week 12"."""


PlanEdit = NeedLoosened | NeedMoved | CrewSet | Deferred | CapRaised
Edit = PlanEdit | CriterionSetAside


@dataclass(frozen=True, slots=True)
class Outcome:
    """When the plan ends, in plan weeks; None where that cannot be computed."""

    weeks: float | None
    """By the critical path method, as many agents as it takes."""
    p50: float | None = None
    p85: float | None = None
    in_window: float | None = None
    """Chance to be done by the end of the window, in points."""
    levelled: float | None = None
    """With no more agents at a time than the plan allows; None: nothing limits them."""
    reason: str = ""
    """Why figures are None."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change in words: "workstream WS-05", "need WS-01", "done", "50%"."""

    subject: str
    field: str
    before: str
    after: str

    @property
    def words(self) -> str:
        return f"{self.subject}: {self.field} {self.before} → {self.after}"


@dataclass(frozen=True, slots=True)
class Refusal:
    subject: str
    why: str


@dataclass(frozen=True, slots=True)
class Preview:
    """One strategy, or several one after the other, beside the plan as it is."""

    ids: tuple[str, ...]
    name: str
    kinds: tuple[str, ...]
    then: Outcome
    now: Outcome
    edits: tuple[Edit, ...] = ()
    changes: tuple[Change, ...] = ()
    refused: tuple[Refusal, ...] = ()
    notes: tuple[str, ...] = ()
    risk: str = ""
    """In words."""
    agent_weeks: float = 0.0
    """More than now; below 0: freed."""
    money: float | None = None
    """More than now, US dollars; None: `money_reason` says why it is not known."""
    money_reason: str = ""
    description: str = ""
    reason: str = ""
    """Why nothing can be done; empty where there are edits."""
    digest: str = ""
    """Of the plan and the edits: what an approval is bound to."""

    @property
    def id(self) -> str:
        return " + ".join(self.ids)

    @property
    def saved(self) -> float | None:
        """Weeks of the critical path; of the levelled finish, where the plan limits its agents."""
        if self.now.levelled is not None and self.then.levelled is not None:
            return self.now.levelled - self.then.levelled
        return less(self.now.weeks, self.then.weeks)

    @property
    def saved_p50(self) -> float | None:
        return less(self.now.p50, self.then.p50)

    @property
    def saved_p85(self) -> float | None:
        return less(self.now.p85, self.then.p85)

    @property
    def writes(self) -> bool:
        """It changes the plan file, and not the record alone."""
        return any(isinstance(edit, PlanEdit) for edit in self.edits)


def less(now: float | None, then: float | None) -> float | None:
    return None if now is None or then is None else now - then


@dataclass(frozen=True, slots=True)
class StrategyStudy:
    """All strategies side by side. `diffs`: a preview's id → the unified diff of the plan file, or why there is none."""

    previews: tuple[Preview, ...]
    now: Outcome
    at: float
    diffs: dict[str, str]
    applied: tuple[StrategyStatus, ...] = ()
    """Oldest first."""

    @property
    def last(self) -> StrategyStatus | None:
        """What an undo would take back."""
        return next((one for one in reversed(self.applied) if one.standing), None)


_REVERSIBLE: dict[str, type[NeedLoosened | CrewSet | Deferred | CapRaised]] = {
    "NeedLoosened": NeedLoosened,
    "CrewSet": CrewSet,
    "Deferred": Deferred,
    "CapRaised": CapRaised,
}


def as_texts(edits: tuple[Edit, ...]) -> tuple[str, ...]:
    """Each edit as one line of JSON, for the record."""
    return tuple(json.dumps([type(e).__name__, asdict(e)], ensure_ascii=False) for e in edits)


def reversible(texts: tuple[str, ...]) -> tuple[PlanEdit, ...] | None:
    """The edits that the record holds, less those of the record alone; None where one has no opposite."""
    found: list[PlanEdit] = []
    for text in texts:
        name, fields = json.loads(text)
        if name == CriterionSetAside.__name__:
            continue
        if name not in _REVERSIBLE:
            return None
        if "place" in fields:
            fields["place"] = tuple(fields["place"])
        found.append(_REVERSIBLE[name](**fields))
    return tuple(found) or None


def digest_of(plan: str, edits: tuple[Edit, ...]) -> str:
    """SHA-256 over the digest of the plan in force and what would be changed in it."""
    said = [[type(edit).__name__, asdict(edit)] for edit in edits]
    return hashlib.sha256(json.dumps([plan, said], ensure_ascii=False).encode()).hexdigest()
