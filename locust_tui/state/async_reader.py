"""The record for a viewer that lives: the reads of `ReadOnlyStore`, off the event loop, one hop each."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar, cast

from locust_tui.domain.world import World

from .reader import ReadOnlyStore, connect, inode, is_copy, read_delta, unreadable
from .sqlite_thread import JobConnection, SqliteThread, finish

T = TypeVar("T")

NOWHERE = (0, 0)
"""No file's inode: what was opened is a copy, to be made anew for every look."""


class AsyncReader:
    """Use `async with AsyncReader.open(path) as reader`. A file that took the record's place is opened anew."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._thread = SqliteThread(self._connector)
        self._inode = NOWHERE

    @classmethod
    @asynccontextmanager
    async def open(cls, path: Path) -> AsyncIterator[AsyncReader]:
        """NotFoundError where there is no record, StoreError where it cannot be read."""
        reader = cls(path)
        try:
            await reader._connect()
            yield reader
        finally:
            await finish(reader._thread.close())

    async def read_world(self) -> World:
        """Everything as of one moment."""
        world = World()
        await self._refresh(world, -1)
        return world

    async def refresh(self, world: World) -> bool:
        """Bring `world` up to date in place; False when nothing was new. Reads only the rows that changed."""
        if self._moved():
            await self._thread.close()
            self._thread = SqliteThread(self._connector)
            await self._connect()
            return await self._refresh(world, -1)
        return await self._refresh(world, world.revision)

    async def read(self, what: Callable[[ReadOnlyStore], T]) -> T:
        """Any read of a `ReadOnlyStore`: `await reader.read(lambda store: store.events(after=812))`."""
        return await self._run(lambda connection: what(ReadOnlyStore(self.path, connection)))

    async def _refresh(self, world: World, after: int) -> bool:
        delta = await self._run(lambda connection: read_delta(connection, self.path, after))
        return delta.bring_to(world)

    async def _run(self, job: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return await self._thread.run(job)
        except sqlite3.Error as error:
            raise unreadable(self.path, error) from error

    async def _connect(self) -> None:
        await self._thread.open()
        self._inode = NOWHERE if await self._thread.run(is_copy) else inode(self.path)

    def _connector(self) -> JobConnection:
        return cast(JobConnection, connect(self.path, JobConnection))

    def _moved(self) -> bool:
        try:
            return inode(self.path) != self._inode
        except FileNotFoundError:
            return False
