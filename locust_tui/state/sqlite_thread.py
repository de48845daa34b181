"""A SQLite connection on aiosqlite's thread that takes whole jobs, so that a transaction costs one hop, not one a statement."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

import aiosqlite

T = TypeVar("T")


class JobConnection(sqlite3.Connection):
    """`commit()` carries out the next of `jobs`: aiosqlite calls it on its thread, and awaits it on ours."""

    jobs: deque[Callable[[], None]]

    def commit(self) -> None:
        self.jobs.popleft()()

    def failed(self, error: sqlite3.Error) -> None:
        """Called on the thread with the error that ended a job."""


class SqliteThread:
    """`open` must be awaited first and `close` last: the thread of a forgotten one keeps the interpreter alive."""

    def __init__(self, connector: Callable[[], JobConnection]) -> None:
        self._connector = connector
        self._jobs: deque[Callable[[], None]] = deque()
        self._connection: JobConnection | None = None
        self._db: aiosqlite.Connection | None = None

    async def open(self) -> None:
        """Start the thread and run the connector there; its error is raised here, with the thread ended.

        Who cancels this finds it open all the same, and to be closed: a thread cannot be called back.
        """

        def connect() -> JobConnection:
            self._connection = self._connector()
            self._connection.jobs = self._jobs
            return self._connection

        async def start() -> None:
            self._db = await aiosqlite.Connection(connect, iter_chunk_size=64)

        await finish(start())

    async def run(self, job: Callable[[JobConnection], T]) -> T:
        """The result of `job(connection)`, carried out on the thread after all jobs before it."""
        if self._db is None or self._connection is None:
            raise sqlite3.ProgrammingError("the database is closed")
        connection, result = self._connection, []

        def work() -> None:
            try:
                result.append(job(connection))
            except sqlite3.Error as error:
                connection.failed(error)
                raise

        self._jobs.append(work)
        await self._db.commit()
        return result[0]

    async def close(self) -> None:
        """Finish what is queued, close the connection and end the thread; cancelling this does not stop it."""
        db, self._db = self._db, None
        if db is None:
            return
        await finish(db.close())


async def finish(awaitable: Any) -> None:
    """Await to the end, however often the caller is cancelled meanwhile; the cancellation follows afterwards."""
    task = asyncio.ensure_future(awaitable)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            if task.cancelled():
                raise
            cancelled = error
        except BaseException:
            break
    task.result()
    if cancelled is not None:
        raise cancelled
