"""Copies of the database beside it, newest kept, and what is done with a damaged one."""

from __future__ import annotations

import math
import os
import shutil
import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path

from locust_tui.fault import point

from .errors import StoreError

KEEP = 5
_BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database; it belongs to that one file and to no other of its name."""
_BROKEN = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def stamp(at: float) -> str:
    """UTC in the form that file names carry: 20260131T120000.123Z."""
    moment = datetime.fromtimestamp(at, UTC)
    return f"{moment:%Y%m%dT%H%M%S}.{moment.microsecond // 1000:03d}Z"


def folder_of(database: Path) -> Path:
    return database.with_name("backups")


def existing(database: Path) -> list[Path]:
    """Backups of `database`, newest first."""
    return sorted(folder_of(database).glob(f"{database.stem}-*.db"), reverse=True)


def age(database: Path) -> float:
    """Seconds since the newest backup was made; infinite where there is none."""
    made = next(iter(existing(database)), None)
    return max(0.0, time.time() - made.stat().st_mtime) if made is not None else math.inf


def make(connection: sqlite3.Connection, database: Path, at: float) -> Path:
    """Write a backup and remove all but the newest; sqlite3.Error or OSError when there is no room."""
    folder = folder_of(database)
    folder.mkdir(mode=0o700, exist_ok=True)
    remove_unfinished(database)
    final = folder / f"{database.stem}-{stamp(at)}.db"
    draft = final.with_suffix(".draft")
    try:
        connection.execute("VACUUM INTO ?", (str(draft),))
        draft.chmod(0o600)
        sync(draft)
        point("backup.drafted")
        draft.rename(final)
        point("backup.named")
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync(folder)
    for old in existing(database)[KEEP:]:
        old.unlink()
    return final


def remove_unfinished(database: Path) -> None:
    """What a writer left that died over a backup. Nobody may be making one."""
    for unfinished in folder_of(database).glob("*.draft*"):
        unfinished.unlink()


def damage(database: Path) -> str | None:
    """What is wrong with the file, or None. Errors that say nothing about its content are raised."""
    connection = look_at(database)
    try:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            return str(error)
        raise
    finally:
        connection.close()
    return None if found == "ok" else str(found).splitlines()[0]


def look_at(database: Path) -> sqlite3.Connection:
    """A connection that writes nothing, unless a write was left half done that has to be rolled back first.

    Nobody may be writing the database.
    """
    beside = {path.name.removeprefix(database.name) for path in remains(database)}
    how = "mode=ro" if "-wal" in beside else "mode=ro&immutable=1"
    uri = f"{database.absolute().as_uri()}?{'mode=rw' if '-journal' in beside else how}"
    return sqlite3.connect(uri, uri=True, isolation_level=None)


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the error says that the file's content is no sound database."""
    return (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF in _BROKEN


def remains(database: Path) -> list[Path]:
    """What lies beside the place of the database and belongs to one that was there."""
    beside = (database.with_name(database.name + suffix) for suffix in _BESIDE)
    return [path for path in beside if os.path.lexists(path)]


def kept_aside(database: Path) -> list[Path]:
    """Every file that `set_aside` has renamed. They stay until a person removes them: they may hold what no backup has."""
    return sorted(database.parent.glob(f"{database.name}.corrupt-*"))


def set_aside(database: Path, at: float) -> Path:
    """Rename the database, as far as it is there, and what belongs to it, so that nothing of it is lost; its new name.

    The database goes first: whoever dies in between leaves remains, which are no part of the file that comes next.
    """
    aside = database.with_name(f"{database.name}.corrupt-{stamp(at)}")
    for suffix in ("", *_BESIDE):
        part = database.with_name(database.name + suffix)
        if os.path.lexists(part):
            part.rename(aside.with_name(aside.name + suffix))
    sync(database.parent)
    return aside


def restore(database: Path) -> Path | None:
    """Put the newest backup that is whole in the place of `database`; None where there is none."""
    for backup in existing(database):
        if damage(backup) is not None:
            continue
        draft = database.with_name(f"{database.name}.draft")
        draft.unlink(missing_ok=True)
        try:
            shutil.copyfile(backup, draft)
            draft.chmod(0o600)
            sync(draft)
            draft.rename(database)
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise StoreError(
                f"{backup} could not be restored: {error}", help="free some disk space"
            ) from error
        sync(database.parent)
        return backup
    return None


def sync(path: Path) -> None:
    """Make a file's content, or a folder's names, survive a power cut."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
