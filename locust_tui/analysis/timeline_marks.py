"""Gates and milestones in time: due, reached, expected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from locust_tui.domain.plan import Gate, Milestone
from locust_tui.domain.states import OPEN_GATE_STATES
from locust_tui.domain.studies.timeline import Mark

from .actuals import plan_start
from .driving import EPSILON
from .milestones import on_time, reached_at
from .timeline_bars import position

if TYPE_CHECKING:
    from .timeline import Ground


def marks(ground: Ground) -> Iterator[Mark]:
    """Gates, then milestones, in plan order."""
    for gate in ground.plan.gates.values():
        status = ground.world.gate(gate.id)
        yield _mark(ground, gate, "gate", status.since if status.state in OPEN_GATE_STATES else None)
    for milestone in ground.plan.milestones:
        yield _mark(ground, milestone, "milestone", reached_at(milestone, ground.plan, ground.world))


def _mark(ground: Ground, one: Gate | Milestone, kind: str, at: float | None) -> Mark:
    plan, schedule = ground.plan, ground.expected
    start = plan_start(plan, ground.world)
    reached = None if at is None or start is None else position(plan, start, at)
    expected: float | None = None
    by: tuple[str, ...] = ()
    if schedule is not None and reached is None:
        i = schedule.network.index[one.id]
        expected = max(schedule.ef[i], schedule.actual.at)
        by = tuple(schedule.network.ids[p] for p in _last_before(ground, i))
    due = None if one.week is None else float(one.week)
    moment = expected if reached is None else reached
    days = len(plan.calendar.workdays) or 5
    return Mark(
        id=one.id,
        name=one.name,
        kind=kind,
        due=due,
        expected=expected,
        reached=reached,
        state=ground.world.gate(one.id).state if isinstance(one, Gate) else None,
        on_time=on_time(at, one.week, plan, ground.world, ground.now),
        late_days=None if due is None or moment is None else (moment - due) * days,
        phase=one.closes if isinstance(one, Gate) else None,
        driven_by=by,
        band=ground.bands.get(one.id),
    )


def _last_before(ground: Ground, i: int) -> list[int]:
    """What the node waits for last."""
    schedule = ground.expected
    assert schedule is not None
    every = (*schedule.network.fs[i], *schedule.network.ff[i])
    before = [p for p in every if schedule.network.ids[p] not in schedule.actual.removed]
    latest = max((schedule.ef[p] for p in before), default=0.0)
    return [p for p in before if schedule.ef[p] >= latest - EPSILON]
