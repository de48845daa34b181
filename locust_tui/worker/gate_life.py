"""The life of a gate up to its decision: when it is due, which criteria to measure, ready or pending. People decide."""

from __future__ import annotations

from locust_tui.analysis.approvals import lapsed
from locust_tui.analysis.criterion_state import expired
from locust_tui.analysis.gates import evaluated_state, standings
from locust_tui.analysis.needs import need_state
from locust_tui.domain.criterion import Criterion, CriterionResult, criterion_key
from locust_tui.domain.plan import Gate
from locust_tui.domain.states import (
    OPEN_GATE_STATES,
    OUT_OF_SCOPE,
    CriterionState,
    DecisionKind,
    GateState,
    WorkstreamState,
)
from locust_tui.domain.world import GateStatus

from .actions import Action, Lapse, Measure, MoveGate
from .sight import NOTHING, Proposal, Sight, earliest

_G = GateState

RECHECK_S = 30.0
RECHECK_SHARE = 10.0
"""A stale criterion is measured again no sooner than 30 s, or 10 times its length, after its last measurement."""


def gate_life(sight: Sight, gate: Gate) -> Proposal:
    """Measure what is due and say whether the gate is ready or pending; decided gates keep their decision."""
    proposal = _life(sight, gate)
    if not sight.world.gate(gate.id).approvals:
        return proposal
    lapses = _lapses(sight, gate, proposal)
    return proposal._replace(actions=(*lapses, *proposal.actions)) if lapses else proposal


def _lapses(sight: Sight, gate: Gate, proposal: Proposal) -> list[Action]:
    """The yeses that count no more: said to other criteria or inputs, or before the work was taken up again."""
    status = sight.world.gate(gate.id)
    if any(isinstance(a, MoveGate) and a.new is _G.NOT_DUE for a in proposal.actions):
        why = "what the gate waits for is not finished any more"
        return [Lapse(gate.id, a.role, a.by.name, why) for a in status.approvals]
    found = standings(sight.plan, sight.world, gate, sight.now)
    return [Lapse(gate.id, old.role, old.by.name, why) for old, why in lapsed(status, found)]


def _life(sight: Sight, gate: Gate) -> Proposal:
    status = sight.world.gate(gate.id)
    if status.state in OPEN_GATE_STATES:
        return _after_decision(sight, gate, status)
    if status.state is _G.KILLED or _ended(sight, gate):
        return NOTHING
    waits_for = first_unfinished(sight, gate)
    if waits_for is not None or status.state is _G.RECYCLED:
        if status.state in (_G.READY, _G.PENDING, _G.RECYCLED):
            reason = f"waits for {waits_for}" if waits_for else "to be judged anew"
            return Proposal((MoveGate(gate.id, _G.NOT_DUE, reason),))
        return NOTHING
    return _evaluate(sight, gate, status)


def first_unfinished(sight: Sight, gate: Gate) -> str | None:
    """The first workstream, gate or milestone that must be finished before the gate is due."""
    statuses = sight.world.workstreams
    for id in sight.wiring.inputs(gate):
        status = statuses.get(id)
        if status is None or (
            status.state is not WorkstreamState.ACCEPTED and status.state not in OUT_OF_SCOPE
        ):
            return id
    return next((n.target for n in gate.needs if not need_state(n, sight.plan, sight.world).met), None)


def _ended(sight: Sight, gate: Gate) -> bool:
    """All of its phase was ended by an earlier gate's kill: there is nothing to decide on."""
    inputs = sight.wiring.inputs(gate)
    return bool(inputs) and all(id in sight.killed for id in inputs)


def _evaluate(sight: Sight, gate: Gate, status: GateStatus) -> Proposal:
    due = _due_since(sight, gate, status)
    wanted = [c for c in gate.criteria if c.machine and _open_for(sight, c)]
    keys, wake, waiting = _to_measure(sight, gate, wanted, due)
    if waiting:
        measure: tuple[Action, ...] = (Measure(keys),) if keys else ()
        return Proposal(measure, wake, moving=status.state is _G.NOT_DUE)
    target = evaluated_state(standings(sight.plan, sight.world, gate, sight.now), ())
    if target is status.state or status.state is _G.HOLD:
        return Proposal(wake=wake)
    pending = target is _G.PENDING
    reason = "only people are missing" if pending else f"not passed: {why_not_pending(sight, gate)}"
    return Proposal((MoveGate(gate.id, target, reason),), wake)


def why_not_pending(sight: Sight, gate: Gate) -> str:
    """The must criteria that have not passed: "Overlay render (fail)"."""
    found = standings(sight.plan, sight.world, gate, sight.now)
    lacking = [s for s in found if s.counts and not s.passed and s.state is not CriterionState.WAITING]
    return ", ".join(f"{s.criterion.name} ({s.state.value})" for s in lacking)


def _due_since(sight: Sight, gate: Gate, status: GateStatus) -> float:
    """When the last of its inputs was accepted, or it was recycled: older measurements judged other work."""
    accepted = (sight.world.workstreams[id].accepted_at for id in sight.wiring.inputs(gate))
    moments = [at for at in accepted if at is not None]
    for need in gate.needs:
        target = sight.world.workstreams.get(need.target)
        if target is not None and target.accepted_at is not None:
            moments.append(target.accepted_at)
    decision = status.decision
    if decision is not None and decision.kind is DecisionKind.RECYCLE:
        moments.append(decision.at)
    return max(moments, default=0.0)


def _open_for(sight: Sight, criterion: Criterion) -> bool:
    """Whether the criterion is looked at before the decision."""
    if criterion.after is None:
        return True
    return criterion.after != "decision" and sight.world.gate(criterion.after).state in OPEN_GATE_STATES


def _after_decision(sight: Sight, gate: Gate, status: GateStatus) -> Proposal:
    """Criteria that are only looked at once the gate is open."""
    wanted = [c for c in gate.criteria if c.machine and c.after == "decision"]
    if not wanted:
        return NOTHING
    keys, wake, _ = _to_measure(sight, gate, wanted, status.since or 0.0)
    return Proposal((Measure(keys),) if keys else (), wake)


def _to_measure(
    sight: Sight, gate: Gate, wanted: list[Criterion], due: float
) -> tuple[tuple[str, ...], float | None, bool]:
    """(keys to measure now, when to look again, whether any result is still to come)."""
    keys: list[str] = []
    wakes: list[float] = []
    waiting = False
    for criterion in wanted:
        key = criterion_key(f"gate:{gate.id}", criterion.id)
        result = sight.world.criteria.get(key)
        if key in sight.measuring:
            waiting = True
            continue
        at = _measure_at(sight, criterion, key, result, due)
        if at is None:
            if criterion.max_age is not None and result is not None and result.evidence is not None:
                wakes.append(result.evidence.at + criterion.max_age + _BEHIND_S)
            continue
        waiting = True
        if at <= sight.now:
            keys.append(key)
        else:
            wakes.append(at)
    return tuple(keys), earliest(*wakes), waiting


_BEHIND_S = 0.001
"""A result is too old only after the moment its age reaches the limit."""


def _measure_at(
    sight: Sight, criterion: Criterion, key: str, result: CriterionResult | None, due: float
) -> float | None:
    """When to measure: at once where no result is of use, later where one has just become stale, None where one holds."""
    if result is None or result.evidence is None or result.state is CriterionState.NOT_RUN:
        return sight.now
    if result.evidence.at < due:
        return sight.now
    if result.state is CriterionState.STALE or key in sight.stale or expired(criterion, result, sight.now):
        return result.evidence.at + max(RECHECK_S, RECHECK_SHARE * result.evidence.duration_s)
    return None
