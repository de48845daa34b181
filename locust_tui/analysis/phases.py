"""State of each phase, from its workstreams and the gate that closes it."""

from __future__ import annotations

from collections.abc import Sequence

from locust_tui.domain.plan import Phase, Plan
from locust_tui.domain.states import (
    OPEN_GATE_STATES,
    OUT_OF_SCOPE,
    GateState,
    PhaseState,
    WorkstreamState,
)
from locust_tui.domain.world import World

_UNTOUCHED = frozenset({WorkstreamState.PLANNED, WorkstreamState.BLOCKED, WorkstreamState.READY})
_DECIDED = (
    (GateState.KILLED, PhaseState.KILLED),
    (GateState.HOLD, PhaseState.HELD),
    (GateState.RECYCLED, PhaseState.RECYCLED),
)
ACTIVE = frozenset(
    {
        PhaseState.ACTIVE,
        PhaseState.READY_FOR_GATE,
        PhaseState.GATE_PENDING,
        PhaseState.RECYCLED,
        PhaseState.HELD,
    }
)
"""A phase in one of these is current: begun and not yet let through."""


def phase_state(plan: Plan, world: World, phase: Phase, members: Sequence[str] | None = None) -> PhaseState:
    """State of `phase`; `members` are the ids of its workstreams where the caller has them at hand."""
    if members is None:
        members = [w.id for w in plan.workstreams.values() if w.phase == phase.id]
    closing = [world.gate(g.id).state for g in plan.gates_closing(phase.id)]
    for decided, state in _DECIDED:
        if decided in closing:
            return state
    if closing and all(s in OPEN_GATE_STATES for s in closing):
        return PhaseState.CONDITIONAL if GateState.CONDITIONAL in closing else PhaseState.PASSED
    statuses = [world.workstream(m) for m in members]
    in_scope = [s for s in statuses if s.state not in OUT_OF_SCOPE]
    if members and all(s.state is WorkstreamState.ACCEPTED for s in in_scope):
        if not closing:
            return PhaseState.DONE
        undecided = [s for s in closing if s not in OPEN_GATE_STATES]
        pending = all(s is GateState.PENDING for s in undecided)
        return PhaseState.GATE_PENDING if pending else PhaseState.READY_FOR_GATE
    begun = any(s.first_started is not None or s.state not in _UNTOUCHED for s in in_scope)
    return PhaseState.ACTIVE if begun else PhaseState.NOT_STARTED
