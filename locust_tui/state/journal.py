"""`decisions.jsonl`: a second copy of what people decided, for the day the database is lost.

One line a decision, `{"crc":…,"entry":{…}}`, appended and synced after its commit and before anyone is told of it.
A last line without its end is a writer's that was killed: nobody was told of that decision, and the log has it.
"""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import Iterable
from pathlib import Path

import msgspec

from locust_tui.domain.dataclass import dataclass
from locust_tui.fault import point

from .backups import sync
from .codec import decode, encode
from .errors import StoreError
from .log import COLUMNS, LogRow

KINDS = frozenset(
    {
        "gate.decided",
        "gate.approved",
        "criterion.signed",
        "criterion.waived",
        "plan.accepted",
        "answered",
        "strategy.applied",
        "strategy.undone",
    }
)


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """A row of `plans`."""

    digest: str
    path: str
    body: str
    text: str
    at: float


@dataclass(frozen=True, slots=True)
class Entry:
    """One decision as the log has it; an accepted plan comes with the plan."""

    revision: int
    at: float
    by: str
    kind: str
    subject: str
    data: str
    hash: str
    plan: StoredPlan | None = None

    @property
    def said(self) -> tuple[float, str, str, str]:
        """What tells one decision from another, whatever its revision."""
        return self.at, self.by, self.kind, self.data


@dataclass(frozen=True, slots=True)
class _Line:
    crc: str
    entry: msgspec.Raw


class Journal:
    """The file at `path`; it need not exist."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.waiting: list[Entry] = []
        """Committed, and not in the file yet."""
        self.trouble: str | None = None

    def read(self) -> tuple[list[Entry], int]:
        """Whole entries in the file's order, and how many finished lines were not whole."""
        try:
            lines = self.path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return [], 0
        found = [_entry(line) for line in lines]
        broken = sum(
            entry is None and bool(line.strip()) for line, entry in zip(lines[:-1], found, strict=False)
        )
        return [entry for entry in found if entry], broken

    def write(self, entries: Iterable[Entry] = ()) -> None:
        """Append `entries` and all that waits, and sync; OSError keeps them waiting."""
        self.waiting.extend(entries)
        if not self.waiting:
            return
        fd = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            size = os.fstat(fd).st_size
            content = _end_last_line(fd, size) + b"".join(_line(entry) for entry in self.waiting)
            while content:
                content = content[os.write(fd, content) :]
            point("journal.written")
            os.fsync(fd)
            point("journal.synced")
        finally:
            os.close(fd)
        if not size:
            sync(self.path.parent)
        self.waiting.clear()


def entries_for(connection: sqlite3.Connection, rows: Iterable[tuple[LogRow, str]]) -> list[Entry]:
    """Entries for those (row, hash) that are decisions."""
    found = []
    for row, hash_ in rows:
        if row.kind in KINDS and not _by_a_rule(row):
            plan = _plan_of(connection, row) if row.kind == "plan.accepted" else None
            found.append(Entry(*row, hash=hash_, plan=plan))
    return found


def compare(connection: sqlite3.Connection, entries: Iterable[Entry]) -> tuple[list[Entry], list[Entry]]:
    """Entries that the log lacks, oldest first, and decisions in the log that `entries` lacks."""
    marks = ", ".join("?" * len(KINDS))
    stored = connection.execute(
        f"SELECT {COLUMNS}, hash FROM events WHERE kind IN ({marks}) ORDER BY revision", tuple(KINDS)
    ).fetchall()
    logged = entries_for(connection, ((LogRow(*row[:-1]), row[-1]) for row in stored))
    in_log, in_file = {e.said for e in logged}, {}
    for entry in entries:
        in_file[entry.said] = entry
    return (
        [entry for said, entry in in_file.items() if said not in in_log],
        [entry for entry in logged if entry.said not in in_file],
    )


def _by_a_rule(row: LogRow) -> bool:
    """Whether it is an answer that the worker gave for a rule: nobody decided anything."""
    return row.kind == "answered" and bool(msgspec.json.decode(row.data).get("rule"))


def _plan_of(connection: sqlite3.Connection, row: LogRow) -> StoredPlan | None:
    digest = msgspec.json.decode(row.data)["digest"]
    found = connection.execute("SELECT digest, path, body, text, at FROM plans WHERE digest = ?", (digest,))
    plan = found.fetchone()
    return StoredPlan(*plan) if plan else None


def _entry(line: bytes) -> Entry | None:
    try:
        read = decode(line, _Line)
        return decode(bytes(read.entry), Entry) if read.crc == _crc(bytes(read.entry)) else None
    except StoreError:
        return None


def _end_last_line(fd: int, size: int) -> bytes:
    """Cut off half a line; the end that a whole one lacks."""
    if not size or os.pread(fd, 1, size - 1) == b"\n":
        return b""
    content = os.pread(fd, size, 0)
    start = content.rfind(b"\n") + 1
    if _entry(content[start:]) is not None:
        return b"\n"
    os.ftruncate(fd, start)
    return b""


def _crc(entry: bytes) -> str:
    return f"{zlib.crc32(entry):08x}"


def _line(entry: Entry) -> bytes:
    text = encode(entry)
    return f'{{"crc":"{_crc(text.encode())}","entry":{text}}}\n'.encode()
