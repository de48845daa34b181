"""Who is to get a message: names divided by commas, and the members of channels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from locust_tui.domain.plan import Plan
from locust_tui.domain.states import UNFINISHED
from locust_tui.domain.world import World
from locust_tui.errors import did_you_mean

from .addresses import OPERATOR, address, known_names

ALL, ORCHESTRATORS = "all", "orchestrators"


class Recipient(NamedTuple):
    to: str
    """The id; as it was written, where nobody is it."""
    channel: str = ""
    dead: str = ""
    """Why it reaches nobody."""
    near: str = ""
    """Names that may have been meant."""


def recipients(plan: Plan, world: World, to: str, channel: str = "") -> tuple[Recipient, ...]:
    """Each once, in the order named. A name is an address, or else a channel."""
    found: dict[str, Recipient] = {}
    for name in (word.strip() for word in to.split(",")):
        if name:
            for one in _named(plan, world, name):
                found.setdefault(one.to, one)
    for name in (word.strip().removeprefix("#") for word in channel.split(",")):
        if name:
            for one in _members(plan, world, name):
                found.setdefault(one.to, one)
    return tuple(found.values())


def channels(plan: Plan, world: World) -> dict[str, tuple[str, ...]]:
    """Channel → its members: the plan's, `orchestrators`, and `all`, which leaves out workstreams that are over."""
    meta = (plan.meta.id,) if plan.meta is not None else ()
    commanding = (*meta, *plan.orchestrators)
    at_work = (w for w in plan.workstreams if world.workstream(w).state in UNFINISHED)
    return {ALL: (OPERATOR, *commanding, *at_work), ORCHESTRATORS: commanding, **plan.channels}


def _named(plan: Plan, world: World, name: str) -> Iterator[Recipient]:
    found = address(plan, world.runs, name)
    if found is not None:
        yield Recipient(found)
    elif name.removeprefix("#") in channels(plan, world):
        yield from _members(plan, world, name.removeprefix("#"))
    else:
        known = [*known_names(plan, world.runs), *channels(plan, world)]
        yield Recipient(name, dead=f'nobody is called "{name}"', near=_near(name, known))


def _members(plan: Plan, world: World, channel: str) -> Iterator[Recipient]:
    known = channels(plan, world)
    if channel not in known:
        near = _near(channel, known) or f"channels: {', '.join(known)}"
        yield Recipient(channel, channel, f'there is no channel "{channel}"', near)
    elif not known[channel]:
        yield Recipient(channel, channel, f"nobody belongs to the channel {channel}")
    for name in known.get(channel, ()):
        found = address(plan, world.runs, name)
        if found is not None:
            yield Recipient(found, channel)
        else:
            near = _near(name, known_names(plan, world.runs))
            yield Recipient(name, channel, f'channel {channel}: nobody is called "{name}"', near)


def _near(name: str, known: Iterable[str]) -> str:
    return did_you_mean(name, known) or ""
