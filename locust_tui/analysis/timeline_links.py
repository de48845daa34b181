"""The needs of a plan as edges in time: when each is met, how much later it may be, and how much later than planned it is."""

from __future__ import annotations

from collections.abc import Iterator

from locust_tui.domain.plan import Need, NeedKind, Plan
from locust_tui.domain.states import OUT_OF_SCOPE
from locust_tui.domain.studies.timeline import Link
from locust_tui.domain.world import World

from .driving import lag_days, start_drivers
from .needs import need_state
from .network import overlap_fraction
from .schedule import Schedule


def lag(plan: Plan, schedule: Schedule, need: Need) -> float:
    """Plan weeks from the start of the needed work to where a part of it is enough; 0 where all of it is asked for."""
    fraction, i = overlap_fraction(plan, need), schedule.network.index.get(need.target)
    if fraction is None or i is None:
        return 0.0
    return lag_days(schedule.network, schedule.durations[i], fraction)


def met_in(plan: Plan, schedule: Schedule, need: Need) -> float | None:
    """Plan week in which the need is met by that schedule; None for what it does not hold."""
    i = schedule.network.index.get(need.target)
    if i is None or need.target in schedule.actual.removed:
        return None
    if overlap_fraction(plan, need) is None:
        return schedule.ef[i]
    return min(schedule.ef[i], schedule.es[i] + lag(plan, schedule, need))


def slack(plan: Plan, schedule: Schedule, need: Need, target: str) -> float | None:
    """Plan weeks by which the need may be met later without moving the end: latest start of `target` less that moment."""
    met, j = met_in(plan, schedule, need), schedule.network.index.get(target)
    return None if met is None or j is None else max(0.0, schedule.ls[j] - met)


def delay(plan: Plan, planned: Schedule, now: Schedule, need: Need) -> float | None:
    """Plan weeks that the need is met, or will be, later than planned."""
    before, after = met_in(plan, planned, need), met_in(plan, now, need)
    return None if before is None or after is None else max(0.0, after - before)


def links(plan: Plan, world: World, planned: Schedule | None, now: Schedule | None) -> Iterator[Link]:
    """Every need of a workstream, in plan order; without schedules (a plan without dates) what rests on them is None."""
    for work in plan.workstreams.values():
        driving = _drivers(now, work.id) if now is not None and work.needs else frozenset()
        for need in work.needs:
            yield _link(plan, world, planned, now, need, work.id, need.target in driving)


def _link(
    plan: Plan,
    world: World,
    planned: Schedule | None,
    now: Schedule | None,
    need: Need,
    target: str,
    drives: bool,
) -> Link:
    state = need_state(need, plan, world)
    source = plan.workstreams.get(need.target)
    gone = source is not None and world.workstream(source.id).state in OUT_OF_SCOPE
    late = float_weeks = None
    if planned is not None and now is not None:
        late = delay(plan, planned, now, need)
        float_weeks = None if state.met else slack(plan, now, need, target)
    owners = (source.orchestrator if source is not None else None, plan.workstreams[target].orchestrator)
    return Link(
        source=need.target,
        target=target,
        condition=need.condition,
        met=state.met,
        dead=gone and not state.met,
        why=state.why,
        lag_weeks=0.0 if planned is None or need.kind is NeedKind.DONE else lag(plan, planned, need),
        float_weeks=float_weeks,
        delay_days=None if late is None or now is None else late * now.network.days,
        drives=drives,
        crosses=None not in owners and owners[0] != owners[1],
    )


def _drivers(schedule: Schedule, target: str) -> frozenset[str]:
    """What fixes the start of `target`."""
    ids, index = schedule.network.ids, schedule.network.index
    return frozenset(ids[i] for i in start_drivers(schedule.dates, index[target]))
