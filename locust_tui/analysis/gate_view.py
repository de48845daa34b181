"""A gate as viewers see it: evidence, who must still decide, what it holds."""

from __future__ import annotations

from locust_tui.domain.clock import week_end
from locust_tui.domain.plan import Gate
from locust_tui.domain.snapshot import GateView
from locust_tui.domain.states import OPEN_GATE_STATES

from .criterion_view import criterion_view
from .gates import choices, evidence_digest, standings, starts_when_open, waits_on
from .situation import Situation
from .snapshot_cache import Parts


def gate_view(gate: Gate, look: Situation, parts: Parts) -> GateView:
    """Everything a viewer shows of one gate, and everything a decision needs to have seen."""
    plan, world, index, built = look.plan, look.world, parts.index, parts.built
    status = world.gate(gate.id)
    found = standings(plan, world, gate, look.now)
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
        approved_by=tuple(a.role for a in status.approvals),
        criteria=tuple(criterion_view(s) for s in found),
        passed=sum(1 for s in found if s.passed),
        waits_on=waits_on(plan, world, gate, index.members.get(gate.closes or "", ())),
        starts=starts_when_open(plan, world, gate, index.held_starts[gate.id], lambda w: built[w].unmet),
        evidence_digest=evidence_digest(gate, found),
        choices=tuple(c.kind.value for c in choices(gate, world, found) if c.possible),
        overdue=is_overdue(gate, look),
    )


def is_overdue(gate: Gate, look: Situation) -> bool:
    """Shut although its week is over."""
    start = look.start
    if gate.week is None or start is None or look.world.gate(gate.id).state in OPEN_GATE_STATES:
        return False
    return look.now > week_end(look.plan.calendar, start, gate.week)
