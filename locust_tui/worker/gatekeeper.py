"""Decisions of people on gates: who may, on what evidence, and what each decision does at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from locust_tui.analysis.criterion_state import CriterionStanding
from locust_tui.analysis.due import is_due_date
from locust_tui.analysis.gate_steps import gate_steps
from locust_tui.analysis.gates import choices, evidence_digest, standings, starts_when_open, waits_on
from locust_tui.client.requests import DecideGate, SignCriterion, WaiveCriterion
from locust_tui.domain.criterion import Criterion
from locust_tui.domain.events import (
    CriterionSigned,
    CriterionWaived,
    EventBody,
    GateApproved,
    GateDecided,
    WorkstreamMoved,
)
from locust_tui.domain.fold import DECIDED_STATE
from locust_tui.domain.people import Approval, Condition, Decision, Person, Signature, Waiver
from locust_tui.domain.plan import Gate, Plan
from locust_tui.domain.states import (
    OPEN_GATE_STATES,
    CriterionState,
    DecisionKind,
    GateState,
    WorkstreamState,
)
from locust_tui.domain.world import World
from locust_tui.errors import NotFoundError, RefusedError, UsageError, did_you_mean

from .callers import Caller
from .roles import role_for, roles_of

_DATES = "a date as 2026-03-31, or a week of the plan as 5"
_FAILED = (CriterionState.FAIL, CriterionState.ERROR)
_REWORKABLE = (
    WorkstreamState.ACCEPTED,
    WorkstreamState.REVIEW,
    WorkstreamState.NEEDS_INPUT,
    WorkstreamState.FAILED,
)


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
    role = role_for(plan, name, gate.approvers, [a.role for a in status.approvals], f"gate {gate.id}")
    person = caller.person(name, role)
    signed = _sign_with(gate, world, plan, person, request.note, now) if _opens(request.kind) else []
    found = standings(plan, _with_signatures(world, gate, signed), gate, now)
    digest = evidence_digest(gate, standings(plan, world, gate, now))
    if request.evidence_digest is not None and request.evidence_digest != digest:
        raise RefusedError(
            f"the evidence of gate {gate.id} changed while you looked at it",
            help=f"look again: locust-tui gate show {gate.id}",
        )
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
        return _approve(plan, world, gate, decision, signed)
    if request.kind is DecisionKind.RECYCLE:
        return _recycle(plan, world, gate, decision, request.workstreams, found)
    return [GateDecided(gate.id, decision)], {"decided": request.kind.value}


def check_conditions(conditions: tuple[Condition, ...]) -> None:
    """Raise UsageError unless there is a condition, and each has a text, an owner and a date."""
    if not conditions:
        raise UsageError(
            "a conditional go needs at least one condition", help="--condition TEXT --owner NAME --due DATE"
        )
    for condition in conditions:
        if not condition.text.strip():
            raise UsageError("a condition needs a text", help="say what has to come true")
        if not (condition.owner or "").strip():
            raise UsageError(f'condition "{condition.text}" needs an owner', help="say who sees to it")
        check_date(condition.due, f'condition "{condition.text}"')


def check_date(text: str | None, what: str) -> None:
    """Raise UsageError unless the text is a date or a plan week."""
    if not (text or "").strip():
        raise UsageError(f"{what} needs a date", help=_DATES)
    if not is_due_date(text or ""):
        raise UsageError(f'{what}: "{text}" is no date', help=_DATES)


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
        ago = max(0.0, now - decision.at)
        when = f"{ago:.0f} s" if ago < 120 else f"{ago / 60:.0f} min" if ago < 7200 else f"{ago / 3600:.0f} h"
        return f"{decision.by.name} decided {decision.kind.value} {when} ago"
    if status.state is GateState.NOT_DUE and _opens(kind):
        waiting = waits_on(plan, world, gate)
        return (
            f"it is not-due: it waits for {', '.join(waiting)}"
            if waiting
            else "it is not-due: not measured yet"
        )
    failed = [f"{s.criterion.name} ({s.state.value})" for s in found if s.counts and s.state in _FAILED]
    if failed and _opens(kind):
        return f"must criteria failed: {', '.join(failed)}"
    return ""


def _approve(
    plan: Plan, world: World, gate: Gate, decision: Decision, signed: list[EventBody]
) -> tuple[list[EventBody], dict[str, Any]]:
    person = decision.by
    role = person.role or person.name
    approval = Approval(role, person, decision.at, decision.note)
    earlier = [a for a in world.gate(gate.id).approvals if a.role != role]
    roles = [a.role for a in earlier] + [role]
    events: list[EventBody] = [*signed, GateApproved(gate.id, approval)]
    told: dict[str, Any] = {"approved_by": roles, "min_approvals": gate.min_approvals}
    answered = {e.signature.criterion for e in signed if isinstance(e, CriterionSigned)}
    told["signed"] = [c.name for c in gate.criteria if c.id in answered]
    if person.uid is not None and any(a.by.uid == person.uid for a in earlier):
        told["warning"] = f"uid {person.uid} has now filled two roles of this gate; both are recorded with it"
    if len(roles) >= gate.min_approvals:
        told["starts"] = list(starts_when_open(plan, world, gate))
        events.append(GateDecided(gate.id, decision))
        told["decided"] = decision.kind.value
    else:
        missing = [r for r in gate.approvers if r not in roles]
        told["waits_for"] = missing
    return events, told


def _recycle(
    plan: Plan,
    world: World,
    gate: Gate,
    decision: Decision,
    named: tuple[str, ...],
    found: tuple[CriterionStanding, ...],
) -> tuple[list[EventBody], dict[str, Any]]:
    for id in named:
        if id not in plan.workstreams:
            raise NotFoundError(f'no workstream "{id}"', help=did_you_mean(id, plan.workstreams))
    back = named or tuple(_owners(plan, gate, found))
    if not back:
        raise UsageError(
            f"nothing tells whose work the failed criteria of gate {gate.id} are",
            help=f"name it: gate recycle {gate.id} --workstream ID",
        )
    events: list[EventBody] = [GateDecided(gate.id, replace(decision, recycled=back))]
    reason = f"recycled at gate {gate.id} by {decision.by.name}" + (
        f': "{decision.note}"' if decision.note else ""
    )
    for id in back:
        state = world.workstream(id).state
        if state in _REWORKABLE:
            events.append(WorkstreamMoved(id, state, WorkstreamState.REWORK, reason))
    return events, {"decided": decision.kind.value, "recycled": list(back)}


def _owners(plan: Plan, gate: Gate, found: Iterable[CriterionStanding]) -> list[str]:
    """Workstreams of the closed phase that measure a failed criterion's very command or files themselves."""
    failed = [s.criterion for s in found if s.state in _FAILED]
    wanted = {(p.kind, p.command.text if p.command else "", p.patterns) for c in failed for p in c.machine}
    owners = []
    for workstream in plan.workstreams.values():
        own = list(workstream.accept) + [d.check for d in workstream.deliverables if d.check]
        mine = {(p.kind, p.command.text if p.command else "", p.patterns) for c in own for p in c.machine}
        if workstream.phase == gate.closes and mine & wanted:
            owners.append(workstream.id)
    return owners


def _sign_with(
    gate: Gate, world: World, plan: Plan, person: Person, note: str, now: float
) -> list[EventBody]:
    """Signatures that an approval gives along: manual criteria that name no other role."""
    mine = {person.name, person.role, *roles_of(plan, person.name, gate.approvers)}
    signed: list[EventBody] = []
    for standing in standings(plan, world, gate, now):
        if standing.state is not CriterionState.WAITING:
            continue
        for probe in standing.criterion.manual:
            if probe.by is None or probe.by in mine:
                by = replace(person, role=probe.by or person.role)
                signed.append(CriterionSigned(gate.id, Signature(standing.criterion.id, by, now, note)))
    return signed


def _with_signatures(world: World, gate: Gate, signed: list[EventBody]) -> World:
    if not signed:
        return world
    status = world.gate(gate.id)
    more = tuple(e.signature for e in signed if isinstance(e, CriterionSigned))
    gates = {**world.gates, gate.id: replace(status, signatures=status.signatures + more)}
    return replace(world, gates=gates)


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
