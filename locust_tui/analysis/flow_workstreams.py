"""The figures of each workstream: what is verified, how reviews went, how far from its dates, whom it held up."""

from __future__ import annotations

from collections.abc import Iterable

from locust_tui.domain.clock import week_end
from locust_tui.domain.events import DeliverableVerified, Event, WorkstreamMoved, WorkstreamReviewed
from locust_tui.domain.plan import Plan, Workstream
from locust_tui.domain.states import OUT_OF_SCOPE, WorkstreamState
from locust_tui.domain.studies.figures import Figure, WorkstreamFigures
from locust_tui.domain.studies.rests import Rests, rests_on
from locust_tui.domain.world import WorkstreamStatus, World

from .actuals import plan_start
from .need_moments import NeedMoments
from .needs_news import planned_end
from .worktime import days_between

NEAR_DAYS = 2.0


def workstream_figures(
    plan: Plan, world: World, now: float, events: Iterable[Event], moments: NeedMoments
) -> tuple[WorkstreamFigures, ...]:
    """Of every workstream in scope, in plan order."""
    found = _Revisions(events)
    successors: dict[str, list[Workstream]] = {}
    for w in plan.workstreams.values():
        for target in dict.fromkeys(n.target for n in w.needs):
            successors.setdefault(target, []).append(w)
    return tuple(
        _figures(plan, world, now, w, successors.get(w.id, ()), found, moments)
        for w in plan.workstreams.values()
        if world.workstream(w.id).state not in OUT_OF_SCOPE
    )


class _Revisions:
    """Events by workstream and kind."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._known: dict[tuple[str, type], list[int]] = {}
        for event in events:
            body = event.body
            if isinstance(body, DeliverableVerified | WorkstreamMoved | WorkstreamReviewed):
                self._known.setdefault((body.workstream, type(body)), []).append(event.revision)

    def of(self, workstream: str, *kinds: type) -> Rests:
        return rests_on(r for kind in kinds for r in self._known.get((workstream, kind), ()))


def _figures(
    plan: Plan,
    world: World,
    now: float,
    w: Workstream,
    successors: Iterable[Workstream],
    found: _Revisions,
    moments: NeedMoments,
) -> WorkstreamFigures:
    status = world.workstream(w.id)
    schedule = _schedule(plan, world, now, w, status, found.of(w.id, WorkstreamMoved))
    near = None if schedule.value is None else abs(schedule.value) <= NEAR_DAYS
    delay, waited = _delay_caused(plan, world, now, w, successors, moments)
    return WorkstreamFigures(
        w.id,
        w.name,
        _completion(w, status, found.of(w.id, DeliverableVerified)),
        _review_pass(status, found.of(w.id, WorkstreamReviewed)),
        schedule,
        near,
        Figure(delay, "" if delay is not None else "the plan has not been started", waited),
    )


def _completion(w: Workstream, status: WorkstreamStatus, rests: Rests) -> Figure:
    if not w.deliverables:
        return Figure(None, "it has no deliverables", rests)
    verified = sum(d.id in status.verified for d in w.deliverables)
    return Figure(100.0 * verified / len(w.deliverables), rests=rests)


def _review_pass(status: WorkstreamStatus, rests: Rests) -> Figure:
    if not status.reviews:
        return Figure(None, "it has not been reviewed", rests)
    return Figure(100.0 * status.reviews_passed / status.reviews, rests=rests)


def _schedule(
    plan: Plan, world: World, now: float, w: Workstream, status: WorkstreamStatus, rests: Rests
) -> Figure:
    """Working days from the planned end to the acceptance, or to now where that is overdue."""
    end, start = planned_end(plan, world, w), plan_start(plan, world)
    if end is None:
        return Figure(None, "it has no dates" if w.weeks is None else "the plan has not been started", rests)
    accepted = status.accepted_at if status.state is WorkstreamState.ACCEPTED else None
    if accepted is None and now <= end:
        return Figure(None, "its planned end is ahead", rests)
    return Figure(days_between(plan.calendar, start, end, now if accepted is None else accepted), rests=rests)


def _delay_caused(
    plan: Plan,
    world: World,
    now: float,
    w: Workstream,
    successors: Iterable[Workstream],
    moments: NeedMoments,
) -> tuple[float | None, Rests]:
    """Σ over successors of the working days past their planned start in which their need of `w` was not met.

    Where several hold one successor up at once, each of them has caused the whole of it.
    """
    start = plan_start(plan, world)
    if start is None:
        return None, rests_on(())
    total = 0.0
    revisions: list[int] = []
    for successor in successors:
        status = world.workstream(successor.id)
        if successor.weeks is None or status.state in OUT_OF_SCOPE:
            continue
        planned = week_end(plan.calendar, start, successor.weeks.first - 1)
        until = now if status.first_started is None else status.first_started
        needs = [n for n in successor.needs if n.target == w.id]
        met = [moments.since(n) for n in needs]
        last = max((until if at is None else min(at, until) for at in met), default=planned)
        if last > planned:
            total += days_between(plan.calendar, start, planned, last)
            revisions += moments.revisions(needs)
    return total, rests_on(revisions)
