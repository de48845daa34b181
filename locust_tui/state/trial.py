"""Several events as one: tried on a thin layer over the world, kept only if every one of them is legal."""

from __future__ import annotations

from collections import ChainMap
from dataclasses import fields
from typing import Any, cast

from locust_tui.domain.events import Event
from locust_tui.domain.fold import Touched, apply
from locust_tui.domain.world import World

_TABLES = tuple(f.name for f in fields(World) if f.name not in ("revision", "project"))


class Trial:
    """`world` is what events are applied to. A single event needs no layer: the fold is atomic by itself."""

    def __init__(self, world: World, many: bool) -> None:
        self._real = world
        self.world = _layer(world) if many else world
        self.touched: dict[Touched, int] = {}
        """Changed row → revision of the last event that changed it."""

    def apply(self, event: Event) -> None:
        for touched in apply(self.world, event):
            self.touched[touched] = event.revision

    def keep(self) -> None:
        """Make what was tried real."""
        if self.world is self._real:
            return
        self._real.revision, self._real.project = self.world.revision, self.world.project
        for table in _TABLES:
            getattr(self._real, table).update(getattr(self.world, table).maps[0])


def _layer(world: World) -> World:
    tables = {table: cast(dict[str, Any], ChainMap({}, getattr(world, table))) for table in _TABLES}
    return World(world.revision, world.project, **tables)
