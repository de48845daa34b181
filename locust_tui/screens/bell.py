"""The terminal's bell, once for each new thing that waits for a person, and never often."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from locust_tui.domain.snapshot import WaitingView

LEAST_S = 5.0
"""Between two rings; what comes meanwhile was announced by the first."""


class Bell:
    """Silent about what waits already when it first looks, and about what only wants to be seen."""

    def __init__(self, ring: Callable[[], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._ring, self._clock = ring, clock
        self._known: set[tuple[str, float | None]] | None = None
        self._rang = float("-inf")

    def look(self, waiting: Iterable[WaitingView]) -> None:
        """Ring if something is new."""
        now = {(item.item, item.since) for item in waiting if item.rank < 2}
        known, self._known = self._known, now | (self._known or set())
        if known is not None and now - known:
            self.once()

    def once(self) -> None:
        """Ring, unless it rang a moment ago."""
        if self._clock() - self._rang >= LEAST_S:
            self._rang = self._clock()
            self._ring()
