"""The high-water mark: where the log stood after the last commit, kept in the lock file beside the database.

A lost write-ahead log, or an older copy in the place of the database, leaves a file that is sound; only this tells that it is
older. The mark is not synced: after a power cut it may be behind the log, never ahead of it.
"""

from __future__ import annotations

import os
import sqlite3
import zlib

from .log import hash_at

Mark = tuple[int, str]
"""A revision, and the log's hash there."""


def read(lock: int) -> Mark | None:
    """None where nobody left one, and where it is torn."""
    found = os.pread(lock, 128, 0)
    try:
        revision, hash_ = found.decode("ascii").split()[:2]
        return (int(revision), hash_) if found == _text((int(revision), hash_)) else None
    except ValueError:
        return None


def write(lock: int, mark: Mark) -> None:
    """OSError where the disk does not take it."""
    os.pwrite(lock, _text(mark), 0)


def what_is_missing(connection: sqlite3.Connection, mark: Mark | None) -> str | None:
    """What the log lacks of what was last written, for people; None: nothing."""
    if mark is None or hash_at(connection, mark[0]) == mark[1]:
        return None
    (now,) = connection.execute("SELECT coalesce(max(revision), 0) FROM events").fetchone()
    lost = f": what came after {now} is lost" if now < mark[0] else ", of another history"
    return f"the record was last at revision {mark[0]} and is now at {now}{lost}"


def _text(mark: Mark) -> bytes:
    """Of one length, so that one lies over another; a torn one is known by its sum."""
    text = f"{mark[0]:020d} {mark[1]}"
    return f"{text} {zlib.crc32(text.encode()):08x}\n".encode()
