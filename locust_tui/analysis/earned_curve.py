"""The curve of earned value: week by week what was planned, what was earned as of then, and what changed the scope."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from locust_tui.domain.clock import project_start
from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.events import DeliverableVerified, Event, PlanAccepted, ProjectStarted, WorkstreamMoved
from locust_tui.domain.plan import WEEK_S, Plan, Workstream
from locust_tui.domain.states import OUT_OF_SCOPE, WorkstreamState
from locust_tui.domain.studies.figures import Curve, CurvePoint, ScopeChange
from locust_tui.domain.studies.rests import rests_on
from locust_tui.domain.world import WorkstreamStatus, World

from .actuals import plan_start
from .earned_cost import Spending
from .earned_schedule import earned_schedule, finish_week, span, time_index
from .needs import verified_percent
from .progress import NO_DATES, expected_progress
from .worktime import working_time

MOST_WEEKS = 260
FEW_WEEKS = 8
"""A curve of fewer has points between the weeks too, where a week is no calendar's."""


@dataclass(frozen=True, slots=True)
class _Sample:
    week: float
    at: float
    pv: float
    ev: float
    bac: float


def earned_curve(
    plan: Plan,
    world: World,
    now: float,
    events: Iterable[Event] = (),
    plans: Mapping[str, Plan] | None = None,
) -> Curve:
    """Planned and earned value at the end of each week and now, in points of weight.

    `events`: of EARNED_KINDS, oldest first. Without them what is earned is known for now alone. Past points are
    weighed by the plan that was in force then where `plans` has it, ahead of now by `plan`.
    """
    scope = _in_scope(plan, world.workstreams)
    weeks = span(plan, scope)
    bac = sum(w.weight for w in scope)
    if weeks is None or bac <= 0:
        return Curve(
            (), None, bac, reason=NO_DATES if scope and weeks is None else "no work is left in scope"
        )
    start = plan_start(plan, world)
    now_week = None if start is None else working_time(plan.calendar, start, now)
    horizon = min(MOST_WEEKS, max(weeks.last, math.ceil(now_week or 0.0)))
    seen = _Seen(plan, plans or {})
    taken = [event for event in events if event.at <= now]
    samples: list[_Sample] = []
    if start is not None and now_week is not None:
        past = [*_marks(plan, horizon, now_week), now_week]
        moments = [min(now, start + w * plan.calendar.week_s) for w in past]
        moments[-1] = now
        samples = list(_samples(seen, taken, list(zip(past, moments, strict=True))))
        earned = _earned(scope, world.workstreams)
        samples[-1] = _Sample(now_week, now, _planned(plan, scope, now_week), earned, bac)
        if not taken:
            samples = samples[-1:]
    spending = Spending(plan, world, now, taken)
    runs = spending.runs_of(None)
    told = bool(runs) and spending.unknown(runs) < len(runs)
    points = [
        CurvePoint(s.week, s.pv, s.ev, s.bac, spending.until(runs, s.at) if told else None) for s in samples
    ]
    ahead = [w for w in _marks(plan, horizon, float(horizon) + 1) if now_week is None or w > now_week]
    points += [CurvePoint(w, _planned(plan, scope, w), None, bac) for w in ahead]
    if not taken and samples:
        before = [w for w in _marks(plan, horizon, samples[0].week) if w < samples[0].week]
        points = [*(CurvePoint(w, _planned(plan, scope, w), None, bac) for w in before), *points]
    return Curve(
        tuple(points),
        now_week,
        bac,
        tuple(seen.changes),
        _forecast(plan, scope, samples[-1]) if samples else (),
        rests=rests_on(seen.revisions),
    )


def _marks(plan: Plan, horizon: int, before: float) -> list[float]:
    """Weeks of the curve's points from 0 on, those behind `before` left out."""
    parts = 4 if horizon < FEW_WEEKS and plan.calendar.week_s != WEEK_S else 1
    return [k / parts for k in range(horizon * parts + 1) if k / parts < before]


def _planned(plan: Plan, scope: Sequence[Workstream], week: float) -> float:
    return (expected_progress(plan, scope, week) or 0.0) / 100.0 * sum(w.weight for w in scope)


def _earned(scope: Sequence[Workstream], statuses: Mapping[str, WorkstreamStatus]) -> float:
    return sum(w.weight * verified_percent(w, statuses.get(w.id)) for w in scope) / 100.0


def _in_scope(plan: Plan, statuses: Mapping[str, WorkstreamStatus]) -> list[Workstream]:
    return [
        w
        for w in plan.workstreams.values()
        if w.id not in statuses or statuses[w.id].state not in OUT_OF_SCOPE
    ]


class _Seen:
    """What the log had said of work and plan up to some event."""

    def __init__(self, plan: Plan, plans: Mapping[str, Plan]) -> None:
        self.plan, self._plans = plan, plans
        self._accepted = False
        self.statuses: dict[str, WorkstreamStatus] = {}
        self.started: float | None = None
        self.changes: list[ScopeChange] = []
        self.revisions: list[int] = []

    def take(self, event: Event) -> None:
        match event.body:
            case ProjectStarted():
                self.started = event.at if self.started is None else self.started
            case PlanAccepted(digest=digest):
                self._accept(event, self._plans.get(digest))
            case WorkstreamMoved():
                self._move(event, event.body)
            case DeliverableVerified() as body:
                self.revisions.append(event.revision)
                old = self._status(body.workstream)
                rest = tuple(d for d in old.verified if d != body.deliverable)
                verified = (*rest, body.deliverable) if body.verified else rest
                self.statuses[old.id] = WorkstreamStatus(old.id, old.state, verified=verified)

    def _status(self, id: str) -> WorkstreamStatus:
        return self.statuses.get(id) or WorkstreamStatus(id)

    def _accept(self, event: Event, plan: Plan | None) -> None:
        if plan is None:
            return
        before, first = self.bac, not self._accepted
        self.plan, self._accepted = plan, True
        if not first and abs(self.bac - before) > 1e-9:
            self._change(event, "plan", "changed", before)

    def _move(self, event: Event, body: WorkstreamMoved) -> None:
        old = self._status(body.workstream)
        left, back = body.new in OUT_OF_SCOPE, body.old in OUT_OF_SCOPE
        crosses = left is not back and body.workstream in self.plan.workstreams
        before = self.bac if crosses else 0.0
        self.statuses[old.id] = WorkstreamStatus(old.id, body.new, verified=old.verified)
        if WorkstreamState.ACCEPTED in (body.old, body.new):
            self.revisions.append(event.revision)
        if crosses:
            self._change(event, body.workstream, body.new.value if left else "back", before)

    def _change(self, event: Event, what: str, state: str, before: float) -> None:
        self.revisions.append(event.revision)
        start = None if self.started is None else project_start(self.plan.calendar, self.started)
        week = 0.0 if start is None else working_time(self.plan.calendar, start, event.at)
        self.changes.append(ScopeChange(week, event.revision, what, state, before, self.bac))

    @property
    def bac(self) -> float:
        return sum(w.weight for w in _in_scope(self.plan, self.statuses))

    def sample(self, week: float, at: float) -> _Sample:
        scope = _in_scope(self.plan, self.statuses)
        planned, earned = _planned(self.plan, scope, week), _earned(scope, self.statuses)
        return _Sample(week, at, planned, earned, sum(w.weight for w in scope))


def _samples(
    seen: _Seen, events: Iterable[Event], wanted: Sequence[tuple[float, float]]
) -> Iterator[_Sample]:
    """(week, moment) → how it stood then."""
    rest = iter(events)
    event = next(rest, None)
    for week, at in wanted:
        while event is not None and event.at <= at:
            seen.take(event)
            event = next(rest, None)
        yield seen.sample(week, at)


def _forecast(plan: Plan, scope: Sequence[Workstream], now: _Sample) -> tuple[tuple[float, float], ...]:
    """A straight line from now to all of it at the finish by earned schedule; none where that is not to be told."""
    weeks = span(plan, scope)
    if weeks is None or now.bac <= 0 or now.ev >= now.bac - 1e-9:
        return ()

    def planned(week: float) -> float:
        return _planned(plan, scope, week) / now.bac

    es = earned_schedule(planned, now.ev / now.bac, weeks, now.week)
    finish = finish_week(time_index(es, now.week, weeks), weeks)
    if finish is None or finish <= now.week:
        return ()
    return ((now.week, now.ev), (finish, now.bac))
