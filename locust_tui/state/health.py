"""What is wrong with a record that is open, in words; and the tries, ever more seldom, whether it is over."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

from .committer import Committer
from .errors import RecordMovedError, StoreError
from .group_commit import damaged, write_nothing
from .opening import LogConnection, why_not_written
from .sqlite_thread import SqliteThread
from .upkeep import Upkeep

FIRST_S, LONGEST_S = 1.0, 15.0
SPENT = "the disk was full and the reserve of disk space was given back; free some space"


class Health:
    """Of one open database. `reload` brings the world back to what is on disk."""

    def __init__(
        self,
        path: Path,
        thread: SqliteThread,
        connection: LogConnection,
        queue: Committer,
        upkeep: Upkeep,
        reload: Callable[[], Awaitable[None]],
    ) -> None:
        self._path = path
        self._thread = thread
        self._connection = connection
        self._queue = queue
        self._upkeep = upkeep
        self._reload = reload
        self._mending: asyncio.Task[None] | None = None

    @property
    def trouble(self) -> str | None:
        """Locked, moved, grown, unwritable, or nearly so; None when all is well."""
        if self._upkeep.moved:
            return self._upkeep.trouble
        if (damage := self._connection.damage) is not None:
            return damaged(self._path, damage).message
        spent = SPENT if self._connection.ballast.spent else None
        return self._queue.trouble or self._connection.journal.trouble or self._upkeep.trouble or spent

    async def why(self, error: Exception) -> str:
        """`error` for people, once the disk itself was asked."""
        return await self._thread.run(lambda _: why_not_written(self._path, error))

    def refused(self, error: Exception) -> None:
        """A commit failed: from now on try whether the next would not."""
        if isinstance(error, RecordMovedError):
            self._upkeep.look()
        self._begin_to_mend()

    def committed(self) -> None:
        """A commit was written, its second copy perhaps not."""
        self._upkeep.committed()
        if self._connection.journal.trouble is not None:
            self._begin_to_mend()

    async def stop(self) -> None:
        if self._mending is not None:
            self._mending.cancel()
            await asyncio.gather(self._mending, return_exceptions=True)

    def _begin_to_mend(self) -> None:
        if self._mending is None or self._mending.done():
            self._mending = asyncio.create_task(self._mend())

    async def _mend(self) -> None:
        """By itself, so that trouble that is over does not stay until somebody wants a commit."""
        pause = FIRST_S
        while self._queue.trouble is not None or self._connection.journal.trouble is not None:
            await asyncio.sleep(pause)
            pause = min(LONGEST_S, 2 * pause)
            await self._queue.idle()
            try:
                await self._thread.run(lambda _: write_nothing(self._connection))
            except (sqlite3.Error, OSError, StoreError) as error:
                self._queue.trouble = await self.why(error)
            else:
                self._queue.trouble = None
                await self._reload()
