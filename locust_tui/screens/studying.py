"""What a screen shows of a study: asked for while it is worth it, held until there is a newer one, or why there is none."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Generic, TypeVar

from locust_tui.errors import LocustTuiError
from locust_tui.widgets.row import Row

if TYPE_CHECKING:
    from .base import CockpitScreen

T = TypeVar("T")

LEAST_S, SHARE, ANYWAY_S = 2.0, 20.0, 15.0
"""Between two looks: so many seconds, so many times what the look before took; and how long one is good where nothing
happened but time."""
FOR_EVER = float("inf")
_NEVER = object()


class Study(Generic[T]):
    """What a screen has computed on demand, from the first look on until it closes."""

    def __init__(self, screen: CockpitScreen, *, good_for: float = ANYWAY_S) -> None:
        """`good_for`: seconds after which it is asked for anew though the record has not gone on."""
        self.value: T | None = None
        """What was answered last."""
        self.trouble = ""
        """Why the last look brought nothing."""
        self.help = ""
        """What to do about that."""
        self.under_way = False
        self._screen = screen
        self._good_for = good_for
        self._of: object = _NEVER
        self._revision = -1
        self._done, self._took = 0.0, 0.0
        self._stale = False

    def ask_when_due(self, revision: int, fetch: Callable[[], Awaitable[T]], of: object = None) -> None:
        """Look when the record has gone on or the last look is old, of something else at once; never two at a time.

        `of` is what it is a study of, where the screen chooses. The screen is drawn again with the answer. What `fetch`
        raises is said where the product knows it, else it ends the app as any exception of `spawn` does.
        """
        if self.under_way or not self._due(revision, of):
            return
        if of != self._of:
            self.trouble = self.help = ""
        self._of, self._revision, self._stale, self.under_way = of, revision, False, True
        self._screen.host.spawn(self._look(fetch))

    def ask_anew(self) -> None:
        """Look again with the next view, also where a look is under way, which may not know what just happened."""
        self._stale = True

    def waiting(self, words: str = "computing") -> Row:
        """What stands where its value would, while there is none."""
        return Row(self.trouble, "bad") if self.trouble else Row(f"⋯ {words}", "dim")

    def _due(self, revision: int, of: object) -> bool:
        if self._stale or of != self._of:
            return True
        least = LEAST_S if revision != self._revision else self._good_for
        return time.monotonic() - self._done >= max(least, SHARE * self._took)

    async def _look(self, fetch: Callable[[], Awaitable[T]]) -> None:
        host, began = self._screen.host, time.monotonic()
        try:
            self.value = await fetch()
            self.trouble = self.help = ""
        except LocustTuiError as error:
            self.trouble, self.help = error.message, error.help or ""
            host.say_error(error)
        finally:
            self.under_way = False
            self._done = time.monotonic()
            self._took = self._done - began
        if self._screen.is_current:
            host.present()
