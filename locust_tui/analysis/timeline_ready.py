"""What could start: workstreams that have every need met, and what holds those back that do not start."""

from __future__ import annotations

from locust_tui.domain.plan import Plan, SchedulePolicy, Workstream
from locust_tui.domain.states import WorkstreamState
from locust_tui.domain.world import World

from .actuals import plan_start
from .gates import holds_start
from .needs import need_state
from .network import planned_start_week
from .startable import startable_kind
from .worktime import working_time

NOT_BEGUN = frozenset({WorkstreamState.PLANNED, WorkstreamState.BLOCKED, WorkstreamState.READY})


def ready(plan: Plan, world: World, now: float) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Workstreams not begun of which every need is met, in plan order: as many start once everything else is released;
    and (workstream, why) of those that a shut gate, their planned week or a person holds back."""
    start = plan_start(plan, world)
    week = 0.0 if start is None else working_time(plan.calendar, start, now)
    found, holds = [], []
    for work in plan.workstreams.values():
        if not may_begin(plan, world, work):
            continue
        found.append(work.id)
        why = _held(plan, world, work, week)
        if why:
            holds.append((work.id, why))
    return tuple(found), tuple(holds)


def may_begin(plan: Plan, world: World, work: Workstream) -> bool:
    """Whether it has not begun, there is something to execute, and every need is met."""
    status = world.workstream(work.id)
    paused_before = status.state is WorkstreamState.PAUSED and status.first_started is None
    if status.state not in NOT_BEGUN and not paused_before:
        return False
    return startable_kind(plan, work) and all(need_state(n, plan, world).met for n in work.needs)


def _held(plan: Plan, world: World, work: Workstream, week: float) -> str:
    status = world.workstream(work.id)
    if status.state is WorkstreamState.PAUSED:
        return "paused"
    gate = holds_start(plan, world, work)
    if gate is not None:
        return f"gate {gate.id} is {'killed' if world.gate(gate.id).state == 'killed' else 'shut'}"
    first = planned_start_week(plan, work)
    if (
        plan.schedule is SchedulePolicy.AS_PLANNED
        and not status.forced
        and first is not None
        and week < first - 1
    ):
        return f"planned for week {first}"
    return ""
