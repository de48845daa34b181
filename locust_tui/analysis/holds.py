"""What holds a start besides needs, gates, dates and slots: a restored record, its account and its budgets."""

from __future__ import annotations

from collections.abc import Callable

from locust_tui.domain.plan import Plan, Workstream
from locust_tui.domain.world import World

from .accounts import account_hold
from .budgets import scopes_of, spent_up
from .restored import restored_hold
from .schedule import critical_path
from .slots import OWN_COMMAND

NO_FLOAT = 1e-9


def has_no_float(plan: Plan, workstream: str) -> bool:
    """Whether the plan ends later when the workstream does; so does every one of a plan without dates."""
    return critical_path(plan).floats.get(workstream, 0.0) <= NO_FLOAT


def start_hold(
    plan: Plan, world: World, workstream: Workstream, now: float, *, critical: Callable[[], bool]
) -> str | None:
    """Why the workstream may not start now, in words; None: nothing holds it. `critical`: whether it has no float."""
    agent_type = OWN_COMMAND if workstream.run is not None else workstream.agent or ""
    return start_hold_of(plan, world, workstream.id, agent_type, now, critical=critical)


def start_hold_of(
    plan: Plan, world: World, subject: str, agent_type: str, now: float, *, critical: Callable[[], bool]
) -> str | None:
    """The same for any subject, an orchestrator's own agent among them."""
    if (restored := restored_hold(world)) is not None:
        return restored
    if world.accounts and agent_type != OWN_COMMAND:
        hold = account_hold(plan, world, agent_type, now, critical=critical)
        if hold is not None:
            return hold
    if not world.budgets:
        return None
    spending = spent_up(plan, world, scopes_of(plan, subject))
    return None if spending is None else spending.words
