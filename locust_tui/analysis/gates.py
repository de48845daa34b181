"""Gates: what must be accepted first, how the criteria stand, what they hold, and which decisions are possible."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from locust_tui.domain.criterion import criterion_key
from locust_tui.domain.people import Decision
from locust_tui.domain.plan import Gate, GateMode, Plan, Workstream
from locust_tui.domain.states import (
    GATE_TRANSITIONS,
    OPEN_GATE_STATES,
    OUT_OF_SCOPE,
    CriterionState,
    DecisionKind,
    GateState,
    WorkstreamState,
)
from locust_tui.domain.world import GateStatus, World

from .criterion_state import CriterionStanding, standing
from .needs import need_state
from .network import gate_holds_acceptance, gate_holds_start

_TO_STATE = {
    DecisionKind.GO: GateState.GO,
    DecisionKind.CONDITIONAL: GateState.CONDITIONAL,
    DecisionKind.HOLD: GateState.HOLD,
    DecisionKind.RECYCLE: GateState.RECYCLED,
    DecisionKind.KILL: GateState.KILLED,
}


class Choice(NamedTuple):
    kind: DecisionKind
    possible: bool
    why_not: str


def is_open(gate: Gate, world: World) -> bool:
    return world.gate(gate.id).state in OPEN_GATE_STATES


def waits_on(plan: Plan, world: World, gate: Gate, members: Sequence[str] | None = None) -> tuple[str, ...]:
    """Workstreams and gates that must be finished before the gate is due, in plan order.

    Deferred and cancelled members of the phase are left out; the gate's own needs are not. `members` are
    the workstreams of the phase it closes, where the caller has them at hand.
    """
    if members is None:
        members = [
            w.id for w in plan.workstreams.values() if gate.closes is not None and w.phase == gate.closes
        ]
    waiting = [m for m in members if not _is_through(world, m)]
    for need in gate.needs:
        if need.target not in waiting and not need_state(need, plan, world).met:
            waiting.append(need.target)
    return tuple(waiting)


def _is_through(world: World, workstream: str) -> bool:
    status = world.workstreams.get(workstream)
    return status is not None and (status.state is WorkstreamState.ACCEPTED or status.state in OUT_OF_SCOPE)


def standings(plan: Plan, world: World, gate: Gate, now: float) -> tuple[CriterionStanding, ...]:
    """How each criterion of the gate stands, in plan order."""
    status = world.gate(gate.id)
    owner = f"gate:{gate.id}"
    return tuple(standing(c, criterion_key(owner, c.id), plan, world, now, status) for c in gate.criteria)


def evaluated_state(found: tuple[CriterionStanding, ...], waiting: tuple[str, ...]) -> GateState:
    """State of an undecided gate from its inputs and criteria."""
    if waiting:
        return GateState.NOT_DUE
    needed = {CriterionState.PASS, CriterionState.WAIVED, CriterionState.WAITING}
    return GateState.PENDING if all(s.state in needed for s in found if s.counts) else GateState.READY


def choices(gate: Gate, world: World, found: tuple[CriterionStanding, ...]) -> tuple[Choice, ...]:
    """Every kind of decision, whether it is possible now, and why not.

    Go and Conditional Go need every must criterion passed or waived, or waiting for a signature that any
    approver gives with the decision. A Conditional Go may also leave unmeasured what nothing has failed.
    """
    status = world.gate(gate.id)
    legal = GATE_TRANSITIONS[status.state]
    made = []
    for kind, target in _TO_STATE.items():
        opens = kind in (DecisionKind.GO, DecisionKind.CONDITIONAL)
        why_not = ""
        if target not in legal and not (target is status.state and target is not GateState.GO):
            undecided = opens and status.state in (GateState.NOT_DUE, GateState.READY)
            why_not = (undecided and _open_why_not(kind, found)) or _state_why_not(status, target)
        elif opens:
            why_not = _open_why_not(kind, found)
        made.append(Choice(kind, not why_not, why_not))
    return tuple(made)


_WORDS = {GateState.NOT_DUE: "not due", GateState.READY: "not met", GateState.RECYCLED: "recycled"}


def _state_why_not(status: GateStatus, target: GateState) -> str:
    """Why the gate's present state bars `target`, with who brought it there and when."""
    state = status.state
    if state in OPEN_GATE_STATES and target in OPEN_GATE_STATES:
        return f"it is already open{_since_and_by(status.decision)}"
    if state is GateState.KILLED:
        return f"it is killed{_since_and_by(status.decision)}"
    words = _WORDS.get(state, state.value)
    if target in OPEN_GATE_STATES:
        return f"it is {words}: only a gate whose criteria have passed can be opened"
    return f"it is {words}"


def _since_and_by(decision: Decision | None) -> str:
    if decision is None:
        return ""
    moment = datetime.fromtimestamp(decision.at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f" since {moment}: {decision.by.name} decided {decision.kind.value}"


def _open_why_not(kind: DecisionKind, found: tuple[CriterionStanding, ...]) -> str:
    for s in found:
        if not s.counts or s.passed:
            continue
        name, state = s.criterion.name, s.state
        if state is CriterionState.FAIL:
            return f"must criterion failed: {name}"
        if state is CriterionState.ERROR:
            return f"must criterion could not be measured: {name}"
        if state is CriterionState.WAITING and s.named_signer:
            return f"{name} waits for {s.waits_for}"
        if state is not CriterionState.WAITING and kind is DecisionKind.GO:
            return f"must criterion is {'stale' if state is CriterionState.STALE else 'not measured'}: {name}"
    return ""


def holds_start(plan: Plan, world: World, workstream: Workstream) -> Gate | None:
    """The first shut gate whose mode bars the start of `workstream`.

    A forced start passes gates of mode overlap; a killed gate bars everything it would have opened. Gates
    that the workstream's own needs name are needs and not looked at here.
    """
    for gate in plan.gates_opening(workstream.phase):
        state = world.gate(gate.id).state
        if state in OPEN_GATE_STATES:
            continue
        if state is GateState.KILLED and gate.mode is not GateMode.ADVISORY:
            return gate
        if not gate_holds_start(plan, gate, workstream):
            continue
        if gate.mode is GateMode.OVERLAP and world.workstream(workstream.id).forced:
            continue
        return gate
    return None


def holds_acceptance(plan: Plan, world: World, workstream: Workstream) -> Gate | None:
    """The first shut gate that bars the acceptance of `workstream`."""
    for gate in plan.gates_opening(workstream.phase):
        if not is_open(gate, world) and gate_holds_acceptance(gate, workstream):
            return gate
    return None


def held_starts(plan: Plan, gate: Gate) -> tuple[str, ...]:
    """Workstreams whose start the gate bars while it is shut: by its mode, or because they need it."""
    return tuple(
        w.id
        for w in plan.workstreams.values()
        if gate_holds_start(plan, gate, w) or any(n.target == gate.id for n in w.needs)
    )


def held_acceptances(plan: Plan, gate: Gate) -> tuple[str, ...]:
    """Workstreams that may start but are not accepted while the gate is shut."""
    held = set(held_starts(plan, gate))
    return tuple(
        w.id for w in plan.workstreams.values() if w.id not in held and gate_holds_acceptance(gate, w)
    )


_WAITING_TO_START = frozenset(
    {WorkstreamState.PLANNED, WorkstreamState.BLOCKED, WorkstreamState.READY, WorkstreamState.REWORK}
)


def starts_when_open(
    plan: Plan,
    world: World,
    gate: Gate,
    held: Sequence[str] | None = None,
    unmet: Callable[[str], Sequence[str]] | None = None,
) -> tuple[str, ...]:
    """Workstreams that nothing but this shut gate keeps from starting.

    `held` are its `held_starts`, and `unmet` gives the targets of a workstream's unmet needs, where the caller
    has them at hand.
    """
    if is_open(gate, world):
        return ()
    found = []
    for work in held_starts(plan, gate) if held is None else held:
        status = world.workstreams.get(work)
        if status is not None and status.state not in _WAITING_TO_START:
            continue
        w = plan.workstreams[work]
        missing = unmet_targets(w, plan, world) if unmet is None else unmet(work)
        if all(target == gate.id for target in missing) and not _shut_besides(plan, world, w, gate):
            found.append(work)
    return tuple(found)


def unmet_targets(workstream: Workstream, plan: Plan, world: World) -> tuple[str, ...]:
    """Targets of the needs that hold its start."""
    return tuple(n.target for n in workstream.needs if not need_state(n, plan, world).met)


def _shut_besides(plan: Plan, world: World, w: Workstream, gate: Gate) -> bool:
    others = (g for g in plan.gates_opening(w.phase) if g.id != gate.id)
    return any(not is_open(g, world) and gate_holds_start(plan, g, w) for g in others)
