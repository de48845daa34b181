"""A database that is no longer the file of its name: finding out, and writing it anew from what is still open."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from . import backups


def is_in_place(path: Path, inode: tuple[int, int]) -> bool:
    """Whether the file of that name is the one with `inode`. OSError where that cannot be told."""
    try:
        about = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return (about.st_dev, about.st_ino) == inode


def moved_words(path: Path) -> str:
    """What a person is told whose record is gone from under the worker."""
    return (
        "the record was moved, replaced or removed, and nothing new is started: put it back, "
        f"or have the worker write it anew: locust-tui up --recreate ({path})"
    )


def draft_of(path: Path) -> Path:
    """Where `write_draft` puts its copy."""
    return path.with_name(f"{path.name}.anew")


def write_draft(connection: sqlite3.Connection, path: Path) -> None:
    """A copy, in the folder of `path`, of all that was committed; sqlite3.Error, OSError."""
    draft = draft_of(path)
    draft.unlink(missing_ok=True)
    try:
        connection.execute("VACUUM INTO ?", (str(draft),))
        draft.chmod(0o600)
        backups.sync(draft)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def put_draft_in_place(path: Path, at: float) -> Path | None:
    """Give the copy its name; whatever has that name by now is set aside, and its new name returned."""
    is_taken = os.path.lexists(path) or backups.remains(path)
    aside = backups.set_aside(path, at) if is_taken else None
    draft_of(path).rename(path)
    backups.sync(path.parent)
    return aside
