"""The registry of the reducer's rules: one per kind of event, each in the room of what it changes."""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch
from typing import NamedTuple

from . import events as e
from .people import Person
from .world import World


class Touched(NamedTuple):
    """A row of the world that an event changed: `table` is a field of World, `id` its key ("" for project)."""

    table: str
    id: str


PROJECT = (Touched("project", ""),)


@singledispatch
def fold_body(body: e.EventBody, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    """Change `world` by what happened, and name the rows that changed."""
    raise TypeError(f"no rule for {type(body).__name__}")


def read_up_to(world: World, run_id: str, stream: str | None, offset: int | None) -> tuple[Touched, ...]:
    """The file `stream` of a run has been read up to `offset`."""
    run = world.runs.get(run_id)
    if run is None or offset is None:
        return ()
    read = replace(run, log_read=offset) if stream == "log" else replace(run, events_read=offset)
    world.runs[run.id] = read
    return (Touched("runs", run.id),)
