"""Which messages a terminal that somebody looks at is to tell of."""

from __future__ import annotations

from collections.abc import Iterator

from locust_tui.domain.coordination import MessageStatus, oldest_first
from locust_tui.domain.plan import Plan
from locust_tui.domain.snapshot import Announcement
from locust_tui.domain.world import World

from .addresses import has_agent
from .routes import SHOWN, missing

MOST = 50
"""Of the latest; who has more unread ones than that has been told that there are some."""


def announcements(plan: Plan, world: World) -> tuple[Announcement, ...]:
    """Unread ones to people, and those whose route says bell or desktop, oldest first."""
    unread = [m for m in world.messages.values() if m.read is None and not m.dead]
    return tuple(_announcements(plan, world, oldest_first(unread)[-MOST:])) if unread else ()


def _announcements(plan: Plan, world: World, unread: list[MessageStatus]) -> Iterator[Announcement]:
    for m in unread:
        owed = tuple(way for way in missing(plan, world, m) if way in SHOWN)
        if owed or not has_agent(plan, world.runs, m.to):
            lines = m.text.strip().splitlines()
            yield Announcement(m.id, m.sender, m.to, (m.subject or (lines[0] if lines else ""))[:200], owed)
