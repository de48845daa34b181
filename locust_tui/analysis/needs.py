"""Whether each need of a workstream, gate or milestone is met, and in words why not."""

from __future__ import annotations

from typing import NamedTuple

from locust_tui.domain.plan import Milestone, Need, NeedKind, Plan, Workstream
from locust_tui.domain.states import OPEN_GATE_STATES, OUT_OF_SCOPE, WorkstreamState
from locust_tui.domain.world import WorkstreamStatus, World
from locust_tui.signs import stands

UNACCEPTED_LIMIT = 90.0
"""Points that verified deliverables can give before the workstream is accepted (the 90 % rule)."""


class NeedState(NamedTuple):
    met: bool
    why: str
    """The edge in words: "WS-05 is 33 % verified, 40 % needed", "gate g2 is shut"."""
    short: str
    """What is needed, for a list after "needs": "WS-05 (33 % of 40 %)"; empty for a gate."""


def verified_percent(workstream: Workstream, status: WorkstreamStatus | None) -> float:
    """Points that count: 100 once accepted, else verified over all deliverables, at most 90; 0 without any."""
    if status is None:
        return 0.0
    if status.state is WorkstreamState.ACCEPTED:
        return 100.0
    if not workstream.deliverables or not status.verified:
        return 0.0
    done = sum(1 for d in workstream.deliverables if d.id in status.verified)
    return min(UNACCEPTED_LIMIT, 100.0 * done / len(workstream.deliverables))


def need_state(need: Need, plan: Plan, world: World) -> NeedState:
    """Truth of one need now. A target the plan does not know is never met."""
    workstream = plan.workstreams.get(need.target)
    if workstream is not None:
        return _workstream_need(need, workstream, world.workstreams.get(workstream.id))
    if need.target in plan.gates:
        state = world.gate(need.target).state
        is_open = state in OPEN_GATE_STATES
        return NeedState(is_open, f"gate {need.target} is {state.value if is_open else 'shut'}", "")
    for milestone in plan.milestones:
        if milestone.id == need.target:
            reached = milestone_reached(milestone, plan, world)
            words = f"milestone {milestone.name}"
            return NeedState(reached, f"{words} is {'reached' if reached else 'not reached'}", words)
    return NeedState(False, f"{need.target} is not in the plan", need.target)


def milestone_reached(milestone: Milestone, plan: Plan, world: World) -> bool:
    """All its needs are met; one without needs is never reached by the work."""
    return bool(milestone.needs) and all(need_state(n, plan, world).met for n in milestone.needs)


def _workstream_need(need: Need, target: Workstream, status: WorkstreamStatus | None) -> NeedState:
    state = status.state if status is not None else WorkstreamState.PLANNED
    if status is not None and state is WorkstreamState.ACCEPTED:
        return NeedState(True, f"{target.id} is accepted", target.id)
    if state in OUT_OF_SCOPE:
        return NeedState(False, f"{target.id} was {state.value}", f"{target.id} ({state.value})")
    need_state = _unaccepted_need(need, target, status, state)
    if not need_state.met and state is WorkstreamState.FAILED and need.kind is not NeedKind.DONE:
        return NeedState(False, f"{need_state.why}; {target.id} failed", f"{need_state.short}, which failed")
    return need_state


def _unaccepted_need(
    need: Need, target: Workstream, status: WorkstreamStatus | None, state: WorkstreamState
) -> NeedState:
    if need.kind is NeedKind.DONE:
        failed = state is WorkstreamState.FAILED
        return NeedState(
            False, f"{target.id} is {stands(state)}", f"{target.id} (failed)" if failed else target.id
        )
    if need.kind is NeedKind.STARTED:
        begun = status is not None and status.first_started is not None
        words = f"{target.id} has {'started' if begun else 'not started'}"
        return NeedState(begun, words, f"{target.id} to start")
    if need.kind is NeedKind.DELIVERABLE:
        there = status is not None and need.deliverable in status.verified
        words = f"{need.deliverable} of {target.id}"
        return NeedState(there, f"{words} is {'verified' if there else 'not verified'}", words)
    percent, wanted = verified_percent(target, status), need.percent or 0.0
    words = f"{target.id} is {percent:.0f} % verified"
    if percent < wanted:
        words += f", {wanted:g} % needed"
    return NeedState(percent >= wanted, words, f"{target.id} ({percent:.0f} % of {wanted:g} %)")


def unmet_needs(workstream: Workstream, plan: Plan, world: World) -> tuple[NeedState, ...]:
    """Needs that hold its start, in plan order."""
    states = (need_state(n, plan, world) for n in workstream.needs)
    return tuple(s for s in states if not s.met)


def unaccepted_needs(workstream: Workstream, plan: Plan, world: World) -> tuple[str, ...]:
    """Targets that hold its acceptance: an overlap lets work start, never finish."""
    held = []
    for need in workstream.needs:
        if need.target in plan.workstreams:
            finished = world.workstream(need.target).state is WorkstreamState.ACCEPTED
        else:
            finished = need_state(need, plan, world).met
        if not finished and need.target not in held:
            held.append(need.target)
    return tuple(held)


def dead_needs(workstream: Workstream, plan: Plan, world: World) -> tuple[str, ...]:
    """Targets that failed, were cancelled or deferred while their need was unmet: nothing moves by itself."""
    dead = (WorkstreamState.FAILED, WorkstreamState.CANCELLED, WorkstreamState.DEFERRED)
    return tuple(
        n.target
        for n in workstream.needs
        if n.target in plan.workstreams
        and world.workstream(n.target).state in dead
        and not need_state(n, plan, world).met
    )
