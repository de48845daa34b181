"""Waiting for a machine that lacks what a start needs: with a delay that grows, told once, and no fault of the work's."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from locust_tui.execution.shortage import lack_in
from locust_tui.state.errors import StoreError

log = logging.getLogger(__name__)

FIRST_DELAY_S = 1.0
LONGEST_DELAY_S = 30.0
NEWS_AGAIN_S = 60.0
"""What comes and goes is no news each time."""
T = TypeVar("T")
Wait = Callable[[str, Awaitable[None]], Awaitable[None]]


class Shortage:
    """One per worker. `changed` is called whenever what is lacking changes: with it, in words (empty: nothing is), and
    whether that is news.
    """

    def __init__(self, changed: Callable[[str, bool], None]) -> None:
        self._changed = changed
        self._news: dict[str, float] = {}
        self._lacking: dict[str, str] = {}
        self._told = ""
        self._relief = asyncio.Event()

    @property
    def words(self) -> str:
        """What is lacking now. As long as anything is, nothing new is started."""
        return next(iter(self._lacking.values()), "")

    def lacks(self, who: str, what: str) -> None:
        """`who` found that the machine lacks `what`."""
        self._lacking[who] = what
        self._tell()

    def has(self, who: str) -> None:
        """`who` lacks nothing any more, or has given up."""
        if self._lacking.pop(who, None) is not None:
            self._tell()

    def _tell(self) -> None:
        if self.words != self._told:
            self._told, now = self.words, time.monotonic()
            is_news = now >= self._news.get(self._told, 0.0)
            if is_news:
                self._news[self._told] = now + NEWS_AGAIN_S
            self._changed(self._told, is_news)

    async def wait_out(self, who: str, work: Callable[[], Awaitable[T]], wait: Wait | None = None) -> T:
        """The result of `work`, which is tried again for as long as it fails for want of what the machine lacks.

        The first of several to succeed lets the others try at once. `wait`, where it is given, does the waiting: it gets
        what is lacking, and the pause to await. `work` must leave nothing behind that is in its own way; its other errors
        are raised.
        """
        delay = FIRST_DELAY_S
        try:
            while True:
                try:
                    result = await work()
                except Exception as error:
                    lack = _lack_in(error)
                    if lack is None:
                        raise
                    self._log(who, lack, error)
                    self.lacks(who, lack)
                else:
                    if who in self._lacking:
                        self._relief.set()
                        self._relief = asyncio.Event()
                    return result
                pause = self._pause(delay)
                await (pause if wait is None else wait(lack, pause))
                delay = min(LONGEST_DELAY_S, delay * 2)
        finally:
            self.has(who)

    def _log(self, who: str, lack: str, error: Exception) -> None:
        if self._lacking.get(who) != lack:
            log.warning("%s waits: %s (%s)", who, lack, error)

    async def _pause(self, delay: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(delay):
                await self._relief.wait()


def _lack_in(error: Exception) -> str | None:
    """As `lack_in`; that the record takes nothing now is the machine's lack as well, and no fault of a start's."""
    return lack_in(error) or ("the record takes no writes" if isinstance(error, StoreError) else None)
