"""What has really happened to the nodes of a network, in plan weeks since the start of week 1, as working days pass."""

from __future__ import annotations

from dataclasses import field

from locust_tui.domain.clock import project_start
from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.plan import Plan
from locust_tui.domain.states import OPEN_GATE_STATES, OUT_OF_SCOPE, WorkstreamState
from locust_tui.domain.world import World

from .worktime import working_time


@dataclass(frozen=True, slots=True)
class Actuals:
    """Plan weeks. `at` is now: nothing undone is scheduled before it."""

    at: float = 0.0
    started: dict[str, float] = field(default_factory=dict)
    finished: dict[str, float] = field(default_factory=dict)
    """Accepted workstreams and open gates."""
    removed: frozenset[str] = frozenset()
    """Cancelled and deferred workstreams."""


def plan_start(plan: Plan, world: World) -> float | None:
    """First moment of week 1; None before the first start, when analysis counts from week 1 without a clock."""
    started = world.project.started
    return None if started is None else project_start(plan.calendar, started)


def actuals(plan: Plan, world: World, now: float) -> Actuals:
    """Starts, finishes and removals of `world` as of `now` (seconds since the epoch)."""
    start = plan_start(plan, world)
    if start is None:
        return Actuals()
    calendar = plan.calendar
    started: dict[str, float] = {}
    finished: dict[str, float] = {}
    removed: list[str] = []
    for work, status in world.workstreams.items():
        if work not in plan.workstreams:
            continue
        if status.state in OUT_OF_SCOPE:
            removed.append(work)
            continue
        if status.first_started is not None:
            started[work] = working_time(calendar, start, status.first_started)
        if status.state is WorkstreamState.ACCEPTED:
            finished[work] = working_time(calendar, start, status.accepted_at or status.since or now)
    for name, gate in world.gates.items():
        if name in plan.gates and gate.state in OPEN_GATE_STATES:
            finished[name] = working_time(calendar, start, now if gate.since is None else gate.since)
    return Actuals(max(0.0, working_time(calendar, start, now)), started, finished, frozenset(removed))
