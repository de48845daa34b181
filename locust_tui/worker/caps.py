"""Who may start: what there is to execute for a subject, and the slots that caps leave for it.

The slots themselves are counted by `analysis.slots`, so that the reason shown is the reason that held.
"""

from __future__ import annotations

from collections.abc import Iterable

from locust_tui.analysis.slots import OWN_COMMAND, Slots, no_slot, no_slot_for, owner_of
from locust_tui.analysis.startable import can_start as can_start
from locust_tui.analysis.startable import startable_kind as startable_kind
from locust_tui.analysis.startable import why_not_startable as why_not_startable
from locust_tui.domain.plan import Plan, Workstream


def agent_type_of(workstream: Workstream) -> str:
    return OWN_COMMAND if workstream.run is not None else workstream.agent or ""


def full(plan: Plan, running: int) -> bool:
    """Nothing at all may start. Lowering a cap never ends a run: it only starts no more."""
    return plan.resources.max_agents is not None and running >= plan.resources.max_agents


def take_slot(plan: Plan, slots: Slots, workstream: Workstream) -> bool:
    """Take a slot for a workstream's run, or answer False and take none."""
    if no_slot(plan, slots, workstream) is not None:
        return False
    slots.take(agent_type_of(workstream), workstream.orchestrator)
    return True


def take_spare_slot(
    plan: Plan, slots: Slots, lasting: Slots, one: str, agent_type: str, work: Iterable[str]
) -> bool:
    """Take a slot for an orchestrator's own agent: never the last one that any of the unfinished `work` could use.

    Such an agent may live as long as the plan, and so may those in `lasting` (all that are no workstream's): with
    nothing but them, every workstream must still find a slot.
    """
    owner = owner_of(plan, one)
    if no_slot_for(plan, slots, agent_type, owner) is not None:
        return False
    then = Slots(
        lasting.total, lasting.by_type.copy(), lasting.by_owner.copy(), lasting.granted,
        granted_types=lasting.granted_types,
    )  # fmt: skip
    then.take(agent_type, owner)
    if any(no_slot(plan, then, plan.workstreams[id]) is not None for id in work):
        return False
    slots.take(agent_type, owner)
    lasting.take(agent_type, owner)
    return True
