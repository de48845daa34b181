"""The terminal's bell, once for each new thing that waits for a person, and never often."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from locust_tui.domain.coordination import AlertStatus
from locust_tui.domain.snapshot import WaitingView
from locust_tui.domain.states import AlertState

LEAST_S = 5.0
"""Between two rings; what comes meanwhile was announced by the first."""


class Bell:
    """Silent about what waits already when it first looks, and about what only wants to be seen."""

    def __init__(self, ring: Callable[[], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._ring, self._clock = ring, clock
        self._known: set[tuple[str, float | None]] | None = None
        self._rang = float("-inf")

    def look(self, waiting: Iterable[WaitingView], alerts: Iterable[AlertStatus] = ()) -> None:
        """Ring if something waits, or an alert fires, that did not before."""
        now: set[tuple[str, float | None]] = {(item.item, item.since) for item in waiting if item.rank < 2}
        now |= {(f"alert:{a.key}", a.since) for a in alerts if a.state is AlertState.FIRING}
        known, self._known = self._known, now | (self._known or set())
        if known is not None and now - known:
            self.once()

    def once(self) -> None:
        """Ring, unless it rang a moment ago."""
        if self._clock() - self._rang >= LEAST_S:
            self._rang = self._clock()
            self._ring()
