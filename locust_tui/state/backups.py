"""Copies of the database beside it, newest kept, and what is done with a damaged one."""

from __future__ import annotations

import os
import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from locust_tui.fault import point

from .errors import StoreError

KEEP = 5
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


def make(connection: sqlite3.Connection, database: Path, at: float) -> Path:
    """Write a backup and remove all but the newest; sqlite3.Error or OSError when there is no room."""
    folder = folder_of(database)
    folder.mkdir(mode=0o700, exist_ok=True)
    final = folder / f"{database.stem}-{stamp(at)}.db"
    draft = final.with_suffix(".draft")
    draft.unlink(missing_ok=True)
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


def damage(database: Path) -> str | None:
    """What is wrong with the file, or None. Errors that say nothing about its content are raised."""
    connection = sqlite3.connect(database, isolation_level=None)
    try:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        if (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF in _BROKEN:
            return str(error)
        raise
    finally:
        connection.close()
    return None if found == "ok" else str(found).splitlines()[0]


def set_aside(database: Path, at: float) -> Path:
    """Rename the database and its -wal and -shm, so that nothing of it is lost; returns the new name."""
    aside = database.with_name(f"{database.name}.corrupt-{stamp(at)}")
    for suffix in ("", "-wal", "-shm"):
        part = database.with_name(database.name + suffix)
        if part.exists():
            part.rename(aside.with_name(aside.name + suffix))
    sync(database.parent)
    return aside


def restore(database: Path) -> Path | None:
    """Put the newest backup that is whole in the place of `database`; None where there is none."""
    for backup in existing(database):
        if damage(backup) is not None:
            continue
        draft = database.with_name(f"{database.name}.draft")
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
