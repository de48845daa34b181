"""What the record needs besides commits: checkpoints, an hourly backup, and a look whether the file is still ours.

At rest nothing runs but one stat every few seconds.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import cast

from locust_tui.domain.clock import Clock

from . import backups
from .ballast import Ballast
from .moved import is_in_place, moved_words
from .opening import BUSY_MS, LogConnection
from .sqlite_thread import SqliteThread, finish

CHECKPOINT_S = 2.0
BACKUP_S = 3600.0
PLACE_S = 3.0
LAST_ROOM = 256 * 1024
"""Less free space than this is none."""
WAL_ALARM = 64 * 2**20


class Upkeep:
    """Runs on the event loop between `start` and `stop`. `moved`: the file of that name is no longer ours.

    `begun`: the record is an earlier worker's. The hour between two backups is not each worker's own: many live for less.
    """

    def __init__(
        self,
        thread: SqliteThread,
        path: Path,
        inode: tuple[int, int],
        ballast: Ballast,
        clock: Clock,
        *,
        begun: bool,
    ) -> None:
        self.moved = False
        self._unkept: str | None = None
        """Why the last round failed."""
        self._grown: str | None = None
        """How far the write-ahead log has grown beyond what it should."""
        self._thread = thread
        self._path = path
        self._wal = path.with_name(path.name + "-wal")
        self._inode = inode
        self._ballast = ballast
        self._clock = clock
        self._commits = 0
        self._checkpointed = 0
        self._backed_up = 0
        age = backups.age(path) if begun else 0.0
        self._last_backup = asyncio.get_running_loop().time() - min(age, BACKUP_S)
        self._due: asyncio.TimerHandle | None = None
        self._place: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def trouble(self) -> str | None:
        """What a person should know."""
        return moved_words(self._path) if self.moved else self._unkept or self._grown

    def start(self) -> None:
        self._look()

    def committed(self) -> None:
        """Call after each commit."""
        self._commits += 1
        self._soon()

    def _soon(self) -> None:
        """Have the next round come, if none is under way."""
        if self._task is not None:
            return
        if self._due is not None:
            if self._due.when() <= asyncio.get_running_loop().time() + CHECKPOINT_S:
                return
            self._due.cancel()  # the hour's backup, or another try: both come with the next round, too
        self._wait(CHECKPOINT_S)

    async def stop(self) -> None:
        for timer in (self._due, self._place):
            if timer is not None:
                timer.cancel()
        if self._task is not None:
            await finish(self._task)
        if self._due is not None:
            self._due.cancel()

    async def backup(self) -> Path:
        """Write a backup now; sqlite3.Error, OSError."""
        commits, at = self._commits, self._clock()
        made = await self._thread.run(lambda connection: backups.make(connection, self._path, at))
        self._backed_up, self._last_backup = commits, asyncio.get_running_loop().time()
        return made

    def _wait(self, seconds: float) -> None:
        self._due = asyncio.get_running_loop().call_later(seconds, self._begin)

    def _begin(self) -> None:
        self._due = None
        self._task = asyncio.create_task(self._work())

    async def _work(self) -> None:
        """One round: a passive checkpoint while commits come in, a truncating one when they have stopped."""
        try:
            busy = self._commits != self._checkpointed
            self._checkpointed = self._commits
            done = await self._thread.run(_passive if busy else _truncate)
            self._unkept, self._grown = None, self._wal_trouble()
            loop = asyncio.get_running_loop()
            next_backup = self._last_backup + BACKUP_S - loop.time()
            if self._commits != self._backed_up and next_backup <= 0 and not self._ballast.spent:
                await self.backup()
                next_backup = BACKUP_S
            if busy or self._commits != self._checkpointed:
                self._wait(CHECKPOINT_S)
            elif not done:
                self._wait(5 * CHECKPOINT_S)
            elif self._commits != self._backed_up:
                self._wait(max(5 * CHECKPOINT_S, next_backup))
        except (sqlite3.Error, OSError) as error:
            self._unkept = f"{self._path.name} cannot be kept in order: {error}"
            self._wait(10 * CHECKPOINT_S)
        finally:
            self._task = None

    def _wal_trouble(self) -> str | None:
        try:
            size = self._wal.stat().st_size
        except FileNotFoundError:
            return None
        if size < WAL_ALARM:
            return None
        return (
            f"{self._wal.name} has grown to {size // 2**20} MiB: some program keeps reading the record without end; "
            f"end it (`fuser {self._path}` names it)"
        )

    def _give_way(self) -> None:
        """On a full disk the last words of runs need room, also while nothing of the record's own is refused; once there is
        room again the reserve is put by, also while nothing happens.
        """
        with suppress(OSError):
            disk = os.statvfs(self._path.parent)
            if disk.f_bavail * disk.f_frsize < LAST_ROOM:
                self._ballast.release()
            elif self._ballast.spent and self._ballast.fits():
                self._soon()

    def look(self) -> None:
        """Find out now whether the file is still ours."""
        with suppress(OSError):
            self.moved = not is_in_place(self._path, self._inode)

    def _look(self) -> None:
        self.look()
        self._give_way()
        self._place = asyncio.get_running_loop().call_later(PLACE_S, self._look)


def _passive(connection: sqlite3.Connection) -> bool:
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return True


def _truncate(connection: sqlite3.Connection) -> bool:
    """True unless a reader was in the way; it is not waited for."""
    cast(LogConnection, connection).ballast.fill()
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        return not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    finally:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
