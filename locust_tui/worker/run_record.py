"""Writes down what happens to runs; what the disk refuses is found again in the run folders."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from locust_tui.domain.events import EventBody, Noted
from locust_tui.domain.people import WORKER
from locust_tui.errors import LocustTuiError
from locust_tui.state.errors import StoreError
from locust_tui.state.store import Store

log = logging.getLogger(__name__)


class RunRecord:
    """`recover` finds every run that the log believes alive, once the disk takes events again."""

    def __init__(self, store: Store, recover: Callable[[], Awaitable[None]]) -> None:
        self._store = store
        self._recover = recover
        self._recovering: asyncio.Task[None] | None = None

    def note(self, body: EventBody) -> None:
        """Write down what happened to a run. What the disk refuses now is found again in the run folders."""
        try:
            waiting = self._store.append_nowait(WORKER, body)
        except StoreError as error:
            log.error("%s", error)
            self._look_again()
        else:
            waiting.add_done_callback(self._recorded)

    def _recorded(self, waiting: asyncio.Future[int]) -> None:
        if not waiting.cancelled() and waiting.exception() is not None:
            self._look_again()

    def _look_again(self) -> None:
        if self._recovering is None or self._recovering.done():
            self._recovering = asyncio.create_task(self._recover_until_recorded())

    async def _recover_until_recorded(self) -> None:
        delay = 1.0
        while True:
            await asyncio.sleep(delay)
            delay = min(30.0, delay * 2)
            try:
                await self._store.append(
                    WORKER, Noted("warning", "the record could not be written for a while")
                )
                await self._recover()
            except (LocustTuiError, OSError) as error:
                log.error("what became of the runs could not be recorded: %s", error)
            else:
                return

    async def close(self) -> None:
        if self._recovering is not None:
            self._recovering.cancel()
            await asyncio.gather(self._recovering, return_exceptions=True)
