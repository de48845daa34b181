"""By which ways a message reaches an address: those its `notify` route names, else `default`'s, else the inbox."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

from locust_tui.domain.coordination import MessageStatus
from locust_tui.domain.criterion import Command
from locust_tui.domain.plan import NotifyRoute, Plan
from locust_tui.domain.world import World

from .addresses import has_agent, known_names

INBOX, BELL, DESKTOP, CONVERSATION = "inbox", "bell", "desktop", "conversation"
SHOWN = frozenset({BELL, DESKTOP})
"""Ways of a terminal that somebody looks at."""
_OF_THE_UNREAD = SHOWN | {INBOX, CONVERSATION}
PRESSING = frozenset({"high", "urgent"})
"""Priorities of what is said to a running agent at once, and not only when it looks into its inbox."""
DEFAULT = "default"
SECRET = "secret:"
MOST_TRIES = 5
_LONGEST_PAUSE_S = 300.0


class Way(NamedTuple):
    name: str
    """As the record has it; it tells no secret address."""
    kind: str
    """inbox, bell, desktop, command, webhook, apprise"""
    where: str = ""
    """The address; "secret:env:NAME" where the plan only says where to find it."""
    command: Command | None = None


def ways_of(plan: Plan, address: str) -> tuple[Way, ...]:
    """In the plan's order, words and addresses before commands."""
    route = _route(plan, address)
    if route is None:
        return (Way(INBOX, INBOX),)
    found: dict[str, Way] = {}
    for channel in route.channels:
        kind, _, where = channel.partition(":")
        _add(found, _name(kind, where), kind, where)
    for command in route.commands:
        _add(found, "command", "command", command=command)
    return tuple(found.values()) or (Way(INBOX, INBOX),)


def owed(plan: Plan, world: World, message: MessageStatus) -> tuple[str, ...]:
    """Names of the ways that the message was, or is, to be delivered by; none for a dead letter."""
    if message.dead:
        return ()
    names = message.ways or tuple(way.name for way in ways_of(plan, message.to))
    pressing = message.priority in PRESSING and has_agent(plan, world.runs, message.to)
    return (*names, CONVERSATION) if pressing and CONVERSATION not in names else names


def missing(plan: Plan, world: World, message: MessageStatus) -> tuple[str, ...]:
    """Names of the ways that have not taken it and are not given up. Once it is read, nothing needs to be shown any more."""
    given_up = {t.way for t in message.tries if not t.under_way and t.attempt >= MOST_TRIES}
    left = (w for w in owed(plan, world, message) if w not in message.delivered and w not in given_up)
    return tuple(w for w in left if message.read is None or w not in _OF_THE_UNREAD)


def way_named(plan: Plan, address: str, name: str) -> Way | None:
    """The way as the plan has it now; None where it has it no more."""
    return next((way for way in ways_of(plan, address) if way.name == name), None)


def pause_after(attempt: int) -> float | None:
    """Seconds until the next attempt: 1, 4, 16, 64; None: that was the last."""
    return None if attempt >= MOST_TRIES else float(min(_LONGEST_PAUSE_S, 4.0 ** (attempt - 1)))


def _route(plan: Plan, address: str) -> NotifyRoute | None:
    own = plan.notify.get(address)
    if own is None and plan.notify:
        names = known_names(plan)
        own = next((route for name, route in plan.notify.items() if names.get(name) == address), None)
    return own or plan.notify.get(DEFAULT)


def _add(
    found: dict[str, Way], name: str, kind: str, where: str = "", command: Command | None = None
) -> None:
    number, unique = 1, name
    while unique in found:
        if found[unique].where == where and found[unique].command == command:
            return
        number += 1
        unique = f"{name}#{number}"
    found[unique] = Way(unique, kind, where, command)


def _name(kind: str, where: str) -> str:
    if not where:
        return kind
    if where.startswith(SECRET):
        return f"{kind}:{where.removeprefix(SECRET)}"
    parts = urlsplit(where)
    return f"{kind}:{(parts.hostname or '') if kind == 'webhook' else parts.scheme}"
