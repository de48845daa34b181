"""Putting something into the plan in force, over what its file says: registered by name, visible to every reader."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..errors import NotFoundError, RefusedError, UsageError, did_you_mean
from .asking import ask

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..client.wire import Reply
    from ..domain.world import World
    from .command import Settings
    from .target import Target

MOST_NAME = 64


def add(settings: Settings, target: Target, values: Mapping[str, object], by: str | None = None) -> Reply:
    """Put each value at its place: all of them or none. Raises the worker's words where the result is no plan."""
    from ..client.requests import AddToPlan

    return ask(settings, target, AddToPlan(tuple((p, json.dumps(v)) for p, v in values.items()), by))


def named(name: str, kind: str) -> str:
    """`name`, for a monitor or an alert. UsageError for one that could not be shown, or named, as it is."""
    if not name.strip() or len(name) > MOST_NAME or "/" in name or not name.isprintable():
        raise UsageError(
            f'"{name[:80]}" can be no name of {kind}',
            help=f"words that can be printed, without slashes, {MOST_NAME} characters at most",
        )
    return name


def take(
    settings: Settings,
    target: Target,
    world: World,
    place: str,
    named: Iterable[str],
    by: str | None = None,
    *,
    also: str = "",
) -> Reply:
    """Take back what a command put at `place` ("monitors/main"), and at `also` where it put something there.

    `named`: all of that kind that the plan has.

    NotFoundError with near names where there is none; RefusedError where the plan file says it.
    """
    from ..client.requests import TakeFromPlan

    block, _, name = place.partition("/")
    noun = block.removesuffix("s")
    added = world.additions.get(place)
    if added is None or not added.value:
        if name in named:
            raise RefusedError(
                f"{noun} {name} stands in the plan file", help=f"take it out of {target.path.name}"
            )
        near = did_you_mean(name, named) or f"locust-tui {noun} ls"
        raise NotFoundError(f'no {noun} "{name}"', help=near)
    beside = world.additions.get(also)
    places = (place, also) if beside is not None and beside.value else (place,)
    return ask(settings, target, TakeFromPlan(places, by))
