"""What has really happened to the nodes of a network, in plan weeks since the start of week 1, as working days pass."""

from __future__ import annotations

from dataclasses import field

from locust_tui.domain.clock import project_start
from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.plan import NeedKind, Plan
from locust_tui.domain.states import OPEN_GATE_STATES, OUT_OF_SCOPE, WorkstreamState
from locust_tui.domain.world import World

from .needs import need_state
from .worktime import working_time

_NOT_BEGUN = (
    WorkstreamState.PLANNED,
    WorkstreamState.BLOCKED,
    WorkstreamState.READY,
    WorkstreamState.DEFERRED,
)


@dataclass(frozen=True, slots=True)
class Actuals:
    """Plan weeks. `at` is now: nothing undone is scheduled before it."""

    at: float = 0.0
    started: dict[str, float] = field(default_factory=dict)
    finished: dict[str, float] = field(default_factory=dict)
    """Accepted workstreams and open gates."""
    removed: frozenset[str] = frozenset()
    """Cancelled and deferred workstreams."""
    met: frozenset[tuple[str, str]] = frozenset()
    """(needed, waiting) of partial needs that are met though the needed work goes on."""


def plan_start(plan: Plan, world: World) -> float | None:
    """First moment of week 1; None before the first start, when analysis counts from week 1 without a clock."""
    started = world.project.started
    return None if started is None else project_start(plan.calendar, started)


def actuals(plan: Plan, world: World, now: float) -> Actuals:
    """Starts, finishes and removals of `world` as of `now` (seconds since the epoch)."""
    start = plan_start(plan, world)
    if start is None:
        return Actuals(removed=deferred(plan, world))
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
    at = max(0.0, working_time(calendar, start, now))
    gone = deferred(plan, world).union(removed)
    return Actuals(at, started, finished, gone, _met(plan, world, started))


def deferred(plan: Plan, world: World) -> frozenset[str]:
    """Work that the plan leaves for later, and that nobody has begun."""
    return frozenset(
        w.id for w in plan.workstreams.values() if w.defer and world.workstream(w.id).state in _NOT_BEGUN
    )


def _met(plan: Plan, world: World, started: dict[str, float]) -> frozenset[tuple[str, str]]:
    open_: dict[tuple[str, str], bool] = {}
    for work in plan.workstreams.values():
        for need in work.needs:
            if need.target in started and need.kind is not NeedKind.DONE:
                edge = need.target, work.id
                open_[edge] = open_.get(edge, False) or not need_state(need, plan, world).met
    return frozenset(edge for edge, is_open in open_.items() if not is_open)
