"""Queries of the shared memory: entries as they are, and every version there ever was, straight from the event log."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.events import MemoryStored

_KINDS = "kind IN ('memory.stored', 'memory.removed')"
MEMORY_INDEX = f"CREATE INDEX events_of_memory ON events (subject, revision) WHERE {_KINDS}"
"""Only events of the memory are in it, so no other event pays for it."""
ENTRIES = "SELECT key, value, version, at, \"by\" FROM memory_entry WHERE value != '' AND key"
_VERSIONS = f"SELECT revision, at, \"by\", subject, kind = 'memory.removed', data FROM events WHERE {_KINDS}"


@dataclass(frozen=True, slots=True)
class Remembered:
    """An entry as it is."""

    key: str
    value: str
    """JSON text."""
    version: int
    at: float
    by: str


class Version(NamedTuple):
    """What was written once."""

    revision: int
    at: float
    by: str
    key: str
    removed: bool
    version: int | None
    """None: it was a removal."""
    value: str
    """JSON text; empty: it was a removal."""


def entry(connection: sqlite3.Connection, key: str) -> Remembered | None:
    row = connection.execute(f"{ENTRIES} = ?", (key,)).fetchone()
    return Remembered(*row) if row else None


def entries(connection: sqlite3.Connection, pattern: str = "*") -> list[Remembered]:
    """Those whose keys the glob fits, by key."""
    return [
        Remembered(*row) for row in connection.execute(f"{ENTRIES} GLOB ? ORDER BY key", (globbed(pattern),))
    ]


def keys(connection: sqlite3.Connection) -> list[str]:
    return [
        row[0] for row in connection.execute("SELECT key FROM memory_entry WHERE value != '' ORDER BY key")
    ]


def globbed(pattern: str) -> str:
    """A glob as people write it, as SQLite reads it: `[!a]` is `[^a]` there."""
    return pattern.replace("[!", "[^")


def history(connection: sqlite3.Connection, key: str, last: int | None = None) -> list[Version]:
    """Every version of a key, oldest first; only the `last` ones where that is given."""
    sql = f"{_VERSIONS} AND subject = ? ORDER BY revision DESC LIMIT ?"
    rows = connection.execute(sql, (key, -1 if last is None else last)).fetchall()
    return _versions(reversed(rows))


def changes(connection: sqlite3.Connection, pattern: str, after: int) -> list[Version]:
    """What was written behind revision `after` at keys that the glob fits, in order."""
    sql = f"{_VERSIONS} AND revision > ? AND subject GLOB ? ORDER BY revision"
    return _versions(connection.execute(sql, (after, globbed(pattern))))


def revision(connection: sqlite3.Connection) -> int:
    """The last that is durable."""
    return int(connection.execute("SELECT revision FROM head").fetchone()[0])


def _versions(rows: Iterable[Sequence[Any]]) -> list[Version]:
    from .codec import decode, decode_person

    found = []
    for revision, at, by, key, removed, data in rows:
        name = decode_person(by).name
        if removed:
            found.append(Version(revision, at, name, key, True, None, ""))
        else:
            stored = decode(data, MemoryStored)
            found.append(Version(revision, at, name, key, False, stored.version, stored.value))
    return found
