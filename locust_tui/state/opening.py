"""Opening the database for writing: lock, soundness, restoring what was lost, schema, shape. Runs on the store's thread."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import zlib
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from . import backups, disk, replies
from .ballast import Ballast
from .errors import StoreError, StoreLockedError
from .journal import Entry, Journal, compare
from .log import GENESIS, hash_at
from .migrations import check_version, migrate
from .mounts import check_local
from .projections import SHAPE
from .rebuild import rewrite
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
            os.pwrite(self.lock, _note(revision, self.head), 0)

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
    is_older: bool = False
    """The log ends before, or otherwise than, it did when it was last written."""


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
        help_ = "`locust-tui doctor` looks at disk and record"
        raise StoreError(f"{path} cannot be opened: {why}", help=help_) from error


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
    _refuse_newer(path)
    journal, noted = Journal(path.with_name("decisions.jsonl")), _noted(lock)
    _make_sound(path, at, found, begun=noted is not None or journal.path.exists())
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
    connection = sqlite3.connect(path, isolation_level=None, factory=LogConnection)
    connection.lock = -1
    try:
        check_version(connection, path)
        for setting in _SETTINGS:
            connection.execute(setting).fetchone()
        migrate(connection, path, lambda: backups.make(connection, path, at))
        connection.head = _agreeing_head(connection, found)
        _compare(connection, noted, found)
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


def _refuse_newer(path: Path) -> None:
    """SchemaError before anything is changed: what a newer version left is that one's to read and to repair."""
    if not (path.exists() and path.stat().st_size):
        return
    connection = backups.look_at(path)
    try:
        check_version(connection, path)
    except sqlite3.DatabaseError as error:
        if not backups.is_damage(error):
            raise
    finally:
        connection.close()


def _make_sound(path: Path, at: float, found: Opening, *, begun: bool) -> None:
    """Set a damaged file aside and restore; a file that should be there and is not counts as damaged.

    `begun`: something else than the files of the database says that there was one.
    """
    if path.exists() and path.stat().st_size:
        why = backups.damage(path)
        if why is None:
            return
        aside = backups.set_aside(path, at)
        found.recovered.append(f"{path.name} was damaged ({why}) and is now {aside.name}")
    elif begun or backups.existing(path) or _belonged_to_another(path):
        found.recovered.append(f"{path.name} was missing")
        if backups.remains(path):
            found.recovered.append(f"what was left of it is now {backups.set_aside(path, at).name}*")
    else:
        return
    found.is_older = True
    backup = backups.restore(path)
    found.recovered.append(
        f"restored from the backup {backup.name}" if backup else "no whole backup was found: it starts empty"
    )


def _belonged_to_another(path: Path) -> bool:
    """Whether something lies beside the place of the missing or empty database that is not its own first write, cut short."""
    first = [path.with_name(f"{path.name}-journal")] if path.exists() else []
    return backups.remains(path) not in ([], first)


def _noted(lock: int) -> tuple[int, str] | None:
    """Revision and hash at which the log stood after the last commit; None where nobody left them."""
    found = os.pread(lock, 128, 0)
    try:
        revision, hash_ = found.decode("ascii").split()[:2]
        return (int(revision), hash_) if found == _note(int(revision), hash_) else None
    except ValueError:
        return None


def _note(revision: int, hash_: str) -> bytes:
    """Of one length, so that one lies over another; a torn one is known by its sum."""
    text = f"{revision:020d} {hash_}"
    return f"{text} {zlib.crc32(text.encode()):08x}\n".encode()


def _compare(connection: sqlite3.Connection, noted: tuple[int, str] | None, found: Opening) -> None:
    """Say what the log lacks of what was last written: a lost write-ahead log leaves a sound file that is older."""
    if noted is None or hash_at(connection, noted[0]) == noted[1]:
        return
    found.is_older = True
    (now,) = connection.execute("SELECT coalesce(max(revision), 0) FROM events").fetchone()
    lost = f": what came after {now} is lost" if now < noted[0] else ", of another history"
    found.recovered.append(f"the record was last at revision {noted[0]} and is now at {now}{lost}")


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
        return f"{error.filename or path}: {disk.words(error)}"
    told = disk.refusal(path.parent)
    if told is not None:
        return f"{path.parent}: {disk.words(told)}"
    if isinstance(error, sqlite3.OperationalError) and lacks_space(error):
        return f"{path.parent}: the disk is full; free some space"
    return str(error)
