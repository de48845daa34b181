"""What criteria's and gates' events do to the world."""

from __future__ import annotations

from dataclasses import replace

from . import events as e
from .criterion import CriterionResult, Evidence
from .folding import Touched, fold_body
from .people import LapsedApproval, Person
from .states import CriterionState, DecisionKind, GateState, check_gate_transition
from .world import World


@fold_body.register
def _(body: e.CriterionMeasured, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    result = body.result
    earlier = world.criteria.get(result.key)
    world.criteria[result.key] = replace(
        result,
        evaluations=(earlier.evaluations if earlier else 0) + 1,
        first_passed=earlier.first_passed
        if earlier and earlier.first_passed is not None
        else result.state is CriterionState.PASS,
    )
    return (Touched("criteria", result.key),)


@fold_body.register
def _(body: e.CriteriaStale, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    touched = []
    for key in body.keys:
        result = world.criteria.get(key) or CriterionResult(key, CriterionState.NOT_RUN)
        world.criteria[key] = replace(result, state=CriterionState.STALE)
        touched.append(Touched("criteria", key))
    return tuple(touched)


@fold_body.register
def _(body: e.GateMoved, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    status = world.gate(body.gate)
    check_gate_transition(status.state, body.new)
    world.gates[status.id] = replace(status, state=body.new, reason=body.reason, since=at)
    return (Touched("gates", status.id),)


@fold_body.register
def _(body: e.GateApproved, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    status = world.gate(body.gate)
    others = tuple(a for a in status.approvals if a.role != body.approval.role)
    world.gates[status.id] = replace(
        status,
        approvals=(*others, body.approval),
        lapsed=tuple(old for old in status.lapsed if old.role != body.approval.role),
    )
    return (Touched("gates", status.id),)


@fold_body.register
def _(body: e.ApprovalLapsed, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    status = world.gate(body.gate)
    left = tuple(a for a in status.approvals if a.role != body.role)
    others = tuple(old for old in status.lapsed if old.role != body.role)
    lapsed = (*others, LapsedApproval(body.role, body.person, body.why))
    world.gates[status.id] = replace(status, approvals=left, lapsed=lapsed)
    return (Touched("gates", status.id),)


DECIDED_STATE = {
    DecisionKind.GO: GateState.GO,
    DecisionKind.CONDITIONAL: GateState.CONDITIONAL,
    DecisionKind.HOLD: GateState.HOLD,
    DecisionKind.RECYCLE: GateState.RECYCLED,
    DecisionKind.KILL: GateState.KILLED,
}


@fold_body.register
def _(body: e.GateDecided, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    status = world.gate(body.gate)
    state = DECIDED_STATE[body.decision.kind]
    if state is not status.state:
        check_gate_transition(status.state, state)
    opens = state in (GateState.GO, GateState.CONDITIONAL)
    world.gates[status.id] = replace(
        status,
        state=state,
        reason=body.decision.note,
        since=at,
        decisions=(*status.decisions, body.decision),
        approvals=status.approvals if opens else (),
        signatures=status.signatures if opens else (),
        lapsed=(),
    )
    return (Touched("gates", status.id),)


@fold_body.register
def _(body: e.CriterionSigned, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    status = world.gate(body.gate)
    others = tuple(
        s
        for s in status.signatures
        if (s.criterion, s.by.role) != (body.signature.criterion, body.signature.by.role)
    )
    world.gates[status.id] = replace(status, signatures=(*others, body.signature))
    return (Touched("gates", status.id),)


@fold_body.register
def _(body: e.CriterionWaived, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    if body.key:
        evidence = Evidence(at, detail=f"waived by {body.waiver.by.name}: {body.waiver.note}")
        world.criteria[body.key] = CriterionResult(body.key, CriterionState.WAIVED, evidence=evidence)
        return (Touched("criteria", body.key),)
    status = world.gate(body.gate)
    world.gates[status.id] = replace(status, waivers=(*status.waivers, body.waiver))
    return (Touched("gates", status.id),)
