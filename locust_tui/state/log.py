"""Rows of the event log: how an event is written, read, and chained to the one before it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from sqlite3 import Connection
from typing import NamedTuple

from locust_tui.domain.events import Event, EventBody, subject_of
from locust_tui.domain.people import Person

from .codec import decode_body, decode_person, encode, encode_body, encode_person

GENESIS = "0" * 64
"""What the first row is chained to."""

COLUMNS = '"revision", "at", "by", "kind", "subject", "data"'


class LogRow(NamedTuple):
    """One event as stored, without its links."""

    revision: int
    at: float
    by: str
    kind: str
    subject: str
    data: str


def row_of(revision: int, at: float, by: Person, body: EventBody) -> LogRow:
    kind, data = encode_body(body)
    return LogRow(revision, at, encode_person(by), kind, subject_of(body), data)


def event_of(row: LogRow) -> Event:
    """The event of a stored row; UnknownEventError, StoreError where it cannot be read."""
    return Event(row.revision, row.at, decode_person(row.by), decode_body(row.kind, row.data))


def link(prev: str, row: LogRow) -> str:
    """SHA-256 (hex) over the hash of the row before and this row as a JSON array."""
    return hashlib.sha256(encode((prev, *row)).encode()).hexdigest()


def read_rows(connection: Connection, after: int = 0, upto: int | None = None) -> Iterator[LogRow]:
    """Rows with `after` < revision (≤ `upto`), in order."""
    last = 2**62 if upto is None else upto
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM events WHERE revision > ? AND revision <= ? ORDER BY revision", (after, last)
    )
    for row in rows:
        yield LogRow(*row)


def hash_at(connection: Connection, revision: int) -> str:
    """The log's chained hash at a revision; empty where it has none."""
    row = connection.execute("SELECT hash FROM events WHERE revision = ?", (revision,)).fetchone()
    return row[0] if row else ""


def revision_at(connection: Connection, at: float) -> int:
    """The last revision that the record had at a moment.

    Events that bear an earlier time than one before them were put back later: they count from where they stand.
    """
    row = connection.execute(
        "SELECT coalesce((SELECT min(revision) - 1 FROM events WHERE at > ?), (SELECT max(revision) FROM events), 0)",
        (at,),
    ).fetchone()
    return int(row[0])
