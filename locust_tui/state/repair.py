"""What is done before a database is opened for writing: a newer one is refused, a damaged or missing one restored."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

from . import backups
from .journal import Entry
from .migrations import check_version


@dataclass(slots=True)
class Opening:
    """What opening found: `recovered` lines for people, and decisions that the log lacks."""

    recovered: list[str] = field(default_factory=list)
    lost: list[Entry] = field(default_factory=list)
    is_older: bool = False
    """The log ends before, or otherwise than, it did when it was last written."""


def refuse_newer(path: Path) -> None:
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


def make_sound(path: Path, at: float, found: Opening, *, begun: bool) -> None:
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
