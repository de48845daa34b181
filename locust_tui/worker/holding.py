"""How long each run stood still, waiting for a person or paused: time that its limit does not count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from locust_tui.domain.events import Event, RunChanged
from locust_tui.domain.world import RunStatus

from .running import STANDS_STILL


class HoldTimes:
    """Feed it the log of live runs once after a start, and the live runs before every decision."""

    def __init__(self) -> None:
        self._since: dict[str, float] = {}
        self._total: dict[str, float] = {}

    def recall(self, events: Iterable[Event]) -> None:
        """Take up what the log says of runs that outlived a worker."""
        for event in events:
            if isinstance(event.body, RunChanged):
                self._note(event.body.run, event.body.state in STANDS_STILL, event.at)

    def waited(self, live: Iterable[RunStatus], now: float) -> Mapping[str, float]:
        """Seconds on hold by run, the holds that are over."""
        for run in live:
            self._note(run.id, run.state in STANDS_STILL, now)
        return self._total

    def _note(self, run: str, on_hold: bool, at: float) -> None:
        if on_hold:
            self._since.setdefault(run, at)
        elif (since := self._since.pop(run, None)) is not None:
            self._total[run] = self._total.get(run, 0.0) + max(0.0, at - since)
