"""Signatures that an approval gives along with itself."""

from __future__ import annotations

from dataclasses import replace

from locust_tui.analysis.gates import standings
from locust_tui.domain.events import CriterionSigned, EventBody
from locust_tui.domain.people import Person, Signature
from locust_tui.domain.plan import Gate, Plan
from locust_tui.domain.states import CriterionState
from locust_tui.domain.world import World

from .roles import roles_of


def signed_along(
    gate: Gate, world: World, plan: Plan, person: Person, note: str, now: float
) -> list[EventBody]:
    """One for each waiting manual criterion that names no other role than the approver's."""
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


def with_signatures(world: World, gate: Gate, signed: list[EventBody]) -> World:
    """The world as it is once they are recorded."""
    if not signed:
        return world
    status = world.gate(gate.id)
    more = tuple(e.signature for e in signed if isinstance(e, CriterionSigned))
    gates = {**world.gates, gate.id: replace(status, signatures=status.signatures + more)}
    return replace(world, gates=gates)
