"""Sending work back at a gate: whose it is, and to which state it goes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from locust_tui.analysis.criterion_state import CriterionStanding
from locust_tui.domain.events import EventBody, GateDecided, WorkstreamMoved
from locust_tui.domain.people import Decision
from locust_tui.domain.plan import Gate, Plan
from locust_tui.domain.states import CriterionState, WorkstreamState
from locust_tui.domain.world import World
from locust_tui.errors import NotFoundError, UsageError, did_you_mean

_FAILED = (CriterionState.FAIL, CriterionState.ERROR)
_REWORKABLE = (
    WorkstreamState.ACCEPTED,
    WorkstreamState.REVIEW,
    WorkstreamState.NEEDS_INPUT,
    WorkstreamState.FAILED,
)


def recycle(
    plan: Plan,
    world: World,
    gate: Gate,
    decision: Decision,
    named: tuple[str, ...],
    found: tuple[CriterionStanding, ...],
) -> tuple[list[EventBody], dict[str, Any]]:
    """The events of the decision, and what to tell the person. `named` defaults to the owners of failed criteria.

    Raises NotFoundError for a name that is no workstream, UsageError where nobody's work is named or found.
    """
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
