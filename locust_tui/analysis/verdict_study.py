"""The verdict of a snapshot once more with every rule that was looked at: of the plan, an orchestrator, a phase."""

from __future__ import annotations

from collections.abc import Sequence

from locust_tui.domain.plan import Plan
from locust_tui.domain.snapshot import Snapshot
from locust_tui.domain.states import LIVE_RUN_STATES
from locust_tui.domain.studies.verdict import Verdicts
from locust_tui.domain.world import World

from .progress import NO_DATES, Progress
from .verdict import Judged, part_verdict, verdicts


def plan_rules(plan: Plan, world: World, snapshot: Snapshot) -> Verdicts:
    """What `snapshot` says of the plan, rule by rule; `plan` and `world` are those it was built from."""
    progress = _progress(snapshot.progress, snapshot.expected_progress, snapshot.progress_reason)
    return verdicts(plan, world, snapshot.at, _judged(world, snapshot, progress))


def part_rules(
    plan: Plan,
    world: World,
    snapshot: Snapshot,
    works: Sequence[str],
    phases: Sequence[str],
    figures: tuple[float | None, float | None],
) -> Verdicts:
    """As `plan_rules`, of the workstreams `works` and the gates that close `phases`; `figures` are their progress and its plan."""
    judged = _judged(world, snapshot, _progress(*figures, ""))
    return part_verdict(plan, world, snapshot.at, judged, works, phases)


def _progress(value: float | None, expected: float | None, reason: str) -> Progress:
    spi = value / expected if value is not None and expected else None
    return Progress(value, expected, spi, 0.0, 0, reason, NO_DATES if expected is None else "")


def _judged(world: World, snapshot: Snapshot, progress: Progress) -> Judged:
    live = tuple([run for run in world.runs.values() if run.state in LIVE_RUN_STATES])
    critical = frozenset([w.id for w in snapshot.workstreams if w.critical])
    return Judged(progress, snapshot.forecast, critical, snapshot.risks, snapshot.worker_pid, live)
