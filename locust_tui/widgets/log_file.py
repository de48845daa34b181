"""A run's output, read in small pieces through a window of lines; a file that only grows, whose head may be gone."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from locust_tui.client.run_files import trimmed_bytes, writer_inode
from locust_tui.domain.log_problem import first_data, problem_of, problem_of_opening

from .growing_line import GrowingLine, text_of_line
from .log_lines import line_parts
from .log_pieces import KEPT_LINES, PIECE, first_lines, last_lines, lines_before
from .row import Part

AT_ONCE_S = 0.03
"""Reading at one go; then the screen has its turn."""


class LogFile:
    """Some lines of the file at `path`. `poll` reads what is new, `earlier` and `later` what stands around them.

    The window follows the file's end until `to_start` or so many earlier lines that its end falls out.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: deque[str] = deque(maxlen=KEPT_LINES)
        self.trimmed = 0
        """Bytes at the head that are gone."""
        self.size = 0
        self.problem = ""
        """Why it is not read now."""
        self.loss = ""
        """What was lost since it was opened."""
        self.dropped = 0
        """Lines that left this window at its front; its line numbers move by that much."""
        self.attached = True
        """Whether the window's end is the file's."""
        self._offsets: deque[int] = deque(maxlen=KEPT_LINES)
        self._end: int | None = None
        self._inode: int | None = None
        self._polled: tuple[int, ...] = ()
        """What `stat` said of the file that was last read to its end."""
        self._rest = GrowingLine(0)

    @property
    def has_earlier(self) -> bool:
        return (self._offsets[0] if self._offsets else self._rest.at) > self.trimmed

    @property
    def unfinished(self) -> str:
        """The last line as far as it came, without a newline yet."""
        return self._rest.text(whole=False)

    @property
    def errors(self) -> list[str]:
        """The last lines on stderr behind a line that says so, where stderr has a file of its own."""
        return []

    def parts(self, line: str) -> list[Part]:
        """One of its lines with the tones in which it is drawn."""
        return line_parts(line)

    def poll(self) -> bool:
        """Read at most a few pieces of what is new; True when lines came or the problem changed."""
        if self._end is not None and not self.problem and self._unchanged():
            return False
        before = self.problem
        self.problem = ""
        came = False
        self._polled = ()
        with self._open() as fd:
            if fd is not None:
                came = self._read(fd)
        return came or self.problem != before

    def earlier(self) -> int:
        """Read one piece before the first line held; how many lines that gave."""
        if not self.has_earlier:
            return 0
        found: list[tuple[int, str]] = []
        with self._open() as fd:
            if fd is not None:
                found = self._before(fd, self._offsets[0] if self._offsets else self._rest.at)
        over = len(self.lines) + len(found) - KEPT_LINES
        if over > 0:
            self.attached = False
            self._end = self._offsets[-over]
            self._rest = GrowingLine(self._end)
        self.lines.extendleft(text for _, text in reversed(found))
        self._offsets.extendleft(at for at, _ in reversed(found))
        return len(found)

    def later(self) -> bool:
        """Read one piece after the last line held; False at the file's end, where the window follows it again."""
        if self.attached or self._end is None:
            return False
        with self._open() as fd:
            data = b"" if fd is None else first_lines(os.pread(fd, PIECE, self._end))
        self._take(data)
        self.attached = self._end >= self.size
        return bool(data)

    def to_start(self) -> None:
        """Hold the first lines that are left."""
        self._clear(self.trimmed)
        self.attached = False
        self.later()

    def to_end(self) -> None:
        """Hold the last lines again."""
        if not self.attached:
            self.attached, self._end = True, None
            self.poll()

    def _unchanged(self) -> bool:
        try:
            return _facts(os.stat(self.path, follow_symlinks=False)) == self._polled
        except OSError:
            return False

    @contextmanager
    def _open(self) -> Iterator[int | None]:
        """A file descriptor, or None and `problem` says why not."""
        try:
            fd = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            self.problem = f"the log {problem_of_opening(error).words}"
            yield None
            return
        try:
            yield fd
        except OSError as error:
            self.problem = f"the log cannot be read: {error.strerror}"
        finally:
            os.close(fd)

    def _read(self, fd: int) -> bool:
        facts = os.fstat(fd)
        inode = writer_inode(self.path) if self._inode is None else self._inode
        if (problem := problem_of(facts, inode, 0)) is not None:
            self.problem = f"the log {problem.words}"
            return False
        self._inode = facts.st_ino
        self.trimmed = self._trimmed(fd)
        cut_short = problem_of(facts, None, self.size)
        grown, self.size = facts.st_size != self.size, facts.st_size
        if cut_short is not None:
            self.loss = f"the log {cut_short.words}"
        if cut_short is not None or self._end is None:
            self.attached = True
            self._begin(fd)
        if not self.attached:
            return grown
        assert self._end is not None
        if facts.st_size - self._end > 8 * PIECE:
            self._begin(fd)  # it runs faster than anyone reads: jump to its end
        came = cut_short is not None
        until = time.monotonic() + AT_ONCE_S
        while self._end < facts.st_size and time.monotonic() < until:
            self._end = max(self._end, self.trimmed)
            data = os.pread(fd, PIECE, self._end)
            if not data:
                break
            self._take(data)
            came = True
        if self._end >= facts.st_size:
            self._polled = _facts(facts)
        return came

    def _begin(self, fd: int) -> None:
        """An empty window whose next lines are the last of the file."""
        start = max(self.trimmed, self.size - PIECE)
        if start > self.trimmed:
            start += os.pread(fd, PIECE, start).find(b"\n") + 1
        self._clear(start)

    def _clear(self, at: int) -> None:
        self.dropped += len(self.lines)
        self.lines.clear()
        self._offsets.clear()
        self._end = at
        self._rest = GrowingLine(at)

    def _take(self, data: bytes) -> None:
        assert self._end is not None
        *whole, last = data.split(b"\n")
        over = len(self.lines) + len(whole) - KEPT_LINES
        at = self._end
        if len(whole) > KEPT_LINES:
            at, whole = last_lines(at, whole)
            self._rest = GrowingLine(at)
        if whole and self._rest.size:
            self._rest.grow(whole[0])
            self._keep(self._rest.at, self._rest.text())
            at += len(whole.pop(0)) + 1
        for piece in whole:
            self._keep(at, text_of_line(piece))
            at += len(piece) + 1
        if at > self._end:
            self._rest = GrowingLine(at)
        self._rest.grow(last)
        self._end += len(data)
        self.dropped += max(0, over)

    def _keep(self, at: int, line: str) -> None:
        self.lines.append(line)
        self._offsets.append(at)

    def _before(self, fd: int, end: int) -> list[tuple[int, str]]:
        return lines_before(fd, end, self.trimmed)

    def _trimmed(self, fd: int) -> int:
        found = trimmed_bytes(self.path)
        if os.pread(fd, 1, found or 0) == b"\0":
            found = max(found or 0, first_data(fd))  # the disk was too full to record it
        return self.trimmed if found is None else found


def _facts(of: os.stat_result) -> tuple[int, ...]:
    return of.st_dev, of.st_ino, of.st_size, of.st_mtime_ns, of.st_ctime_ns
