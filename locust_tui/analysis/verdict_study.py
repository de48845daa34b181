"""The verdict of a snapshot once more with every rule that was looked at: of the plan, an orchestrator, a phase."""

from __future__ import annotations

from collections.abc import Sequence

from locust_tui.domain.plan import Plan
from locust_tui.domain.snapshot import Snapshot
from locust_tui.domain.states import LIVE_RUN_STATES
from locust_tui.domain.studies.verdict import Verdicts
from locust_tui.domain.world import World

from .actuals import plan_start
from .plan_index import PlanIndex
from .progress import Progress
from .tally import Tally
from .verdict import Judged, part_verdict, verdicts
from .worktime import working_time


def plan_rules(plan: Plan, world: World, snapshot: Snapshot) -> Verdicts:
    """What `snapshot` says of the plan, rule by rule; `plan` and `world` are those it was built from."""
    progress = _tally(plan, world, snapshot).whole()
    return verdicts(plan, world, snapshot.at, _judged(world, snapshot, progress))


def part_rules(
    plan: Plan, world: World, snapshot: Snapshot, works: Sequence[str], phases: Sequence[str]
) -> Verdicts:
    """As `plan_rules`, of the workstreams `works` and the gates that close `phases`."""
    position = {w.id: n for n, w in enumerate(snapshot.workstreams)}
    progress = _tally(plan, world, snapshot).of([position[w] for w in works])
    return part_verdict(plan, world, snapshot.at, _judged(world, snapshot, progress), works, phases)


def _tally(plan: Plan, world: World, snapshot: Snapshot) -> Tally:
    at = working_time(plan.calendar, plan_start(plan, world), snapshot.at)
    return Tally(PlanIndex(plan), snapshot.workstreams, at)


def _judged(world: World, snapshot: Snapshot, progress: Progress) -> Judged:
    live = tuple([run for run in world.runs.values() if run.state in LIVE_RUN_STATES])
    critical = frozenset([w.id for w in snapshot.workstreams if w.critical])
    return Judged(progress, snapshot.forecast, critical, snapshot.risks, snapshot.worker_pid, live)
