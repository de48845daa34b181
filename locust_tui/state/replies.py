"""Answered requests, kept so that asking again with the same key changes nothing."""

from __future__ import annotations

import sqlite3

from locust_tui.domain.dataclass import dataclass

KEEP_S = 30 * 86_400.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered to an idempotency key, and the revision that its call led to."""

    revision: int
    at: float
    body: bytes | None


def reply_to(connection: sqlite3.Connection, key: str) -> Reply | None:
    row = connection.execute("SELECT revision, at, reply FROM requests WHERE key = ?", (key,)).fetchone()
    return Reply(*row) if row else None


def known(connection: sqlite3.Connection) -> dict[str, int]:
    """Key → revision."""
    return dict(connection.execute("SELECT key, revision FROM requests").fetchall())


def forget(connection: sqlite3.Connection, now: float) -> None:
    """Remove what is older than anyone repeats a request."""
    connection.execute("DELETE FROM requests WHERE at < ?", (now - KEEP_S,))
