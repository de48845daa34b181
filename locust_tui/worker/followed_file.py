"""A file that a running agent writes to, read on by whole lines, whatever anybody does to it meanwhile."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

from locust_tui.agents.shell import LineBuffer
from locust_tui.domain.log_problem import LogProblem, problem_of

CHUNK = 512 * 1024
MOST_AT_ONCE = 4 * CHUNK
"""Bytes read of one file in one look."""
MOST_BEHIND = 64 * CHUNK
"""A reader that far behind passes output over: it comes faster than anyone reports."""


class FollowedFile:
    """`lines` says where reading goes on. With `one_file` only the file that was read first is read.

    A file that was cut short is read on behind what it holds then: what stood there before may be there still, and nobody
    shall be taken to say it twice.
    """

    def __init__(self, path: Path, lines: LineBuffer, *, one_file: bool) -> None:
        self.lines = lines
        self._path = path
        self._one_file = one_file
        self._inode: int | None = None

    def read(self, *, ended: bool, also: Callable[[bytes], object] | None = None) -> list[tuple[int, bytes]]:
        """New lines, each with the offset behind it; `also` is given every piece that is read.

        With `ended` all that is left is read, a last line without its newline too.
        """
        lines = self.lines
        try:
            size = os.stat(self._path, follow_symlinks=False).st_size
            if size == lines.offset and not (ended and lines.unfinished):
                return []
            fd = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError:
            return []
        try:
            return self._read(fd, ended, also) if self._is_the_one(fd) else []
        except OSError:
            return []
        finally:
            os.close(fd)

    def _is_the_one(self, fd: int) -> bool:
        facts = os.fstat(fd)
        if not self._one_file:
            return stat.S_ISREG(facts.st_mode)
        if problem_of(facts, self._inode, 0) is not None:
            return False
        self._inode = facts.st_ino
        return True

    def _read(self, fd: int, ended: bool, also: Callable[[bytes], object] | None) -> list[tuple[int, bytes]]:
        lines, facts = self.lines, os.fstat(fd)
        size = facts.st_size
        if problem_of(facts, None, lines.offset) is LogProblem.TRUNCATED:
            lines.begin(_last_line(fd, size))
        if size - lines.offset > MOST_BEHIND:
            lines.jump(size - CHUNK)
        most = size if ended else min(size, lines.offset + MOST_AT_ONCE)
        found: list[tuple[int, bytes]] = []
        while lines.offset < most and (chunk := os.pread(fd, CHUNK, lines.offset)):
            found += lines.feed(chunk)
            if also is not None:
                also(chunk)
        if ended:
            found += [(min(offset, size), line) for offset, line in lines.feed(b"\n")]
        return found


def _last_line(fd: int, size: int) -> int:
    """Where the last line begins; without one in reach, the end."""
    start = max(0, size - CHUNK)
    found = os.pread(fd, size - start, start).rfind(b"\n")
    return start + found + 1 if found >= 0 or start == 0 else size
