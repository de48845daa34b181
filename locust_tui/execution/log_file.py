"""A run's output, read by byte offset; what was trimmed, replaced or cut short is said, never guessed over."""

from __future__ import annotations

import json
import os
from pathlib import Path

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.log_problem import LogProblem, first_data, problem_of, problem_of_opening
from locust_tui.execution.names import trim_record
from locust_tui.plain_file import open_plain, read_plain


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes `[offset, next_offset)` of a log that is `size` bytes long; `offset` lies past the asked one after a trim.

    `trimmed`: bytes given up at the head so far. `inode`: pass it to the next `tail`, which then notices a replaced file.
    With a `problem` there is no data.
    """

    offset: int
    data: bytes
    size: int
    trimmed: int = 0
    inode: int | None = None
    problem: LogProblem | None = None

    @property
    def next_offset(self) -> int:
        """Where to go on reading."""
        return self.offset + len(self.data)


def trimmed_bytes(log: Path) -> int:
    """How many bytes at the head of this log have been given up (the offset recorded beside it), 0 when none."""
    try:
        record = json.loads(read_plain(log.with_name(trim_record(log.name))))
        return int(record["trimmed"])
    except FileNotFoundError:
        return 0
    except (OSError, ValueError, KeyError, TypeError):
        fd = open_plain(log)
        try:
            return first_data(fd)
        finally:
            os.close(fd)


def tail(log: Path, offset: int, limit: int = 65536, *, inode: int | None = None) -> Chunk:
    """Up to `limit` bytes from byte `offset` on. A negative offset counts from the end. Never follows a link, never blocks.

    `inode`: the file this must be (from an earlier chunk or `agent.json`); another one is `replaced`.
    An offset past the end is `truncated`: a log only grows.
    """
    try:
        fd = os.open(log, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        return Chunk(max(offset, 0), b"", 0, inode=inode, problem=problem_of_opening(error))
    try:
        return _read(fd, log, offset, limit, inode)
    finally:
        os.close(fd)


def _read(fd: int, log: Path, offset: int, limit: int, inode: int | None) -> Chunk:
    facts = os.fstat(fd)
    size = facts.st_size
    if offset < 0:
        offset = max(size + offset, 0)
    problem = problem_of(facts, inode, offset)
    if problem is not None:
        return Chunk(offset, b"", size, inode=facts.st_ino, problem=problem)
    trimmed = trimmed_bytes(log)
    while True:
        offset = max(offset, trimmed)
        data = os.pread(fd, limit, offset)
        now = max(trimmed, trimmed_bytes(log))
        if b"\0" in data:
            now = max(now, first_data(fd))  # the disk was too full to record the trim before it
        if now <= offset:
            return Chunk(offset, data, size, trimmed=now, inode=facts.st_ino)
        trimmed = now  # the head went while it was read: these bytes may be holes
