"""Measurements over time, in a database of their own beside the record: a series' name, a moment, a value.

Nothing rests on them: a lost file loses curves and no state. The worker alone writes; readers open it read-only.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from locust_tui.domain.dataclass import dataclass

MAX_AGE_S = 90 * 86_400.0
"""What is older goes."""
MAX_ROWS = 1_000_000
"""Of the whole file, about 40 MB: beyond them the oldest go, whatever their series keeps."""
PRUNE_EVERY = 256
"""Writes between two looks at what is too old or too much."""
_VERSION = 1
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS series (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, since REAL, keep INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS samples (
    series INTEGER NOT NULL, at REAL NOT NULL, value REAL, PRIMARY KEY (series, at)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS samples_by_age ON samples (at);
PRAGMA user_version = {_VERSION};
"""


@dataclass(frozen=True, slots=True)
class Point:
    at: float
    """Seconds since the epoch."""
    value: float | None
    """None: it was looked at and was not known then."""


class SampleWriter:
    """The one writer. Its methods block for milliseconds: call them in a thread, one at a time.

    A file that is damaged, or of another version, is set aside as NAME.old and begun anew. Raises sqlite3.Error or
    OSError where the disk refuses; nothing is half written then.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = None
        self._series: dict[str, int] = {}
        self._written = 0
        self._turn = threading.Lock()

    def write(self, at: float, values: Mapping[str, float | None], keep: int) -> None:
        """Add one moment's values; of each of these series only the latest `keep` stay."""
        with self._turn:
            connection = self._open()
            connection.execute("BEGIN IMMEDIATE")
            try:
                rows = [(self._id(connection, name, keep), at, value) for name, value in values.items()]
                connection.executemany("INSERT OR REPLACE INTO samples VALUES (?, ?, ?)", rows)
                self._written += 1
                if self._written % PRUNE_EVERY == 0:
                    _prune(connection, at)
                connection.execute("COMMIT")
            except BaseException:
                self._series.clear()
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise

    def begun(self, name: str, at: float) -> float:
        """When the series `name` was begun: `at`, if it is begun only now."""
        with self._turn:
            connection = self._open()
            connection.execute(
                "INSERT OR IGNORE INTO series (name, since, keep) VALUES (?, ?, 1)", (name, at)
            )
            row = connection.execute("SELECT since FROM series WHERE name = ?", (name,)).fetchone()
            return float(row[0]) if row[0] is not None else at

    def last(self, prefix: str) -> float | None:
        """The latest moment of any series whose name begins so."""
        with self._turn:
            sql = (
                "SELECT max(at) FROM samples JOIN series ON series.id = samples.series"
                " WHERE substr(name, 1, ?) = ?"
            )
            row = self._open().execute(sql, (len(prefix), prefix)).fetchone()
            return None if row is None or row[0] is None else float(row[0])

    def close(self) -> None:
        with self._turn:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            try:
                self._connection = _opened(self.path)
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise
                _set_aside(self.path)
                self._connection = _opened(self.path)
        return self._connection

    def _id(self, connection: sqlite3.Connection, name: str, keep: int) -> int:
        known = self._series.get(name)
        if known is None:
            connection.execute(
                "INSERT INTO series (name, keep) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET keep = excluded.keep",
                (name, keep),
            )
            row = connection.execute("SELECT id FROM series WHERE name = ?", (name,)).fetchone()
            known = self._series[name] = int(row[0])
        return known


def _opened(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, _VERSION):
            raise sqlite3.DatabaseError(f"version {version}")
        connection.execute("PRAGMA journal_mode = WAL").fetchone()
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA journal_size_limit = 1048576")
        connection.execute("PRAGMA busy_timeout = 2000")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.executescript(_SCHEMA)
    except BaseException:
        connection.close()
        raise
    return connection


def _set_aside(path: Path) -> None:
    for end in ("-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    path.replace(path.with_name(f"{path.name}.old"))


def _prune(connection: sqlite3.Connection, now: float) -> None:
    connection.execute("DELETE FROM samples WHERE at < ?", (now - MAX_AGE_S,))
    for id_, keep in connection.execute("SELECT id, keep FROM series").fetchall():
        connection.execute(
            "DELETE FROM samples WHERE series = ? AND at <="
            " (SELECT at FROM samples WHERE series = ? ORDER BY at DESC LIMIT 1 OFFSET ?)",
            (id_, id_, keep),
        )
    connection.execute(
        "DELETE FROM samples WHERE at <= (SELECT at FROM samples ORDER BY at DESC LIMIT 1 OFFSET ?)",
        (MAX_ROWS,),
    )
    connection.execute(
        "DELETE FROM series WHERE since IS NULL AND id NOT IN (SELECT DISTINCT series FROM samples)"
    )


class SampleReader:
    """The measurements as they lie there; without a file, or with one that cannot be read, there are none."""

    def __init__(self, path: Path) -> None:
        self._connection: sqlite3.Connection | None = None
        if path.exists():
            with suppress(sqlite3.Error):
                connection = sqlite3.connect(
                    f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None
                )
                connection.execute("PRAGMA busy_timeout = 2000")
                self._connection = connection

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._connection is not None:
            self._connection.close()

    def history(self, name: str, since: float = 0.0, limit: int = 1_000) -> list[Point]:
        """The latest `limit` points of a series from `since` on, oldest first."""
        rows = self._rows(
            "SELECT at, value FROM samples WHERE series = (SELECT id FROM series WHERE name = ?) AND at >= ?"
            " ORDER BY at DESC LIMIT ?",
            (name, since, limit),
        )
        return [Point(at, value) for at, value in reversed(rows)]

    def names(self, prefix: str) -> list[str]:
        """Series that have points and whose names begin so."""
        rows = self._rows(
            "SELECT name FROM series WHERE substr(name, 1, ?) = ? AND EXISTS"
            " (SELECT 1 FROM samples WHERE samples.series = series.id) ORDER BY name",
            (len(prefix), prefix),
        )
        return [name for (name,) in rows]

    def count(self, name: str) -> int:
        """How many points a series has."""
        rows = self._rows(
            "SELECT count(*) FROM samples WHERE series = (SELECT id FROM series WHERE name = ?)", (name,)
        )
        return int(rows[0][0]) if rows else 0

    def latest(self, names: Iterable[str]) -> dict[str, Point]:
        """The last point of each series that has one."""
        found = {name: self.history(name, limit=1) for name in names}
        return {name: points[0] for name, points in found.items() if points}

    def peaks(self, prefix: str) -> dict[str, float]:
        """Series that begin so → their greatest value."""
        rows = self._rows(
            "SELECT name, max(value) FROM series JOIN samples ON samples.series = series.id"
            " WHERE substr(name, 1, ?) = ? GROUP BY name",
            (len(prefix), prefix),
        )
        return {name: value for name, value in rows if value is not None}

    def _rows(self, sql: str, values: tuple[object, ...]) -> list[Any]:
        if self._connection is None:
            return []
        try:
            return self._connection.execute(sql, values).fetchall()
        except sqlite3.Error:
            return []
