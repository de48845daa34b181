"""What one snapshot leaves for the next, so that only what changed is built again."""

from __future__ import annotations

from dataclasses import field

from locust_tui.domain.coordination import MemoryEntry, MessageStatus
from locust_tui.domain.criterion import CriterionResult
from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.plan import Plan
from locust_tui.domain.snapshot import RunView, WorkstreamView
from locust_tui.domain.world import GateStatus, RunStatus, WorkstreamStatus

from .criterion_state import CriterionStanding
from .history import Hours
from .plan_index import PlanIndex
from .slots import Slots
from .spending import Spent


@dataclass(slots=True)
class Built:
    """A view with the parts it was made from."""

    view: WorkstreamView
    standings: tuple[CriterionStanding, ...]
    slot_words: str | None
    """Which cap holds its start, where one could."""
    unmet: tuple[str, ...]
    """Targets of its unmet needs."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The inputs of the workstream views, as they were when those were built."""

    now: float
    flags: tuple[bool, bool, int]
    """No worker, not started, whole plan weeks passed; -1 before the first."""
    statuses: list[WorkstreamStatus | None]
    gates: list[GateStatus | None]
    results: list[CriterionResult]
    floats: dict[str, float]
    slots: Slots
    holds: tuple[object, ...] = ()
    troubles: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Parts:
    """Parts of the last snapshot of one plan."""

    index: PlanIndex
    seen: Seen | None = None
    built: dict[str, Built] = field(default_factory=dict)
    backing_off: dict[str, float] = field(default_factory=dict)
    """Workstream → moment at which its view stops saying that it waits for it."""
    floats_of: tuple[object, ...] | None = None
    floats: dict[str, float] = field(default_factory=dict)
    runs: list[RunStatus] = field(default_factory=list)
    run_views: list[RunView] = field(default_factory=list)
    hours: Hours | None = None
    spent: Spent | None = None
    spent_of: tuple[object, ...] = ()
    """What `spent` rests on."""
    messages_of: list[MessageStatus] = field(default_factory=list)
    messages: tuple[MessageStatus, ...] = ()
    memory_of: list[MemoryEntry] = field(default_factory=list)
    memory: tuple[MemoryEntry, ...] = ()
    with_spend: dict[str, tuple[WorkstreamView, WorkstreamView]] = field(default_factory=dict)
    """Workstream → its view as built, and with what it spent."""


class SnapshotCache:
    """Hand the same one to every `build_snapshot` of a live plan. It never changes what is built, only how fast:
    each part is kept with what it rests on and used again while that is the same."""

    def __init__(self) -> None:
        self._parts: Parts | None = None

    def of(self, plan: Plan) -> Parts:
        """The parts kept for `plan`; those of another plan are forgotten."""
        if self._parts is None or self._parts.index.plan is not plan:
            self._parts = Parts(PlanIndex(plan))
        return self._parts
