"""Puts a message into the record: to whom, by which ways, and at once into the inboxes of those who need no process for it."""

from __future__ import annotations

from locust_tui.analysis.addresses import has_agent
from locust_tui.analysis.recipients import Recipient
from locust_tui.analysis.routes import INBOX, ways_of
from locust_tui.domain.events import EventBody, MessageDelivered, MessageSent
from locust_tui.domain.plan import Plan
from locust_tui.domain.world import World

PRIORITIES = ("low", "normal", "high", "urgent")
SENDER = "worker"
"""Of messages that nobody wrote."""


def posted(
    plan: Plan,
    world: World,
    to: Recipient | str,
    text: str,
    sender: str = SENDER,
    *,
    id: str = "",
    number: int = 1,
    subject: str = "",
    priority: str = "normal",
    reply_to: str = "",
    group: str = "",
) -> tuple[EventBody, ...]:
    """The events of one message; nothing where one of this `id` was sent before.

    `to`: a recipient, or the id of an address that is known. `number`: the how manieth of one commit.
    """
    one = to if isinstance(to, Recipient) else Recipient(to)
    id = id or f"m{len(world.messages) + number}"
    if id in world.messages:
        return ()
    names = () if one.dead else tuple(way.name for way in ways_of(plan, one.to))
    sent = MessageSent(
        id, one.to, text, sender, reply_to, subject, one.channel, priority, group, one.dead, names
    )  # fmt: skip
    if INBOX in names and not has_agent(plan, world.runs, one.to):
        return (sent, MessageDelivered(id, INBOX))
    return (sent,)
