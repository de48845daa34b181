"""Milestones and gates as dated points: when they were reached, and whether in time."""

from __future__ import annotations

from locust_tui.domain.clock import week_end
from locust_tui.domain.plan import Milestone, Need, NeedKind, Plan
from locust_tui.domain.snapshot import MilestoneView
from locust_tui.domain.states import OPEN_GATE_STATES, WorkstreamState
from locust_tui.domain.world import World

from .actuals import plan_start
from .needs import need_state


def reached_at(milestone: Milestone, plan: Plan, world: World) -> float | None:
    """Moment its last need was met, seconds since the epoch; None while one is open or has no date on record."""
    moments = [_met_at(n, plan, world) for n in milestone.needs]
    known = [m for m in moments if m is not None]
    return max(known) if known and len(known) == len(moments) else None


def _met_at(need: Need, plan: Plan, world: World) -> float | None:
    """When a need was met, as far as the record dates it: half-done work is dated by its later acceptance."""
    if not need_state(need, plan, world).met:
        return None
    if need.target in plan.gates:
        return world.gate(need.target).since
    for milestone in plan.milestones:
        if milestone.id == need.target:
            return reached_at(milestone, plan, world)
    status = world.workstream(need.target)
    if need.kind is NeedKind.STARTED:
        return status.first_started
    return status.accepted_at if status.state is WorkstreamState.ACCEPTED else status.since


def on_time(reached: float | None, week: int | None, plan: Plan, world: World, now: float) -> bool | None:
    """True when reached by the end of the planned week, False when not or overdue, None while still ahead."""
    start = plan_start(plan, world)
    if week is None or start is None:
        return None
    due = week_end(plan.calendar, start, week)
    if reached is not None:
        return reached <= due
    return False if now > due else None


def milestone_views(plan: Plan, world: World, now: float) -> tuple[MilestoneView, ...]:
    """The plan's own milestones, in plan order."""
    views = []
    for m in plan.milestones:
        reached = reached_at(m, plan, world)
        views.append(MilestoneView(m.id, m.name, m.week, reached, on_time(reached, m.week, plan, world, now)))
    return tuple(views)


def dated_points(plan: Plan, world: World) -> tuple[tuple[int, float | None], ...]:
    """(planned week, moment reached or None) of every dated milestone and gate: what predictability counts."""
    points = [(m.week, reached_at(m, plan, world)) for m in plan.milestones if m.week is not None]
    for gate in plan.gates.values():
        if gate.week is not None:
            status = world.gate(gate.id)
            points.append((gate.week, status.since if status.state in OPEN_GATE_STATES else None))
    return tuple(points)
