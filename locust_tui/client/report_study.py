"""What a weekly report is made of, gathered from the record in one pass over its events.

The same record and the same moment give the same ground, whenever and wherever it is gathered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from locust_tui.analysis.baseline import recorded_changes
from locust_tui.analysis.differences import Standing, differences
from locust_tui.analysis.earned_value import earned_study
from locust_tui.analysis.ending import told_at
from locust_tui.analysis.flow import flow
from locust_tui.analysis.forecast import SEED, forecast, runs_in_passing
from locust_tui.analysis.forecast_study import standing_of
from locust_tui.analysis.kpi_figures import kpi_study
from locust_tui.analysis.overview import build_snapshot
from locust_tui.analysis.report_rests import report_rests
from locust_tui.analysis.success import scoreboard
from locust_tui.analysis.timeline import timeline
from locust_tui.domain.clock import project_start, week_end, week_of
from locust_tui.domain.events import Event, PlanAccepted, ProjectStarted
from locust_tui.domain.fold import apply
from locust_tui.domain.plan import Plan
from locust_tui.domain.snapshot import Snapshot
from locust_tui.domain.studies.forecast import ForecastChange, change_since
from locust_tui.domain.studies.report import ReportGround
from locust_tui.domain.studies.timeline import END, Band
from locust_tui.domain.world import World
from locust_tui.errors import NotFoundError, UsageError
from locust_tui.state.log import revision_at

if TYPE_CHECKING:
    from locust_tui.state.reader import ReadOnlyStore

JUST_BEFORE = 0.001
"""Seconds: the last moment of a week still belongs to it."""


class Moment(NamedTuple):
    """When the report is told of, and the end of the week before, where the plan was already running then."""

    at: float
    week: int
    before: float | None


def recorded_ground(
    store: ReadOnlyStore,
    now: float,
    *,
    week: int | None = None,
    at: float | None = None,
    worker_pid: int | None = None,
    look: Callable[[Snapshot], Snapshot] | None = None,
) -> ReportGround:
    """Of plan week `week` as it stood at its end; of the moment `at`; else of `now`, with the worker that lives now.

    `look` adds what only the present knows. UsageError for a week that has not begun, NotFoundError without a plan.
    """
    in_force = store.plan()
    if in_force is None:
        raise NotFoundError("no plan has been put in force", help="`locust-tui up` starts one")
    events = store.events()
    plans = _Plans(store, in_force)
    moment, past = _moment(store, plans, events, now, week, at)
    before = revision_at(store.connection, moment.before) if moment.before is not None else 0
    if past:
        events = events[: revision_at(store.connection, moment.at)]
    worlds = folded(events, before)
    here = plans.standing(worlds[-1], moment.at, worlds[-1].project.worker_pid if past else worker_pid)
    if look is not None and not past:
        here = here._replace(snapshot=look(here.snapshot))
    earlier = None
    if moment.before is not None and worlds[0].project.started is not None:
        earlier = plans.standing(worlds[0], moment.before, worlds[0].project.worker_pid)
    return ground_of(moment.week, here, earlier, events, plans.of)


def planned_ground(
    plan: Plan, digest: str, path: str, now: float, *, week: int | None = None
) -> ReportGround:
    """Of a plan that never ran."""
    here = _standing(plan, digest, path, World(), now, None)
    return ground_of(week if week is not None else here.snapshot.week, here, None, ())


class _Plans:
    """The plans that were in force, each read once."""

    def __init__(self, store: ReadOnlyStore, in_force: tuple[Plan, str, str]) -> None:
        self._store, self.now = store, in_force
        self._known = {in_force[1]: in_force[0]}

    def of(self, digest: str) -> Plan:
        if digest not in self._known:
            self._known[digest] = self._store.plan_of(digest)[0]
        return self._known[digest]

    def standing(self, world: World, at: float, worker_pid: int | None) -> Standing:
        """With the plan that was in force then; with today's where none was."""
        digest = world.project.plan_digest or self.now[1]
        path = world.project.plan_path or self.now[2]
        return _standing(self.of(digest), digest, path, world, at, worker_pid)


def _moment(
    store: ReadOnlyStore,
    plans: _Plans,
    events: Sequence[Event],
    now: float,
    week: int | None,
    at: float | None,
) -> tuple[Moment, bool]:
    """When it is told of, and whether that is in the past."""
    started = next((e.at for e in events if isinstance(e.body, ProjectStarted)), None)
    if at is not None:
        accepted = [e.body.digest for e in events if isinstance(e.body, PlanAccepted) and e.at <= at]
        plan = plans.of(accepted[-1]) if accepted else plans.now[0]
        return moment_of(plan, started if started is not None and started <= at else None, at, week), True
    plan = plans.now[0]
    here = told_at(plan, store.read_world(), now)
    start = project_start(plan.calendar, started)
    if week is None or start is None or started is None:
        return moment_of(plan, started, here, week), False
    current = week_of(plan.calendar, start, here)
    if week > current:
        why = f"the plan {'was finished' if here < now else 'is'} in week {current}"
        raise UsageError(f"week {week} has not begun: {why}", help=f"--week 1 to {max(1, current)}")
    if week == current:
        return moment_of(plan, started, here, week), False
    return moment_of(plan, started, week_end(plan.calendar, start, week) - JUST_BEFORE, week), True


def moment_of(plan: Plan, started: float | None, at: float, week: int | None) -> Moment:
    """A plan that has not started has no week before, and every week of it is the present."""
    start = project_start(plan.calendar, started)
    if week is None:
        week = week_of(plan.calendar, start, at)
    if start is None or started is None or week < 2:
        return Moment(at, week, None)
    before = week_end(plan.calendar, start, week - 1) - JUST_BEFORE
    return Moment(at, week, before if before >= started else None)


def folded(events: Sequence[Event], first: int) -> tuple[World, World]:
    """The worlds after the first `first` of the events, and after all of them: in one pass."""
    world = World()
    for event in events[:first]:
        apply(world, event)
    early = world.still()
    for event in events[first:]:
        apply(world, event)
    return early, world


def _standing(
    plan: Plan, digest: str, path: str, world: World, at: float, worker_pid: int | None
) -> Standing:
    view = forecast(plan, world, told_at(plan, world, at), runs=runs_in_passing(plan))
    snapshot = build_snapshot(plan, digest, path, world, at, worker_pid=worker_pid, forecast=view)
    return Standing(plan, world, snapshot)


def ground_of(
    week: int,
    now: Standing,
    before: Standing | None,
    events: Sequence[Event],
    plan_of: Callable[[str], Plan] | None = None,
) -> ReportGround:
    """Everything that is computed of what was recorded up to now. `events`: all of them, oldest first."""
    plan, world, snapshot = now.plan, now.world, now.snapshot
    at = snapshot.at
    digests = [e.body.digest for e in events if isinstance(e.body, PlanAccepted)]
    plans = {d: plan_of(d) for d in digests} if plan_of is not None else {}
    revision = before.world.revision if before is not None else 0
    between = [e for e in events if e.revision > revision]
    changes = None
    if plan_of is not None:
        changes = recorded_changes(events, plan_of, before.snapshot.at if before is not None else at, at)
    return ReportGround(
        week=week,
        plan=plan,
        snapshot=snapshot,
        before=before.snapshot if before is not None else None,
        timeline=timeline(plan, world, at, bands=_bands(snapshot)),
        earned=earned_study(plan, world, at, events, plans),
        flow=flow(plan, world, at, events),
        kpis=kpi_study(plan, world, at, events),
        forecast=_change(before, now),
        changes=changes,
        success=scoreboard(plan, world, at, events),
        differences=differences(before, now, between) if before is not None else None,
        rests=report_rests(events),
        basis=tuple(_basis(plan, snapshot)),
    )


def _change(before: Standing | None, now: Standing) -> ForecastChange | None:
    if before is None or before.snapshot.forecast.p85_week is None or now.snapshot.forecast.p85_week is None:
        return None
    old, new = (
        standing_of(s.plan, s.world, s.snapshot.at, s.snapshot.forecast, s.snapshot.plan_digest)
        for s in (before, now)
    )
    return change_since(old, new)


def _bands(snapshot: Snapshot) -> dict[str, Band]:
    """The simulated ends of the plan and of its gates."""
    told = snapshot.forecast
    found = [(END, told.p50_week, told.p85_week), *((g.id, g.p50_week, g.p85_week) for g in told.gates)]
    return {id: Band(p50, p85) for id, p50, p85 in found if p50 is not None and p85 is not None}


def _basis(plan: Plan, snapshot: Snapshot) -> Iterable[str]:
    if snapshot.forecast.p50_week is not None:
        yield f"{runs_in_passing(plan):,} simulated runs of the network with its gates, seed {SEED}"
