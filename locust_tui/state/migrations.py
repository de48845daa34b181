"""The schema of the record, version by version. `user_version` says which one a file has.

Only the log, the plans and the answered requests are migrated; projections are rebuilt from the log.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from .errors import SchemaError
from .log import GENESIS
from .projections import DDL, SHAPE
from .remembered import MEMORY_INDEX

Step = Callable[[sqlite3.Connection], None]

_VERSION_1 = (
    """CREATE TABLE events (
        revision INTEGER PRIMARY KEY,
        at REAL NOT NULL,
        "by" TEXT NOT NULL,
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        data TEXT NOT NULL,
        prev TEXT NOT NULL,
        hash TEXT NOT NULL)""",
    """CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
        BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END""",
    """CREATE TRIGGER events_are_never_removed BEFORE DELETE ON events
        BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END""",
    "CREATE TABLE plans (digest TEXT PRIMARY KEY, path TEXT NOT NULL, body TEXT NOT NULL, text TEXT NOT NULL, at REAL NOT NULL)",
    "CREATE TABLE requests (key TEXT PRIMARY KEY, at REAL NOT NULL, revision INTEGER NOT NULL, reply BLOB)",
    """CREATE TABLE head (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        revision INTEGER NOT NULL,
        hash TEXT NOT NULL,
        shape TEXT NOT NULL)""",
)


def _to_1(connection: sqlite3.Connection) -> None:
    for statement in (*_VERSION_1, *DDL):
        connection.execute(statement)
    connection.execute("INSERT INTO head VALUES (1, 0, ?, ?)", (GENESIS, SHAPE))


def _to_2(connection: sqlite3.Connection) -> None:
    connection.execute(MEMORY_INDEX)


STEPS: tuple[Step, ...] = (_to_1, _to_2)
"""Step n brings a database from version n to n + 1."""

VERSION = len(STEPS)


def version_of(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def check_version(connection: sqlite3.Connection, path: Path, known: int = VERSION) -> int:
    """The version found; SchemaError, naming both, where it is newer than `known`."""
    found = version_of(connection)
    if found > known:
        raise SchemaError(
            f"{path} has schema version {found}, this locust-tui knows version {known}",
            help="use the newer locust-tui that wrote it; it was left as it is",
        )
    return found


def migrate(
    connection: sqlite3.Connection,
    path: Path,
    backup: Callable[[], object],
    steps: Sequence[Step] = STEPS,
) -> int:
    """Bring the database to the last version, one transaction a step, and return the version it had.

    `backup` is called first where there is something to lose. The connection must be in autocommit mode.
    """
    found = check_version(connection, path, len(steps))
    if 0 < found < len(steps):
        backup()
    for version in range(found, len(steps)):
        connection.execute("BEGIN IMMEDIATE")
        try:
            steps[version](connection)
            connection.execute(f"PRAGMA user_version = {version + 1}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
    return found
