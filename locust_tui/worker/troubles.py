"""What keeps the worker from its work right now: said once in the log, told to every viewer, and told when it is over."""

from __future__ import annotations

import logging
from collections.abc import Callable

from locust_tui.domain.clock import Clock
from locust_tui.domain.troubles import Trouble

log = logging.getLogger(__name__)

Look = Callable[[], str | None]
"""What is wrong now, in words with what to do about it; None: nothing."""


class Troubles:
    """One per worker. `changed` is called whenever `now` has changed."""

    def __init__(self, clock: Clock, changed: Callable[[], None]) -> None:
        self._clock = clock
        self._changed = changed
        self._known: dict[str, Trouble] = {}
        self._looks: dict[str, Look] = {}

    @property
    def now(self) -> tuple[Trouble, ...]:
        """As of the last `look`; the oldest first."""
        return tuple(self._known.values())

    def tell(self, about: str, what: str) -> None:
        """Something is wrong. The same again is no news."""
        known = self._known.get(about)
        if known is not None and known.what == what:
            return
        log.error("%s: %s", about, what)
        since = self._clock() if known is None else known.since
        self._known[about] = Trouble(about, what, since)
        self._changed()

    def over(self, about: str) -> None:
        """It is no longer wrong, if it ever was."""
        known = self._known.pop(about, None)
        if known is not None:
            log.warning("%s: that is over, after %.0f s", about, self._clock() - known.since)
            self._changed()

    def watch(self, about: str, look: Look) -> None:
        """Ask `look` at every `look`."""
        self._looks[about] = look

    def look(self) -> None:
        """Ask everything that is watched; cheap, and never waits."""
        for about, look in self._looks.items():
            if (what := look()) is not None:
                self.tell(about, what)
            else:
                self.over(about)
