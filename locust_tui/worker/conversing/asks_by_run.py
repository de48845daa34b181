"""Which items of the inbox each run asked for, kept so that nobody looks through all of them ten times a second."""

from __future__ import annotations

from itertools import islice

from locust_tui.domain.world import World


class AsksByRun:
    """Items of every run, found without looking through all of them each time."""

    def __init__(self) -> None:
        self._seen = 0
        self._items: dict[str, list[str]] = {}

    def of(self, run_id: str, world: World) -> list[str]:
        asks = world.asks
        if len(asks) < self._seen:
            self._seen, self._items = 0, {}
        if len(asks) > self._seen:
            for ask in islice(asks.values(), self._seen, None):
                self._items.setdefault(ask.run, []).append(ask.item)
            self._seen = len(asks)
        return self._items.get(run_id, [])
