"""Writes down what happens to runs; what the disk refuses is found again in the run folders, or kept where it is an end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial

from locust_tui.domain.events import EventBody, Noted, RunEnded
from locust_tui.domain.people import WORKER
from locust_tui.errors import LocustTuiError
from locust_tui.state.errors import StoreError
from locust_tui.state.store import Store

log = logging.getLogger(__name__)

LONGEST_S = 5.0
"""Between two tries to record what was refused."""


class RunRecord:
    """`recover` finds every run that the log believes alive, once the disk takes events again."""

    def __init__(self, store: Store, recover: Callable[[], Awaitable[None]]) -> None:
        self._store = store
        self._recover = recover
        self._recovering: asyncio.Task[None] | None = None
        self._ends: dict[str, RunEnded] = {}
        """Refused: of a run whose folder was deleted nothing else tells how it ended."""

    def note(self, body: EventBody) -> None:
        """Write down what happened to a run. What the disk refuses now is found again in the run folders."""
        try:
            waiting = self._store.append_nowait(WORKER, body)
        except StoreError as error:
            log.error("%s", error)
            self._look_again(body)
        else:
            waiting.add_done_callback(partial(self._recorded, body))

    def _recorded(self, body: EventBody, waiting: asyncio.Future[int]) -> None:
        if not waiting.cancelled() and waiting.exception() is not None:
            self._look_again(body)

    def _look_again(self, refused: EventBody) -> None:
        if isinstance(refused, RunEnded):
            self._ends[refused.run] = refused
        if self._recovering is None or self._recovering.done():
            self._recovering = asyncio.create_task(self._recover_until_recorded())

    async def _recover_until_recorded(self) -> None:
        delay = 1.0
        while True:
            await asyncio.sleep(delay)
            delay = min(LONGEST_S, delay * 2)
            try:
                await self._store.append(
                    WORKER, Noted("warning", "the record could not be written for a while")
                )
                await self._record_ends()
                await self._recover()
            except (LocustTuiError, OSError) as error:
                log.error("what became of the runs could not be recorded: %s", error)
            else:
                return

    async def _record_ends(self) -> None:
        for run, end in list(self._ends.items()):
            status = self._store.world.runs.get(run)
            if status is not None and status.live:
                await self._store.append(WORKER, end)
            del self._ends[run]

    async def close(self) -> None:
        if self._recovering is not None:
            self._recovering.cancel()
            await asyncio.gather(self._recovering, return_exceptions=True)
