"""Slots of running agents: how many each cap allows, how many are taken, and which cap holds a start.

Every run holds a slot, whether it carries out `instructions` or a workstream's own command: the cap is also
written `concurrency` or `max_parallel`, and a hundred commands at once surprise as much as a hundred agents.
Orchestrators' own agents count too; checks do not (they have `max_checks`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from locust_tui.domain.plan import Plan, Workstream
from locust_tui.domain.states import RunState
from locust_tui.domain.world import GrantStatus, RunStatus

FLOATING = "floating"
OWN_COMMAND = "run"
"""Agent type of a workstream's own command; no per-type cap holds it."""


@dataclass(slots=True)
class Slots:
    """Taken slots; `take` counts one more, so that a dispatcher can fill them in one pass."""

    total: int
    by_type: Counter[str]
    by_owner: Counter[str]
    """Orchestrator → agents of its workstreams and its own."""
    granted: Counter[str] = field(default_factory=Counter)
    """Orchestrator → slots that it was granted beyond its pool."""
    limited: int = 0
    """Of the taken ones: runs that wait for their account. They keep their slots, so that all of them can go on at once."""
    waiting: int = 0
    """Of the taken ones: runs that wait for a person."""
    granted_types: Counter[str] = field(default_factory=Counter)
    """Agent type → slots that it was granted beyond its cap."""

    def take(self, agent_type: str, owner: str | None) -> None:
        self.total += 1
        self.by_type[agent_type] += 1
        if owner is not None:
            self.by_owner[owner] += 1


def taken_slots(plan: Plan, live: Iterable[RunStatus], grants: Iterable[GrantStatus] = ()) -> Slots:
    """Slots that live runs hold, and what was granted."""
    slots = Slots(0, Counter(), Counter())
    for grant in grants:
        if grant.ended:
            continue
        if grant.orchestrator:
            slots.granted[grant.orchestrator] += grant.count
        if grant.agent_type:
            slots.granted_types[grant.agent_type] += grant.count
    for run in live:
        slots.take(run.agent_type, owner_of(plan, run.subject))
        slots.limited += run.state is RunState.LIMITED
        slots.waiting += run.state is RunState.WAITING
    return slots


def quota_of(plan: Plan, slots: Slots, orchestrator: str) -> int | None:
    """Slots of its own, granted ones among them; None: no pool of the plan names it."""
    own = plan.resources.pools.get(orchestrator)
    return None if own is None else own + slots.granted[orchestrator]


def owner_of(plan: Plan, subject: str) -> str | None:
    """Orchestrator whose pool a run of `subject` (a workstream or an orchestrator) draws on."""
    workstream = plan.workstreams.get(subject)
    if workstream is not None:
        return workstream.orchestrator
    return subject if subject in plan.orchestrators else None


def no_slot(plan: Plan, slots: Slots, workstream: Workstream) -> str | None:
    """Which cap keeps the workstream from starting, in words; None when a slot is free."""
    agent_type = OWN_COMMAND if workstream.run is not None else workstream.agent or ""
    return no_slot_for(plan, slots, agent_type, workstream.orchestrator)


def no_slot_for(plan: Plan, slots: Slots, agent_type: str, owner: str | None) -> str | None:
    """Which cap keeps one more run of `agent_type` in `owner`'s pool from starting, in words.

    An orchestrator beyond its own quota draws on the floating pool. Without pools only the plan's cap and the
    caps of agent types count. What was granted raises a quota or a type's cap, never the plan's.
    """
    cap = plan.resources.max_agents
    if cap is not None and slots.total >= cap:
        idle = f"{slots.limited} limited" if slots.limited else ""
        asks = f"{slots.waiting} waiting for a person" if slots.waiting else ""
        held = ", ".join(filter(None, (idle, asks)))
        return f"no free slot: {slots.total} of {cap} agents" + (f", of them {held}" if held else "")
    agent = plan.agents.get(agent_type) if agent_type != OWN_COMMAND else None
    if agent is not None and agent.max is not None:
        most = agent.max + slots.granted_types[agent.name]
        if slots.by_type[agent.name] >= most:
            return f"no free slot: {slots.by_type[agent.name]} of {most} {agent.name} agents"
    return _no_pool_slot(plan, slots, owner)


def _no_pool_slot(plan: Plan, slots: Slots, owner: str | None) -> str | None:
    pools = plan.resources.pools
    if owner is None or owner not in pools:
        return None
    used, quota = slots.by_owner[owner], pools[owner] + slots.granted[owner]
    if used < quota:
        return None
    floating = pools.get(FLOATING, 0)
    borrowed = sum(
        max(0, slots.by_owner[o] - own - slots.granted[o]) for o, own in pools.items() if o != FLOATING
    )
    if borrowed < floating:
        return None
    words = f"no free slot: {owner} has {used}, its quota is {quota}"
    return f"{words}, and {borrowed} of {floating} floating are taken" if floating else words
