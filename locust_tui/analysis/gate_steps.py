"""What a person may type to bring a shut gate on: the same words wherever somebody asks, or is refused."""

from __future__ import annotations

from collections.abc import Sequence

from locust_tui.domain.plan import Gate
from locust_tui.domain.states import CriterionState, GateState
from locust_tui.domain.world import World

from .criterion_state import CriterionStanding

_UNDECIDED = frozenset({GateState.READY, GateState.PENDING, GateState.HOLD})

Step = tuple[str, ...]
"""Words after the program's name. "…" and "WHY" stand for what the person writes."""


def gate_steps(gate: Gate, world: World, found: Sequence[CriterionStanding]) -> tuple[Step, ...]:
    """The commands that are needed now, in order; none for a gate that is open, killed or not due.

    A must criterion that has not passed is measured again, or set aside on record. One that a person
    answers is signed on its own only where the plan names a role for it that no approver has: the approval
    answers the others along. The approval itself is named once nothing else is missing.
    """
    if world.gate(gate.id).state not in _UNDECIDED:
        return ()
    needed = [s for s in found if s.counts and not s.passed]
    unmet = [s.criterion.id for s in needed if s.state is not CriterionState.WAITING]
    steps: list[Step] = [("gate", "check", gate.id)] if unmet else []
    steps += [("gate", "waive", gate.id, criterion, "--note", "WHY") for criterion in unmet]
    steps += [
        ("gate", "sign", gate.id, s.criterion.id, "--note", "…") for s in needed if _signed_alone(gate, s)
    ]
    return tuple(steps) or (("gate", "approve", gate.id, "--note", "…"),)


def _signed_alone(gate: Gate, standing: CriterionStanding) -> bool:
    waits = standing.state is CriterionState.WAITING
    return waits and standing.named_signer and standing.waits_for not in gate.approvers
