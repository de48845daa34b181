"""What a weekly report is made of, gathered from the record in one pass over its events.

The same record and the same moment give the same ground, whenever and wherever it is gathered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from locust_tui.analysis.baseline import recorded_changes
from locust_tui.analysis.differences import KINDS as DIFFERENCE_KINDS
from locust_tui.analysis.differences import PlanAt, differences
from locust_tui.analysis.earned_value import EARNED_KINDS, earned_study
from locust_tui.analysis.ending import told_at
from locust_tui.analysis.flow import FLOW_KINDS, flow
from locust_tui.analysis.forecast import SEED, forecast_in_passing, runs_in_passing
from locust_tui.analysis.forecast_study import standing_of
from locust_tui.analysis.kpi_figures import KPI_KINDS, kpi_study
from locust_tui.analysis.overview import build_snapshot
from locust_tui.analysis.report_rests import report_rests
from locust_tui.analysis.success import SUCCESS_KINDS, scoreboard
from locust_tui.analysis.timeline import timeline
from locust_tui.analysis.timeline_bands import bands_of
from locust_tui.domain.clock import last_moment, project_start, week_of
from locust_tui.domain.events import NAMES, Event, PlanAccepted, ProjectEnded, ProjectStarted
from locust_tui.domain.fold import apply
from locust_tui.domain.plan import Plan
from locust_tui.domain.snapshot import Snapshot
from locust_tui.domain.studies.forecast import ForecastChange, change_since
from locust_tui.domain.studies.report import ReportGround
from locust_tui.domain.world import World
from locust_tui.errors import UsageError

if TYPE_CHECKING:
    from locust_tui.state.reader import ReadOnlyStore


class Record(NamedTuple):
    """All that is read of the record for a report."""

    events: Sequence[Event]
    """Oldest first."""
    plans: Mapping[str, Plan]
    """Every plan that was ever in force, by digest."""
    digest: str
    path: str
    """Of the plan in force."""

    def upto(self, at: float) -> int:
        """How many events there were at a moment: one that bears an earlier time than those before it counts from
        where it stands."""
        return next((n for n, event in enumerate(self.events) if event.at > at), len(self.events))


class Moment(NamedTuple):
    """When the report is told of, and the end of the week before, where the plan was already running then."""

    at: float
    week: int
    before: float | None


def read_record(store: ReadOnlyStore) -> Record | None:
    """None where no plan was put in force yet."""
    in_force = store.plan()
    if in_force is None:
        return None
    plan, digest, path = in_force
    events = store.events()
    known = dict.fromkeys(e.body.digest for e in events if isinstance(e.body, PlanAccepted))
    plans = {other: store.plan_of(other)[0] for other in known if other != digest}
    return Record(events, {**plans, digest: plan}, digest, path)


def recorded_ground(
    record: Record,
    now: float,
    *,
    week: int | None = None,
    at: float | None = None,
    worker_pid: int | None = None,
    look: Callable[[Snapshot], Snapshot] | None = None,
) -> ReportGround:
    """Of plan week `week` as it stood at its end; of the moment `at`; else of `now`, with the worker that lives now.

    `look` adds what only the present knows. UsageError for a week that has not begun.
    """
    moment, past = _moment(record, now, week, at)
    events = record.events[: record.upto(moment.at)] if past else record.events
    first = record.upto(moment.before) if moment.before is not None else 0
    early, world = folded(events, first)
    here = _recorded(record, world, moment.at, world.project.worker_pid if past else worker_pid)
    if look is not None and not past:
        here = here._replace(snapshot=look(here.snapshot))
    earlier = None
    if moment.before is not None and early.project.started is not None:
        earlier = _recorded(record, early, moment.before, early.project.worker_pid)
    looked = moment.at if past else now
    return ground_of(moment.week, here, earlier, events, record.plans, looked=looked)


def planned_ground(
    plan: Plan, digest: str, path: str, now: float, *, week: int | None = None, world: World | None = None
) -> ReportGround:
    """Of a plan that never ran; of a `world` whose events are not at hand."""
    here = _plan_at(plan, digest, path, world or World(), now, None)
    return ground_of(week if week is not None else here.snapshot.week, here, None, (), None)


def _recorded(record: Record, world: World, at: float, worker_pid: int | None) -> PlanAt:
    """With the plan that was in force then; with today's where none was."""
    digest = world.project.plan_digest or record.digest
    path = world.project.plan_path or record.path
    return _plan_at(record.plans[digest], digest, path, world, at, worker_pid)


def _moment(record: Record, now: float, week: int | None, at: float | None) -> tuple[Moment, bool]:
    """When it is told of, and whether that is in the past."""
    started = next((e.at for e in record.events if isinstance(e.body, ProjectStarted)), None)
    if at is not None:
        bodies = [e.body for e in record.events[: record.upto(at)]]
        accepted = [body.digest for body in bodies if isinstance(body, PlanAccepted)]
        plan = record.plans[accepted[-1] if accepted else record.digest]
        return moment_of(plan, started if started is not None and started <= at else None, at, week), True
    plan = record.plans[record.digest]
    here = _present(record, now)
    start = project_start(plan.calendar, started)
    if week is None or start is None or started is None:
        return moment_of(plan, started, here, week), False
    current = week_of(plan.calendar, start, here)
    if week > current:
        why = f"the plan {'was finished' if here < now else 'is'} in week {current}"
        raise UsageError(f"week {week} has not begun: {why}", help=f"--week 1 to {max(1, current)}")
    if week == current:
        return moment_of(plan, started, here, week), False
    return moment_of(plan, started, last_moment(plan.calendar, start, week), week), True


def _present(record: Record, now: float) -> float:
    """Now, or when the plan came to its good end."""
    if not any(isinstance(event.body, ProjectEnded) for event in record.events):
        return now
    return told_at(record.plans[record.digest], folded(record.events, 0)[1], now)


def moment_of(plan: Plan, started: float | None, at: float, week: int | None) -> Moment:
    """A plan that has not started has no week before, and every week of it is the present."""
    start = project_start(plan.calendar, started)
    if week is None:
        week = week_of(plan.calendar, start, at)
    if start is None or started is None or week < 2:
        return Moment(at, week, None)
    before = last_moment(plan.calendar, start, week - 1)
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


def _plan_at(plan: Plan, digest: str, path: str, world: World, at: float, worker_pid: int | None) -> PlanAt:
    view = forecast_in_passing(plan, world, told_at(plan, world, at))
    snapshot = build_snapshot(plan, digest, path, world, at, worker_pid=worker_pid, forecast=view)
    return PlanAt(plan, world, snapshot)


def ground_of(
    week: int,
    now: PlanAt,
    before: PlanAt | None,
    events: Sequence[Event],
    plans: Mapping[str, Plan] | None,
    *,
    looked: float | None = None,
) -> ReportGround:
    """Everything that is computed of what was recorded up to now. `events`: all of them, oldest first; `plans`: those
    they put in force, None where they are not at hand; `looked`: the clock of what is looked at after the release,
    which goes on when that of a finished plan has stopped."""
    plan, world, snapshot = now.plan, now.world, now.snapshot
    at = snapshot.at
    revision = before.world.revision if before is not None else 0
    between = of_kinds((e for e in events if e.revision > revision), DIFFERENCE_KINDS)
    changes = None
    if plans is not None:
        changes = recorded_changes(
            events, plans.__getitem__, before.snapshot.at if before is not None else at, at
        )
    return ReportGround(
        week=week,
        plan=plan,
        snapshot=snapshot,
        before=before.snapshot if before is not None else None,
        timeline=timeline(plan, world, at, bands=bands_of(snapshot.forecast)),
        earned=earned_study(plan, world, at, of_kinds(events, EARNED_KINDS), plans or {}),
        flow=flow(plan, world, at, of_kinds(events, FLOW_KINDS)),
        kpis=kpi_study(plan, world, at, of_kinds(events, KPI_KINDS)),
        forecast=_change(before, now),
        changes=changes,
        success=scoreboard(plan, world, at if looked is None else looked, of_kinds(events, SUCCESS_KINDS)),
        differences=differences(before, now, between) if before is not None else None,
        rests=report_rests(events),
        basis=tuple(_basis(plan, snapshot)),
    )


def of_kinds(events: Iterable[Event], kinds: Iterable[str]) -> list[Event]:
    wanted = frozenset(kinds)
    return [event for event in events if NAMES[type(event.body)] in wanted]


def _change(before: PlanAt | None, now: PlanAt) -> ForecastChange | None:
    if before is None or before.snapshot.forecast.p85_week is None or now.snapshot.forecast.p85_week is None:
        return None
    old, new = (
        standing_of(s.plan, s.world, s.snapshot.at, s.snapshot.forecast, s.snapshot.plan_digest)
        for s in (before, now)
    )
    return change_since(old, new)


def _basis(plan: Plan, snapshot: Snapshot) -> Iterable[str]:
    if snapshot.forecast.p50_week is not None:
        yield f"{runs_in_passing(plan):,} simulated runs of the network with its gates, seed {SEED}"
