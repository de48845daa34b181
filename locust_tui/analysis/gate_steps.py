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
    signed = [s.criterion.id for s in needed if _signed_alone(gate, world, s)]
    steps += [("gate", "sign", gate.id, criterion, "--note", "…") for criterion in signed]
    return tuple(steps) or (("gate", "approve", gate.id, "--note", "…"),)


def _signed_alone(gate: Gate, world: World, standing: CriterionStanding) -> bool:
    """Whether it waits for a role that no approver of the gate fills."""
    if standing.state is not CriterionState.WAITING:
        return False
    signers = [s.by for s in world.gate(gate.id).signatures if s.criterion == standing.criterion.id]
    filled = {*gate.approvers, *(by.role for by in signers), *(by.name for by in signers)}
    return any(probe.by is not None and probe.by not in filled for probe in standing.criterion.manual)
