"""Each workstream in time: its spans, floats, what drives it and what it delays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from locust_tui.domain.clock import plan_time
from locust_tui.domain.plan import Plan, Workstream
from locust_tui.domain.states import WorkstreamState
from locust_tui.domain.studies.timeline import NEAR_WEEKS, Bar, Driver, Span
from locust_tui.domain.world import World

from .actuals import plan_start
from .driving import EPSILON, end_drivers, start_drivers, waited_for
from .needs import verified_percent
from .schedule import Schedule
from .situation import has_dates
from .timeline_delays import Delays
from .worktime import working_time

if TYPE_CHECKING:
    from .timeline import Ground


def bars(ground: Ground) -> Iterator[Bar]:
    """One for each workstream, in plan order."""
    planned, expected = ground.planned, ground.expected
    delays = Delays(ground.plan, planned, expected) if planned is not None and expected is not None else None
    for work in ground.plan.workstreams.values():
        bar = _plain(ground, work)
        yield bar if expected is None or delays is None else _dated(ground, bar, expected, delays)


def planned_span(work: Workstream, planned: Schedule | None) -> Span | None:
    """The weeks that the plan gives it, else where the plan's own network puts it; None in a plan without dates."""
    if work.weeks is not None:
        return Span(work.weeks.first - 1.0, float(work.weeks.last))
    if planned is None:
        return None
    i = planned.network.index[work.id]
    return Span(planned.es[i], planned.ef[i])


def actual_span(plan: Plan, world: World, work: str, now: float) -> Span | None:
    """From its first start to its acceptance, to where it failed or was cancelled, or to `now`; None before the first."""
    status, start = world.workstream(work), plan_start(plan, world)
    if start is None or status.first_started is None:
        return None
    done = status.state is WorkstreamState.ACCEPTED
    ended = status.state in (WorkstreamState.FAILED, WorkstreamState.CANCELLED)
    end = (status.accepted_at or status.since or now) if done else (status.since or now) if ended else now
    begin = position(plan, start, status.first_started)
    return Span(begin, max(begin, position(plan, start, end)))


def position(plan: Plan, start: float, at: float) -> float:
    """Where a moment lies: in working time, and in a plan without dates in plan weeks, for nothing there counts days."""
    return (working_time if has_dates(plan) else plan_time)(plan.calendar, start, at)


def _plain(ground: Ground, work: Workstream) -> Bar:
    status = ground.world.workstream(work.id)
    actual = actual_span(ground.plan, ground.world, work.id, ground.now)
    return Bar(
        id=work.id,
        name=work.name,
        phase=work.phase,
        orchestrator=work.orchestrator,
        state=status.state,
        verified=verified_percent(work, status),
        planned=planned_span(work, ground.planned),
        actual=actual,
        done=ground.is_done(work.id),
        driver=Driver.START if actual is None else Driver.DONE,
        band=ground.bands.get(work.id),
    )


def _dated(ground: Ground, bar: Bar, schedule: Schedule, delays: Delays) -> Bar:
    if bar.id in schedule.actual.removed:
        return bar
    i = schedule.network.index[bar.id]
    span = Span(schedule.es[i], schedule.ef[i])
    slack = schedule.total_float(bar.id)
    driver, by = _driver(schedule, i)
    moves, count = delays.moves(bar.id)
    days, by_needs = schedule.network.days, ground.by_needs
    planned = bar.planned
    return replace(
        bar,
        expected=span,
        latest=None if bar.done else Span(schedule.ls[i], schedule.lf[i]),
        float_weeks=None if bar.done else slack,
        free_weeks=None if bar.done else schedule.free[i],
        needs_float=None if bar.done or by_needs is None else by_needs.total_float(bar.id),
        critical=not bar.done and slack <= EPSILON,
        near=not bar.done and EPSILON < slack <= NEAR_WEEKS + EPSILON,
        driving=bar.id in ground.path,
        driver=driver,
        driven_by=tuple(schedule.network.ids[p] for p in by),
        waits=not bar.done and schedule.dates.waits_to_end(i),
        deviation_days=None if planned is None else (span.end - planned.end) * days,
        start_days=None if planned is None else (span.start - planned.start) * days,
        caused_days=delays.caused(bar.id) * days,
        moves=moves,
        moves_count=count,
    )


def _driver(schedule: Schedule, i: int) -> tuple[Driver, list[int]]:
    """What fixes the dates of a node: ends that it waits for before anything else."""
    dates = schedule.dates
    if dates.is_begun(i):
        return Driver.DONE, list(dict.fromkeys([*end_drivers(dates, i), *waited_for(dates, i)]))
    by = list(dict.fromkeys([*end_drivers(dates, i), *start_drivers(dates, i)]))
    if by:
        return Driver.NEEDS, by
    if schedule.as_planned and schedule.es[i] > schedule.actual.at + EPSILON:
        return Driver.DATE, by
    return (Driver.NOW if schedule.es[i] > EPSILON else Driver.START), by
