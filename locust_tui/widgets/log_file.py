"""A run's output, read in small pieces through a window of lines; a file that only grows, whose head may be gone."""

from __future__ import annotations

import os
import stat
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from locust_tui.client.run_files import trimmed_bytes

from .growing_line import KEPT_BYTES, GrowingLine
from .log_lines import line_parts
from .row import Part

PIECE = 65_536
KEPT_LINES = 20_000


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
        self.dropped = 0
        """Lines that left this window at its front; its line numbers move by that much."""
        self.attached = True
        """Whether the window's end is the file's."""
        self._offsets: deque[int] = deque(maxlen=KEPT_LINES)
        self._end: int | None = None
        self._inode = 0
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
            data = b"" if fd is None else os.pread(fd, PIECE, self._end)
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
            self.problem = f"the log cannot be opened: {error.strerror}"
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
        if not stat.S_ISREG(facts.st_mode):
            self.problem = "the log is not a regular file"
            return False
        self.trimmed = self._trimmed()
        grown, self.size = facts.st_size != self.size, facts.st_size
        if self._end is None or facts.st_ino != self._inode or facts.st_size < self._end:
            self._inode, self.attached = facts.st_ino, True
            self._begin(fd)
        if not self.attached:
            return grown
        assert self._end is not None
        if facts.st_size - self._end > 8 * PIECE:
            self._begin(fd)  # it runs faster than anyone reads: jump to its end
        came = False
        while self._end < facts.st_size:
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
        at = self._end
        *whole, last = data.split(b"\n")
        over = len(self.lines) + len(whole) - KEPT_LINES
        for piece in whole:
            self._rest.grow(piece)
            self.lines.append(self._rest.text())
            self._offsets.append(self._rest.at)
            at += len(piece) + 1
            self._rest = GrowingLine(at)
        self._rest.grow(last)
        self._end += len(data)
        self.dropped += max(0, over)

    def _before(self, fd: int, end: int) -> list[tuple[int, str]]:
        """(offset, line) of the piece that ends at `end`, from the beginning of a line on."""
        start = max(self.trimmed, end - PIECE)
        data = os.pread(fd, end - start, start)
        cut = data.find(b"\n") + 1 if start > self.trimmed else 0
        if start > self.trimmed and cut in (0, len(data)):
            start = self._beginning(fd, start)  # one line, longer than the piece
            line = GrowingLine(start)
            line.grow(os.pread(fd, KEPT_BYTES, start))
            line.more = end - start - line.size
            return [(start, line.text())]
        found = []
        at = start + cut
        for piece in data[cut:].removesuffix(b"\n").split(b"\n"):
            line = GrowingLine(at)
            line.grow(piece)
            found.append((at, line.text()))
            at += len(piece) + 1
        return found[-KEPT_LINES:]

    def _beginning(self, fd: int, at: int) -> int:
        """Where the line that reaches over `at` begins."""
        while at > self.trimmed:
            start = max(self.trimmed, at - PIECE)
            found = os.pread(fd, at - start, start).rfind(b"\n")
            if found >= 0:
                return start + found + 1
            at = start
        return self.trimmed

    def _trimmed(self) -> int:
        found = trimmed_bytes(self.path)
        return self.trimmed if found is None else found


def _facts(of: os.stat_result) -> tuple[int, ...]:
    return of.st_dev, of.st_ino, of.st_size, of.st_mtime_ns, of.st_ctime_ns
