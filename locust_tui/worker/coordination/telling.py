"""Messages that the rooms of coordination send by themselves: one to each address, with ids that nobody else gives."""

from __future__ import annotations

from collections.abc import Iterable

from locust_tui.domain.events import EventBody
from locust_tui.domain.plan import Plan
from locust_tui.domain.world import World
from locust_tui.safe_text import masked

from .posting import posted

NORMAL, HIGH = "normal", "high"


def tell(
    plan: Plan,
    world: World,
    group: str,
    to: Iterable[str],
    text: str,
    *,
    sender: str,
    subject: str,
    priority: str = NORMAL,
) -> list[EventBody]:
    """Messages of `group` ("E3", "risk:R2"), numbered on from those that it has in the world."""
    number = sum(message.group == group for message in world.messages.values())
    words = masked(text)
    return [
        event
        for n, address in enumerate(dict.fromkeys(to), number + 1)
        for event in posted(
            plan, world, address, words, sender, id=f"{group}.{n}", subject=subject, priority=priority, group=group
        )
    ]  # fmt: skip


def in_plan(plan: Plan, *names: str) -> list[str]:
    """Those that are workstreams or orchestrators: their agents read what is sent to them."""
    return [n for n in dict.fromkeys(names) if n in plan.workstreams or n in plan.orchestrators]
