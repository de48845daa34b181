"""Viewers of the record. They only read: a connection of theirs never writes, checkpoints or holds a snapshot."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.events import Event, WorkerStarted
from locust_tui.domain.plan import Plan
from locust_tui.domain.world import World
from locust_tui.errors import NotFoundError

from . import rebuild
from .codec import decode, decode_plan
from .errors import StoreError
from .log import COLUMNS, LogRow, event_of, revision_at
from .migrations import check_version, version_of
from .projections import DELTA, SHAPE, absorb, head_of, replace

_SETTINGS = ("PRAGMA query_only = 1", "PRAGMA busy_timeout = 2000", "PRAGMA trusted_schema = OFF")

_NO_SHARED_MEMORY = {
    sqlite3.SQLITE_IOERR_SHMSIZE,
    sqlite3.SQLITE_IOERR_SHMOPEN,
    sqlite3.SQLITE_IOERR_SHMMAP,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY_DIRECTORY,
    sqlite3.SQLITE_READONLY_CANTINIT,
}
_ABOUT = """(subject = ?
    OR (substr(subject, 1, ?) = ? AND substr(subject, ?) NOT GLOB '*[^0-9]*')
    OR instr(subject, ?) > 0)"""
"""The id itself, "ID.ATTEMPT", or a criterion's "kind:ID/name"."""


def connect(path: Path, factory: type[sqlite3.Connection] = sqlite3.Connection) -> sqlite3.Connection:
    """A read-only connection, with a live writer or none. NotFoundError where there is no record."""
    if not path.exists():
        raise NotFoundError(
            f"there is no record at {path}", help="`locust-tui up` starts the plan and its record"
        )
    try:
        try:
            connection, version = _open(path, factory)
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", 0) not in _NO_SHARED_MEMORY:
                raise
            connection, version = _open_copy(path, factory)
    except (sqlite3.Error, OSError) as error:
        raise unreadable(path, error) from error
    if version == 0:
        connection.close()
        raise NotFoundError(f"the record at {path} is only being made", help="try again in a moment")
    return connection


def _open(path: Path, factory: type[sqlite3.Connection], mode: str = "ro") -> tuple[sqlite3.Connection, int]:
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, factory=factory)
    try:
        for setting in _SETTINGS:
            connection.execute(setting)
        return connection, version_of(connection)
    except BaseException:
        connection.close()
        raise


def _open_copy(path: Path, factory: type[sqlite3.Connection]) -> tuple[sqlite3.Connection, int]:
    """The record as it lies there, for a disk that is full or may not be written; no writer lives on such a one."""
    import shutil
    import tempfile

    with tempfile.TemporaryDirectory(prefix="locust-tui-") as place:
        copy = Path(place) / path.name
        shutil.copyfile(path, copy)
        wal = path.with_name(f"{path.name}-wal")
        if wal.exists():
            shutil.copyfile(wal, copy.with_name(wal.name))
        return _open(copy, factory, mode="rw")


def is_copy(connection: sqlite3.Connection) -> bool:
    """Whether `connect` had to open a copy, which stays as it was."""
    return not Path(connection.execute("PRAGMA database_list").fetchone()[2]).exists()


ASK_DOCTOR = "`locust-tui doctor` says what is wrong with it"


def unreadable(path: Path, error: sqlite3.Error | OSError) -> StoreError:
    """`error` for people."""
    return StoreError(f"{path} cannot be read: {error}", help=ASK_DOCTOR)


@dataclass(frozen=True, slots=True)
class Delta:
    """What is new to a world: rows of the projections, or a whole world."""

    rows: Sequence[Any] = ()
    whole: World | None = None

    def bring_to(self, world: World) -> bool:
        """Change `world` in place; False when nothing was new."""
        if self.whole is None:
            return absorb(world, self.rows)
        replace(world, self.whole)
        return True


def read_delta(connection: sqlite3.Connection, path: Path, after: int) -> Delta:
    """What happened after revision `after` (-1: everything), in one snapshot.

    A record that stands before `after` was restored, and is read as a whole. Tables of another version's shape are
    left alone: the log is folded. SchemaError when a newer version wrote what this one cannot read.
    """
    try:
        rows = connection.execute(DELTA, (after,)).fetchall()
        head = head_of(rows)
    except sqlite3.OperationalError as error:
        if "no such" not in str(error):
            raise
        check_version(connection, path)
        head = None
    if head is None or head.shape != SHAPE:
        return Delta(whole=rebuild.fold_log(connection))
    if after < 0 or head.revision < after:
        whole = World()
        absorb(whole, rows if after < 0 else connection.execute(DELTA, (-1,)).fetchall())
        return Delta(whole=whole)
    return Delta(rows)


def inode(path: Path) -> tuple[int, int]:
    """What tells a file from another that took its name."""
    about = os.stat(path)
    return about.st_dev, about.st_ino


class ReadOnlyStore:
    """The record for one-shot callers, without an event loop. Use as a context manager, or `close` it."""

    def __init__(self, path: Path, connection: sqlite3.Connection | None = None) -> None:
        self.path = path
        self._connection = connection or connect(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    @property
    def connection(self) -> sqlite3.Connection:
        """For queries of other modules of this room; it only reads."""
        return self._connection

    def read_world(self) -> World:
        """Everything as of one moment."""
        world = World()
        self._delta(-1).bring_to(world)
        return world

    def refresh(self, world: World) -> bool:
        """Bring `world` up to date in place; False when nothing was new. Reads only the rows that changed."""
        return self._delta(world.revision).bring_to(world)

    def _delta(self, after: int) -> Delta:
        try:
            return read_delta(self._connection, self.path, after)
        except sqlite3.Error as error:
            raise unreadable(self.path, error) from error

    def plan(self) -> tuple[Plan, str, str] | None:
        """The plan in force, its digest and its path; None before the first was accepted."""
        row = self._one(
            "SELECT body, digest, path FROM plans WHERE digest = (SELECT plan_digest FROM project_status)"
        )
        return None if row is None else (decode_plan(row[0]), row[1], row[2])

    def plan_of(self, digest: str) -> tuple[Plan, str]:
        """A plan that is or was in force, and its text; NotFoundError."""
        row = self._one("SELECT body, text FROM plans WHERE digest = ?", digest)
        if row is None:
            raise NotFoundError(f"no plan with digest {digest} was ever in force")
        return decode_plan(row[0]), row[1]

    def events(
        self,
        after: int = 0,
        limit: int | None = None,
        subject: str | None = None,
        since: float | None = None,
        kinds: Sequence[str] = (),
    ) -> list[Event]:
        """Events with a revision beyond `after`, oldest first, at most `limit`.

        `subject` keeps those about that id, its runs and its criteria; `since` those from that moment on; `kinds`
        those of these stored names.
        """
        where, values = ["revision > ?"], [after]  # type: tuple[list[str], list[Any]]
        if since is not None:
            where.append("at >= ?")
            values.append(since)
        if kinds:
            where.append(f"kind IN ({', '.join('?' * len(kinds))})")
            values += kinds
        if subject is not None:
            where.append(_ABOUT)
            values += [subject, len(subject) + 1, f"{subject}.", len(subject) + 2, f":{subject}/"]
        sql = f"SELECT {COLUMNS} FROM events WHERE {' AND '.join(where)} ORDER BY revision LIMIT ?"
        rows = self._all(sql, *values, -1 if limit is None else limit)
        return [event_of(LogRow(*row)) for row in rows]

    def boot_of(self, run: str) -> str | None:
        """The boot under which a worker decided to start `run`; None where the log does not say."""
        row = self._one(
            "SELECT data FROM events WHERE kind = 'worker.started' AND revision < "
            "(SELECT revision FROM events WHERE kind = 'run.created' AND subject = ?) "
            "ORDER BY revision DESC LIMIT 1",
            run,
        )
        return None if row is None else decode(row[0], WorkerStarted).boot_id

    def world_at(self, at: float) -> World:
        """The world as it was at a moment: the fold of the log up to what the record had then."""
        return rebuild.fold_log(self._connection, upto=revision_at(self._connection, at))

    def verify(self) -> int | None:
        """First revision at which the log's hash chain breaks, or None."""
        with self._one_moment():
            return rebuild.verify(self._connection)

    def differences(self) -> list[str]:
        """Where the projections say otherwise than the log; empty when they agree."""
        with self._one_moment():
            return rebuild.differences(self._connection)

    @contextmanager
    def _one_moment(self) -> Iterator[None]:
        """All reads within see the record as it is now, whatever is written meanwhile."""
        self._connection.execute("BEGIN")
        try:
            yield
        finally:
            self._connection.execute("COMMIT")

    def _all(self, sql: str, *values: Any) -> list[Any]:
        try:
            return self._connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise unreadable(self.path, error) from error

    def _one(self, sql: str, *values: Any) -> Any:
        return next(iter(self._all(sql, *values)), None)
