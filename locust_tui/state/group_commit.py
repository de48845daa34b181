"""What one transaction writes: every event, plan and answered request that waited for it."""

from __future__ import annotations

import sqlite3
from asyncio import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from locust_tui.domain.fold import Touched
from locust_tui.domain.world import World
from locust_tui.fault import point

from . import disk
from .errors import RecordMovedError, StoreError
from .journal import Entry, StoredPlan, entries_for
from .log import LogRow, link
from .moved import is_in_place, moved_words
from .opening import LogConnection, lacks_space, shows_damage
from .projections import BY_FIELD, Projection, status_at

_INSERT_EVENT = (
    'INSERT INTO events (revision, at, "by", kind, subject, data, prev, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)'
)


@dataclass(slots=True)
class Batch:
    """Grows until it is sealed; then the thread writes it."""

    rows: list[LogRow] = field(default_factory=list)
    touched: dict[Touched, int] = field(default_factory=dict)
    """Row of the world → revision that changed it last."""
    plans: list[StoredPlan] = field(default_factory=list)
    replies: list[tuple[str, float, int, bytes | None]] = field(default_factory=list)
    waiters: list[tuple[Future[int], int]] = field(default_factory=list)
    revision: int = 0
    statuses: list[tuple[Projection, Any, int]] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        return not (self.rows or self.plans or self.replies)

    def seal(self, world: World) -> None:
        """Take the statuses as they are now; `world` holds no event beyond this batch."""
        self.revision = world.revision
        self.statuses = [
            (BY_FIELD[touched.table], status_at(world, touched), revision)
            for touched, revision in self.touched.items()
        ]


def commit(connection: LogConnection, batch: Batch) -> None:
    """Write `batch` in one transaction, then its decisions to the journal.

    A full disk gets the reserve back and one more try. sqlite3.Error, RecordMovedError or OSError: nothing was written.
    """
    check_usable(connection)
    try:
        rows = _write(connection, batch)
    except sqlite3.OperationalError as error:
        if not (lacks_space(error) and connection.ballast.release()):
            raise
        rows = _write(connection, batch)
    except sqlite3.DatabaseError as error:
        if shows_damage(connection.path, error):
            raise damaged(connection.path, str(error)) from error
        raise
    if rows:
        connection.note_head(batch.revision)
    decisions = entries_for(connection, rows)
    if decisions or connection.journal.waiting:
        _journal(connection, decisions)


def damaged(path: Path, why: str) -> StoreError:
    """What is said of a file that was found damaged while it was open: what is written into it now would be lost."""
    return StoreError(
        f"{path} is damaged ({why}): nothing is written any more",
        help="`locust-tui down`, then `locust-tui up`: the last good backup is restored, agents go on",
    )


def check_usable(connection: LogConnection) -> None:
    """Raise RecordMovedError where another file, or none, has the name of the one that is open; StoreError of a damaged one."""
    if not is_in_place(connection.path, connection.inode):
        raise RecordMovedError(moved_words(connection.path))
    if connection.damage is not None:
        raise damaged(connection.path, connection.damage)


def write_nothing(connection: LogConnection) -> None:
    """Find out, by a transaction that changes no row, whether the next commit would be written; raises as `commit`."""
    check_usable(connection)
    connection.execute("BEGIN IMMEDIATE")
    try:
        for change in ("+ 1", "- 1"):  # SQLite writes nothing where nothing changes
            connection.execute(f"UPDATE head SET revision = revision {change}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    if connection.journal.waiting:
        _journal(connection, [])


def _journal(connection: LogConnection, decisions: list[Entry]) -> None:
    """Second copies. The commit stands whatever happens here: what could not be written waits for the next one."""
    journal = connection.journal
    try:
        journal.write(decisions)
    except OSError:
        try:
            if not connection.ballast.release():
                raise
            journal.write()
        except OSError as error:
            journal.trouble = f"{journal.path.name} cannot be written: {disk.words(error)}"
            return
    journal.trouble = None


def _write(connection: LogConnection, batch: Batch) -> list[tuple[LogRow, str]]:
    """The rows with their hashes."""
    prev, linked, parameters = connection.head, [], []
    for row in batch.rows:
        hash_ = link(prev, row)
        parameters.append((*row, prev, hash_))
        linked.append((row, hash_))
        prev = hash_
    execute = connection.execute
    execute("BEGIN IMMEDIATE")
    try:
        for plan in batch.plans:
            execute(
                "INSERT OR IGNORE INTO plans (digest, path, body, text, at) VALUES (?, ?, ?, ?, ?)",
                (plan.digest, plan.path, plan.body, plan.text, plan.at),
            )
        connection.executemany(_INSERT_EVENT, parameters)
        for projection, status, revision in batch.statuses:
            execute(projection.upsert, projection.row(status, revision))
        connection.executemany(
            "INSERT INTO requests (key, at, revision, reply) VALUES (?, ?, ?, ?)", batch.replies
        )
        if linked:
            execute("UPDATE head SET revision = ?, hash = ?", (batch.revision, prev))
        point("commit.begun")
        execute("COMMIT")
        point("commit.done")
    except BaseException:
        if connection.in_transaction:
            execute("ROLLBACK")
        raise
    connection.head = prev
    return linked
