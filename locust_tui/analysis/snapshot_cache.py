"""What one snapshot leaves for the next, so that only what changed is built again."""

from __future__ import annotations

from dataclasses import dataclass, field

from locust_tui.domain.criterion import Criterion
from locust_tui.domain.plan import Plan
from locust_tui.domain.snapshot import RunView, WorkstreamView
from locust_tui.domain.world import RunStatus

from .network import Network


@dataclass(slots=True)
class SnapshotCache:
    """Hand the same one to every `build_snapshot` of a live plan. It never changes what is built, only how fast:
    each part is kept with what it rests on and used again while that is equal."""

    plan: Plan | None = None
    checks: dict[str, list[tuple[str, Criterion]]] = field(default_factory=dict)
    phase_members: dict[str, list[str]] = field(default_factory=dict)
    network: Network | None = None
    floats_of: tuple[object, ...] | None = None
    floats: dict[str, float] = field(default_factory=dict)
    workstreams: dict[str, tuple[tuple[object, ...], WorkstreamView]] = field(default_factory=dict)
    runs: dict[str, tuple[RunStatus, RunView]] = field(default_factory=dict)

    def use(self, plan: Plan) -> None:
        """Forget everything that belongs to another plan."""
        if self.plan is plan:
            return
        self.plan = plan
        self.checks.clear()
        self.phase_members = {phase: [] for phase in plan.phases}
        for w in plan.workstreams.values():
            if w.phase is not None:
                self.phase_members.setdefault(w.phase, []).append(w.id)
        self.network = None
        self.floats_of = None
        self.floats = {}
        self.workstreams.clear()
        self.runs.clear()
