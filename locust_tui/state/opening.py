"""Opening the database for writing: lock, soundness, restoring what was lost, schema, shape. Runs on the store's thread."""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

from . import backups, replies
from .ballast import Ballast
from .errors import StoreError, StoreLockedError
from .journal import Entry, Journal, compare
from .log import GENESIS
from .migrations import check_version, migrate
from .mounts import check_local
from .projections import SHAPE
from .rebuild import rewrite
from .sqlite_thread import JobConnection

BUSY_MS = 5_000
_SETTINGS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA wal_autocheckpoint = 0",
    f"PRAGMA journal_size_limit = {4 * 2**20}",
    f"PRAGMA busy_timeout = {BUSY_MS}",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
)


class LogConnection(JobConnection):
    """The one connection that writes. `head` is the hash of the last committed row."""

    path: Path
    lock: int
    inode: tuple[int, int]
    head: str
    ballast: Ballast
    journal: Journal

    def close(self) -> None:
        super().close()
        if self.lock >= 0:
            os.close(self.lock)
            self.lock = -1


@dataclass(slots=True)
class Opening:
    """What opening found: `recovered` lines for people, and decisions that the log lacks."""

    recovered: list[str] = field(default_factory=list)
    lost: list[Entry] = field(default_factory=list)


def open_log(path: Path, at: float, ballast: Ballast, found: Opening) -> LogConnection:
    """The writing connection to the database at `path`, whole and of the current schema.

    Raises StoreLockedError when another process writes it, SchemaError when a newer version wrote it, FolderError on a
    network file system, StoreError when it can be neither read nor restored.
    """
    check_local(path.parent)
    try:
        lock = _take_lock(path)
        try:
            return _open_with_reserve(path, lock, at, ballast, found)
        except BaseException:
            os.close(lock)
            raise
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"{path} cannot be opened: {error}", help=_advice(error)) from error


def _open_with_reserve(path: Path, lock: int, at: float, ballast: Ballast, found: Opening) -> LogConnection:
    try:
        return _open_locked(path, lock, at, ballast, found)
    except sqlite3.OperationalError as error:
        if not (lacks_space(error) and ballast.release()):
            raise
    found.recovered.append("the disk is full: the reserve of disk space was given back")
    return _open_locked(path, lock, at, ballast, found)


def lacks_space(error: sqlite3.Error) -> bool:
    """A full disk, or an error of the disk that a full one causes too (no room for the shared memory file)."""
    return _code(error) & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)


def is_busy(error: sqlite3.Error) -> bool:
    """Someone else holds the lock."""
    return _code(error) & 0xFF == sqlite3.SQLITE_BUSY


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) or 0


def _open_locked(path: Path, lock: int, at: float, ballast: Ballast, found: Opening) -> LogConnection:
    journal = Journal(path.with_name("decisions.jsonl"))
    _make_sound(path, at, journal, found)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
    connection = sqlite3.connect(path, isolation_level=None, factory=LogConnection)
    connection.lock = -1
    try:
        check_version(connection, path)
        for setting in _SETTINGS:
            connection.execute(setting).fetchone()
        migrate(connection, path, lambda: backups.make(connection, path, at))
        connection.head = _agreeing_head(connection, found)
        _reconcile(connection, journal, found)
        replies.forget(connection, at)
    except BaseException:
        connection.close()
        raise
    about = path.stat()
    connection.path, connection.inode = path, (about.st_dev, about.st_ino)
    connection.ballast, connection.journal = ballast, journal
    connection.lock = lock
    return connection


def _take_lock(path: Path) -> int:
    fd = os.open(
        path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
    )
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        raise StoreLockedError(
            f"{path} is open for writing in another process",
            help="one worker runs a plan: use it, or `down` it first",
        ) from None
    return fd


def _make_sound(path: Path, at: float, journal: Journal, found: Opening) -> None:
    """Set a damaged file aside and restore; a file that should be there and is not counts as damaged."""
    if path.exists() and path.stat().st_size:
        why = backups.damage(path)
        if why is None:
            return
        aside = backups.set_aside(path, at)
        found.recovered.append(f"{path.name} was damaged ({why}) and is now {aside.name}")
    elif backups.existing(path) or journal.path.exists():
        found.recovered.append(f"{path.name} was missing")
    else:
        return
    backup = backups.restore(path)
    found.recovered.append(
        f"restored from the backup {backup.name}" if backup else "no whole backup was found: it starts empty"
    )


def _agreeing_head(connection: sqlite3.Connection, found: Opening) -> str:
    """Hash of the last row, with projections of today's shape that stand where the log ends."""
    revision, hash_, shape = connection.execute("SELECT revision, hash, shape FROM head").fetchone()
    last = connection.execute("SELECT revision, hash FROM events ORDER BY revision DESC LIMIT 1").fetchone()
    end = last or (0, GENESIS)
    if (revision, hash_) != end:
        found.recovered.append(
            f"the tables of state stood at revision {revision}, the log at {end[0]}: rebuilt"
        )
    elif shape == SHAPE:
        return str(hash_)
    rewrite(connection)
    return str(end[1])


def _reconcile(connection: sqlite3.Connection, journal: Journal, found: Opening) -> None:
    entries, broken = journal.read()
    found.lost, unwritten = compare(connection, entries)
    if broken:
        found.recovered.append(
            f"{journal.path.name}: {broken} unreadable line{'s' if broken > 1 else ''} skipped"
        )
    journal.waiting = unwritten


def _advice(error: sqlite3.Error | OSError) -> str:
    full = error.errno == errno.ENOSPC if isinstance(error, OSError) else lacks_space(error)
    return "free some disk space and try again" if full else "see that the folder is yours and writable"
