"""A gate as viewers see it: evidence, who must still decide, what it holds."""

from __future__ import annotations

from collections.abc import Sequence

from locust_tui.domain.clock import week_end
from locust_tui.domain.plan import Gate
from locust_tui.domain.snapshot import ConditionView, GateView
from locust_tui.domain.states import (
    OPEN_GATE_STATES,
    OUT_OF_SCOPE,
    CriterionState,
    GateState,
    WorkstreamState,
)
from locust_tui.domain.world import GateStatus

from .approvals import counting, lapsed
from .criterion_state import CriterionStanding
from .criterion_view import criterion_view
from .decision_basis import evidence_digest
from .due import is_past
from .gates import choices, standings, starts_when_open, waits_on
from .network import gate_holds_acceptance
from .situation import Situation
from .snapshot_cache import Parts
from .verdict import gate_lateness
from .why import acceptance_obstacles, yes_wanted

_FINISHED = frozenset({WorkstreamState.ACCEPTED, *OUT_OF_SCOPE})


def gate_view(gate: Gate, look: Situation, parts: Parts, in_review: Sequence[str] = ()) -> GateView:
    """Everything a viewer shows of one gate, and everything a decision needs to have seen.

    `in_review` are the workstreams whose work has ended and is not accepted yet.
    """
    plan, world, index, built = look.plan, look.world, parts.index, parts.built
    status = world.gate(gate.id)
    found = standings(plan, world, gate, look.now)
    made = choices(gate, world, found)
    return GateView(
        id=gate.id,
        name=gate.name,
        state=status.state,
        closes=gate.closes,
        opens=gate.opens,
        due_week=gate.week,
        mode=gate.mode.value,
        reason=status.reason,
        decision=status.decision,
        decisions=len(status.decisions),
        approvers=gate.approvers,
        min_approvals=gate.min_approvals,
        approved_by=tuple(a.role for a in counting(status, found)),
        criteria=tuple(criterion_view(s) for s in found),
        passed=sum(1 for s in found if s.state is CriterionState.PASS),
        waits_on=waits_on(plan, world, gate, index.members.get(gate.closes or "", ())),
        starts=starts_when_open(plan, world, gate, index.held_starts[gate.id], lambda w: built[w].unmet),
        evidence_digest=evidence_digest(index.gate_terms[gate.id], status, found),
        choices=tuple(c.kind.value for c in made if c.possible),
        overdue=is_overdue(gate, look),
        accepts=tuple(w for w in in_review if _held_by(gate, w, look, parts)),
        cancels=()
        if status.state is GateState.KILLED
        else tuple(w for w in index.later[gate.id] if world.workstream(w).state not in _FINISHED),
        why_not=tuple((c.kind.value, c.why_not) for c in made if not c.possible),
        signs=tuple(
            s.criterion.name for s in found if s.state is CriterionState.WAITING and not s.named_signer
        ),
        open_conditions=_open_conditions(status, look),
        waived=sum(1 for s in found if s.state is CriterionState.WAIVED),
        lapsed=_lapsed(status, found),
        asked=_asked(status, found),
        late_days=gate_lateness(gate, plan, world, look.now),
        changed=status.changed,
    )


def _lapsed(status: GateStatus, found: Sequence[CriterionStanding]) -> tuple[str, ...]:
    told = [(old.person, old.why) for old in status.lapsed]
    told += [(old.by.name, why) for old, why in lapsed(status, found)]
    return tuple(f"the yes of {person} counts no more: {why}" for person, why in told)


def _asked(status: GateStatus, found: Sequence[CriterionStanding]) -> tuple[str, ...]:
    if status.state in OPEN_GATE_STATES:
        return ()
    return tuple(
        f"{a.by.name}: {c.text}, {c.owner}, due {c.due}"
        for a in counting(status, found)
        for c in a.conditions
    )


def _open_conditions(status: GateStatus, look: Situation) -> tuple[ConditionView, ...]:
    if status.state is not GateState.CONDITIONAL or status.decision is None:
        return ()
    return tuple(
        ConditionView(c.text, c.owner or "", c.due or "", is_past(c.due, look.plan, look.world, look.now))
        for c in status.decision.conditions
    )


def _held_by(gate: Gate, work: str, look: Situation, parts: Parts) -> bool:
    """Whether nothing but this shut gate keeps finished work from being accepted."""
    w, status = look.plan.workstreams[work], look.world.workstream(work)
    if look.world.gate(gate.id).state in OPEN_GATE_STATES or not gate_holds_acceptance(gate, w):
        return False
    checks = parts.built[work].standings
    if acceptance_obstacles(w, checks, look) != [f"gate {gate.id} is shut"]:
        return False
    return status.passed_attempt == status.attempt or not yes_wanted(w, checks)


def is_overdue(gate: Gate, look: Situation) -> bool:
    """Shut although its week is over."""
    start = look.start
    if gate.week is None or start is None or look.world.gate(gate.id).state in OPEN_GATE_STATES:
        return False
    return look.now > week_end(look.plan.calendar, start, gate.week)
