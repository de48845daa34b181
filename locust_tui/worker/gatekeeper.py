"""Decisions of people on gates: who may, on what evidence, and what each decision does at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from locust_tui.analysis.approvals import counting, judged, lapsed
from locust_tui.analysis.criterion_state import CriterionStanding
from locust_tui.analysis.decision_basis import evidence_digest
from locust_tui.analysis.due import is_past
from locust_tui.analysis.gate_steps import gate_steps
from locust_tui.analysis.gates import choices, standings, starts_when_open, waits_on
from locust_tui.analysis.plan_index import PlanIndex
from locust_tui.client.requests import DecideGate, SignCriterion, WaiveCriterion
from locust_tui.domain.criterion import Criterion
from locust_tui.domain.decision_basis import Part, changed
from locust_tui.domain.events import (
    ApprovalLapsed,
    CriterionSigned,
    CriterionWaived,
    EventBody,
    GateApproved,
    GateDecided,
)
from locust_tui.domain.fold import DECIDED_STATE
from locust_tui.domain.people import Approval, Decision, Signature, Waiver
from locust_tui.domain.plan import Gate, Plan
from locust_tui.domain.states import (
    OPEN_GATE_STATES,
    CriterionState,
    DecisionKind,
    GateState,
)
from locust_tui.domain.world import World
from locust_tui.errors import NotFoundError, RefusedError, UsageError, did_you_mean

from .callers import Caller
from .conditions import check_conditions, check_date
from .recycling import recycle
from .roles import role_for
from .signatures import signed_along, with_signatures

_FAILED = (CriterionState.FAIL, CriterionState.ERROR)


def find_gate(plan: Plan, id: str) -> Gate:
    """The gate, or NotFoundError with near names."""
    gate = plan.gates.get(id)
    if gate is None:
        raise NotFoundError(f'no gate "{id}"', help=did_you_mean(id, plan.gates) or "locust-tui gate ls")
    return gate


def decide_gate(
    plan: Plan, world: World, request: DecideGate, caller: Caller, now: float
) -> tuple[list[EventBody], dict[str, Any]]:
    """The events of one person's decision, and what to tell the person. Raises RefusedError when it may not be.

    The criteria must have been measured on the present inputs before; `request.evidence_digest` binds the
    decision to what the person saw.
    """
    gate = find_gate(plan, request.gate)
    status = world.gate(gate.id)
    name = request.by or caller.name
    before = standings(plan, world, gate, now)
    taken = [a.role for a in counting(status, before)]
    role = role_for(plan, name, gate.approvers, taken, f"gate {gate.id}")
    person = caller.person(name, role)
    signed = signed_along(gate, world, plan, person, request.note, now) if _opens(request.kind) else []
    found = standings(plan, with_signatures(world, gate, signed), gate, now)
    digest = evidence_digest(PlanIndex(plan).gate_terms[gate.id], status, before)
    if request.evidence_digest is not None and request.evidence_digest != digest:
        why = _changed_meanwhile(gate, status.decision, changed(request.evidence_digest, digest), now)
        raise RefusedError(why, help=f"look again: locust-tui gate show {gate.id}")
    _check_possible(plan, gate, world, request.kind, found, now)
    if request.kind is DecisionKind.CONDITIONAL:
        check_conditions(request.conditions)
    decision = Decision(
        kind=request.kind,
        by=person,
        at=now,
        note=request.note,
        conditions=request.conditions,
        plan_hash=world.project.plan_digest or "",
        evidence_digest=digest,
    )
    if _opens(request.kind):
        return _approve(plan, world, gate, decision, signed, found)
    if request.kind is DecisionKind.RECYCLE:
        return recycle(plan, world, gate, decision, request.workstreams, found)
    return [GateDecided(gate.id, decision)], {"decided": request.kind.value}


def _changed_meanwhile(gate: Gate, last: Decision | None, parts: Sequence[Part], now: float) -> str:
    if Part.DECISIONS in parts and last is not None:
        return f"gate {gate.id}: {_said_by(last, now)}, while you looked at it"
    if Part.TERMS in parts:
        return f"the plan changed what gate {gate.id} asks for or lets go while you looked at it"
    return f"the evidence of gate {gate.id} changed while you looked at it"


def _said_by(decision: Decision, now: float) -> str:
    ago = max(0.0, now - decision.at)
    when = f"{ago:.0f} s" if ago < 120 else f"{ago / 60:.0f} min" if ago < 7200 else f"{ago / 3600:.0f} h"
    return f"{decision.by.name} decided {decision.kind.value} {when} ago"


def _opens(kind: DecisionKind) -> bool:
    return kind in (DecisionKind.GO, DecisionKind.CONDITIONAL)


def _check_possible(
    plan: Plan, gate: Gate, world: World, kind: DecisionKind, found: tuple[CriterionStanding, ...], now: float
) -> None:
    choice = next(c for c in choices(gate, world, found) if c.kind is kind)
    if choice.possible:
        return
    raise RefusedError(
        f"gate {gate.id}: {kind.value} is not possible: {_why_not(plan, gate, world, kind, found, now) or choice.why_not}",
        help=_help(gate, world, kind, found),
    )


def _help(gate: Gate, world: World, kind: DecisionKind, found: tuple[CriterionStanding, ...]) -> str:
    steps = gate_steps(gate, world, found) if _opens(kind) else ()
    lacking = [s for s in found if s.counts and s.state is CriterionState.WAITING and s.named_signer]
    if lacking and [step[1] for step in steps] == ["approve"]:
        steps = tuple(("gate", "sign", gate.id, s.criterion.id, "--by", s.waits_for) for s in lacking)
    return "; or ".join(f"locust-tui {' '.join(step)}" for step in steps) or f"locust-tui why {gate.id}"


def _why_not(
    plan: Plan, gate: Gate, world: World, kind: DecisionKind, found: tuple[CriterionStanding, ...], now: float
) -> str:
    """What lies behind a transition that the table does not have; empty when nothing does."""
    status = world.gate(gate.id)
    decision = status.decision
    if status.state in OPEN_GATE_STATES and _opens(kind):
        return ""
    if decision is not None and status.state is DECIDED_STATE[decision.kind]:
        return _said_by(decision, now)
    if status.state is GateState.NOT_DUE and _opens(kind):
        waiting = waits_on(plan, world, gate)
        return (
            f"it is not due: it waits for {', '.join(waiting)}"
            if waiting
            else "it is not due: not measured yet"
        )
    failed = [f"{s.criterion.name} ({s.state.value})" for s in found if s.counts and s.state in _FAILED]
    if failed and _opens(kind):
        return f"must criteria failed: {', '.join(failed)}"
    return ""


def _approve(
    plan: Plan,
    world: World,
    gate: Gate,
    decision: Decision,
    signed: list[EventBody],
    found: tuple[CriterionStanding, ...],
) -> tuple[list[EventBody], dict[str, Any]]:
    """One more yes. The last one that is missing decides, with the conditions of every yes that counts."""
    person, status = decision.by, world.gate(gate.id)
    role = person.role or person.name
    approval = Approval(role, person, decision.at, decision.note, decision.conditions, judged(found))
    gone = lapsed(status, found)
    earlier = [a for a in counting(status, found) if a.role != role]
    roles = [a.role for a in earlier] + [role]
    events: list[EventBody] = [*signed]
    events += (ApprovalLapsed(gate.id, old.role, old.by.name, why) for old, why in gone)
    events.append(GateApproved(gate.id, approval))
    told: dict[str, Any] = {"approved_by": roles, "min_approvals": gate.min_approvals}
    lost = [(old.role, old.person, old.why) for old in status.lapsed]
    lost += [(old.role, old.by.name, why) for old, why in gone]
    told["lapsed"] = [f"the yes of {who} counts no more: {why}" for r, who, why in lost if r != role]
    answered = {e.signature.criterion for e in signed if isinstance(e, CriterionSigned)}
    told["signed"] = [c.name for c in gate.criteria if c.id in answered]
    if person.uid is not None and any(a.by.uid == person.uid for a in earlier):
        told["warning"] = f"uid {person.uid} has now filled two roles of this gate; both are recorded with it"
    if len(roles) >= gate.min_approvals:
        decision = _joint(decision, earlier)
        told["starts"] = list(starts_when_open(plan, world, gate))
        told["conditions"] = [c.text for c in decision.conditions]
        events.append(GateDecided(gate.id, decision))
        told["decided"] = decision.kind.value
    else:
        missing = [r for r in gate.approvers if r not in roles]
        told["waits_for"] = missing
    return events, told


def _joint(decision: Decision, earlier: Sequence[Approval]) -> Decision:
    """What all who said yes decided together: whoever asked for something is heard, whoever came last."""
    asked = dict.fromkeys(c for a in earlier for c in a.conditions)
    conditions = tuple(dict.fromkeys((*asked, *decision.conditions)))
    kind = DecisionKind.CONDITIONAL if conditions else decision.kind
    return replace(decision, kind=kind, conditions=conditions)


def sign_criterion(
    plan: Plan, world: World, request: SignCriterion, caller: Caller, now: float
) -> list[EventBody]:
    """A person's answer to a manual criterion; nobody can sign what a machine measures."""
    gate = find_gate(plan, request.gate)
    criterion = _criterion(gate, request.criterion)
    if not criterion.manual:
        raise RefusedError(
            f"{criterion.name} is measured by a machine; nobody can tick it",
            help=f"locust-tui gate check {gate.id}",
        )
    name = request.by or caller.name
    wanted = [p.by for p in criterion.manual if p.by]
    role = role_for(plan, name, wanted or gate.approvers, (), f"criterion {criterion.name}")
    return [CriterionSigned(gate.id, Signature(criterion.id, caller.person(name, role), now, request.note))]


def waive_criterion(
    plan: Plan, world: World, request: WaiveCriterion, caller: Caller, now: float
) -> list[EventBody]:
    """Set a criterion aside on record, for ever marked. A reason is not optional."""
    gate = find_gate(plan, request.gate)
    criterion = _criterion(gate, request.criterion)
    if not request.note.strip():
        raise UsageError("a waiver needs a reason", help="--note WHY")
    if request.until is not None:
        check_date(request.until, f'waiver of "{criterion.name}"')
        if is_past(request.until, plan, world, now):
            raise UsageError(
                f'waiver of "{criterion.name}": {request.until} is past, so it would set nothing aside',
                help="a later date or week, or no --until for good",
            )
    name = request.by or caller.name
    role = role_for(plan, name, gate.approvers, (), f"gate {gate.id}")
    waiver = Waiver(criterion.id, caller.person(name, role), now, request.note, request.until)
    return [CriterionWaived(gate.id, waiver)]


def _criterion(gate: Gate, wanted: str) -> Criterion:
    for criterion in gate.criteria:
        if wanted in (criterion.id, criterion.name):
            return criterion
    ids = [c.id for c in gate.criteria]
    raise NotFoundError(
        f'gate {gate.id} has no criterion "{wanted}"',
        help=did_you_mean(wanted, ids) or f"it has {', '.join(ids)}",
    )
