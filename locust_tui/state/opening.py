"""Opening the database for writing: lock, soundness, restoring what was lost, schema, shape. Runs on the store's thread."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from . import backups, disk, high_water, replies
from .ballast import Ballast
from .errors import StoreError, StoreLockedError
from .journal import Journal, compare
from .log import GENESIS
from .migrations import check_version, migrate
from .mounts import check_local
from .projections import SHAPE
from .rebuild import rewrite
from .repair import Opening, make_sound, refuse_newer
from .sqlite_thread import JobConnection

BUSY_MS = 5_000
LOCKED = "another program holds the record locked, and every change waits: end it (`fuser store.db` names it)"
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
    """Descriptor of the lock file, which holds where the log stood after the last commit; -1: closed."""
    inode: tuple[int, int]
    head: str
    notes_head: bool = True
    """Off until a caller had the chance to record what opening found: whoever dies before has it found again."""
    damage: str | None = None
    """What was found wrong with the file since it was opened: nothing more is written into it."""
    ballast: Ballast
    journal: Journal

    def failed(self, error: sqlite3.Error) -> None:
        if shows_damage(self.path, error):
            self.damage = str(error)

    def note_head(self, revision: int) -> None:
        """Leave beside the database where its log stands now. Not synced: after a power cut it may be behind, never ahead."""
        if not self.notes_head:
            return
        with suppress(OSError):
            high_water.write(self.lock, (revision, self.head))

    def close(self) -> None:
        super().close()
        if self.lock >= 0:
            os.close(self.lock)
            self.lock = -1


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
        why = why_not_written(path, error)
        where = "" if str(path.parent) in why else f" ({path})"
        help_ = "`locust-tui doctor` looks at disk and record"
        raise StoreError(f"the record cannot be opened: {why}{where}", help=help_) from error


def _open_with_reserve(path: Path, lock: int, at: float, ballast: Ballast, found: Opening) -> LogConnection:
    try:
        return _open_locked(path, lock, at, ballast, found)
    except (sqlite3.OperationalError, OSError) as error:
        if not (lacks_space(error) and ballast.release()):
            raise
    found.recovered.append("the disk is full: the reserve of disk space was given back")
    return _open_locked(path, lock, at, ballast, found)


def lacks_space(error: sqlite3.Error | OSError) -> bool:
    """A full disk, also where it shows as no room for the shared memory file; no other error of the disk."""
    if isinstance(error, OSError):
        return error.errno in disk.FULL
    return _code(error) & 0xFF == sqlite3.SQLITE_FULL or _code(error) == sqlite3.SQLITE_IOERR_SHMSIZE


def shows_damage(path: Path, error: sqlite3.Error) -> bool:
    """Whether `error` tells of the content of the database at `path`: on a disk that fails itself it tells of nothing."""
    return backups.is_damage(error) and disk.refusal(path.parent) is None


def is_busy(error: sqlite3.Error) -> bool:
    """Someone else holds the lock."""
    return _code(error) & 0xFF == sqlite3.SQLITE_BUSY


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) or 0


def _open_locked(path: Path, lock: int, at: float, ballast: Ballast, found: Opening) -> LogConnection:
    refuse_newer(path)
    journal, mark = Journal(path.with_name("decisions.jsonl")), high_water.read(lock)
    make_sound(path, at, found, begun=mark is not None or journal.path.exists())
    with suppress(OSError):  # a disk that takes no change says so where it matters
        backups.remove_unfinished(path)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
    connection = sqlite3.connect(path, isolation_level=None, factory=LogConnection)
    connection.lock = -1
    try:
        check_version(connection, path)
        for setting in _SETTINGS:
            connection.execute(setting).fetchone()
        migrate(connection, path, lambda: backups.make(connection, path, at))
        connection.head = _agreeing_head(connection, found)
        if (missing := high_water.what_is_missing(connection, mark)) is not None:
            found.is_older = True
            found.recovered.append(missing)
        _reconcile(connection, journal, found)
        replies.forget(connection, at)
    except BaseException:
        connection.close()
        raise
    about = path.stat()
    connection.path, connection.inode = path, (about.st_dev, about.st_ino)
    connection.ballast, connection.journal = ballast, journal
    connection.lock = lock
    connection.notes_head = not found.is_older
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


def why_not_written(path: Path, error: Exception) -> str:
    """`error` of the record at `path` for people: what the disk says itself where it is the disk's, and what to do."""
    if isinstance(error, StoreError):
        return error.message
    if isinstance(error, sqlite3.Error) and is_busy(error):
        return LOCKED
    if isinstance(error, OSError):
        return f"{disk.words(error)} ({error.filename or path})"
    told = disk.refusal(path.parent)
    if told is not None:
        return f"{disk.words(told)} ({path.parent})"
    if isinstance(error, sqlite3.OperationalError) and lacks_space(error):
        return f"the disk is full; free some space ({path.parent})"
    return str(error)
