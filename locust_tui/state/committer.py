"""The queue in front of the disk: whatever comes in while one transaction is written shares the next."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable

from locust_tui.domain.world import World

from .errors import StoreError
from .group_commit import Batch
from .opening import LOCKED, is_busy

log = logging.getLogger(__name__)

_BUSY_TRIES = 12
"""Of 5 s each: how long another program may hold the database locked."""


class Committer:
    """`write(batch)` puts one batch on disk; `committed(revision)` follows it; `failed(error)` when nothing was kept, and
    says why in words for people.

    `batch` is the one that is filling. `trouble` says what holds commits up.
    """

    def __init__(
        self,
        world: World,
        write: Callable[[Batch], Awaitable[None]],
        committed: Callable[[int], None],
        failed: Callable[[Exception], Awaitable[str]],
    ) -> None:
        self.batch = Batch()
        self.trouble: str | None = None
        self._world = world
        self._write = write
        self._committed = committed
        self._failed = failed
        self._task: asyncio.Task[None] | None = None

    def wait(self, revision: int) -> asyncio.Future[int]:
        """Done, with `revision`, when all that is queued now is durable; StoreError when it could not be written."""
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.batch.waiters.append((future, revision))
        if self._task is None:
            self._task = asyncio.create_task(self._work())
        return future

    async def idle(self) -> None:
        """Return when nothing is queued."""
        while self._task is not None:
            await asyncio.wait([self._task])

    async def _work(self) -> None:
        try:
            while self.batch.waiters:
                batch, self.batch = self.batch, Batch()
                try:
                    await self._put(batch)
                except Exception as error:
                    await self._refuse(batch, error)
                    continue
                for future, revision in batch.waiters:
                    if not future.done():
                        future.set_result(revision)
                if not batch.empty:
                    self._committed(batch.revision)
        finally:
            self._task = None

    async def _put(self, batch: Batch) -> None:
        if batch.empty:
            return
        batch.seal(self._world)
        for tries in range(1, _BUSY_TRIES + 1):
            try:
                await self._write(batch)
            except sqlite3.OperationalError as error:
                if not is_busy(error) or tries == _BUSY_TRIES:
                    raise
                self.trouble = LOCKED
            else:
                self.trouble = None
                return

    async def _refuse(self, batch: Batch, error: Exception) -> None:
        """What queued up behind a failed batch stands on it, and fails with it."""
        waiters = [*batch.waiters, *self.batch.waiters]
        self.batch = Batch()
        self.trouble = str(error)
        try:
            self.trouble = words = await self._failed(error)
        except Exception:
            log.exception("what became of the record cannot be told")
            words = str(error)
        help_ = (
            error.help if isinstance(error, StoreError) else "`locust-tui doctor` looks at disk and record"
        )
        for future, _ in waiters:
            if not future.done():
                refusal = StoreError(f"the record could not be written: {words}", help=help_)
                refusal.__cause__ = error
                future.set_exception(refusal)
