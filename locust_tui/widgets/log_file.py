"""A run's output, read in small pieces from the end; a file that only grows, whose head may have been given up."""

from __future__ import annotations

import codecs
import json
import os
import stat
from collections import deque
from pathlib import Path

PIECE = 65_536
KEPT_LINES = 20_000


class LogFile:
    """The last lines of the file at `path`. `poll` reads what is new, `earlier` what stands before."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: deque[str] = deque(maxlen=KEPT_LINES)
        self.trimmed = 0
        """Bytes at the head that are gone."""
        self.problem = ""
        self.dropped = 0
        """Lines that left this window at its front while following; its line numbers move by that much."""
        self._start = 0
        self._end: int | None = None
        self._inode = 0
        self._rest = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    @property
    def has_earlier(self) -> bool:
        return self._start > self.trimmed

    def poll(self) -> bool:
        """Read at most a few pieces of what is new; True when lines came or the problem changed."""
        before = self.problem
        try:
            fd = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            self.problem = f"the log cannot be opened: {error.strerror}"
            return self.problem != before
        try:
            self.problem = ""
            came = self._read(fd)
        except OSError as error:
            self.problem = f"the log cannot be read: {error.strerror}"
            came = False
        finally:
            os.close(fd)
        return came or self.problem != before

    def earlier(self) -> int:
        """Read one piece before the first line held; how many lines that gave."""
        room = (self.lines.maxlen or 0) - len(self.lines)
        if not self.has_earlier or room < 1_000:
            return 0
        fd = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            start = max(self.trimmed, self._start - PIECE)
            data = os.pread(fd, self._start - start, start)
        finally:
            os.close(fd)
        if start > self.trimmed:
            cut = data.find(b"\n") + 1
            if cut == 0 or cut == len(data):
                cut = 0
            start, data = start + cut, data[cut:]
        lines = data.decode("utf-8", "replace").split("\n")
        if lines and not lines[-1]:
            lines.pop()
        lines = lines[-room:]
        self.lines.extendleft(line.removesuffix("\r") for line in reversed(lines))
        self._start = start
        return len(lines)

    def _read(self, fd: int) -> bool:
        facts = os.fstat(fd)
        if not stat.S_ISREG(facts.st_mode):
            self.problem = "the log is not a regular file"
            return False
        self.trimmed = self._trimmed()
        if self._end is None or facts.st_ino != self._inode or facts.st_size < self._end:
            self._begin(fd, facts)
        assert self._end is not None
        if facts.st_size - self._end > 8 * PIECE:
            self._begin(fd, facts)  # it runs faster than anyone reads: jump to its end
        came = False
        while self._end < facts.st_size:
            data = os.pread(fd, PIECE, max(self._end, self.trimmed))
            if not data:
                break
            self._end = max(self._end, self.trimmed) + len(data)
            self._take(data)
            came = True
        return came

    def _begin(self, fd: int, facts: os.stat_result) -> None:
        self.lines.clear()
        self._rest = ""
        self._decoder.reset()
        self._inode = facts.st_ino
        start = max(self.trimmed, facts.st_size - PIECE)
        if start > self.trimmed:
            head = os.pread(fd, 4_096, start)
            start += head.find(b"\n") + 1
        self._start = self._end = start

    def _take(self, data: bytes) -> None:
        pieces = (self._rest + self._decoder.decode(data)).split("\n")
        self._rest = pieces.pop()
        if len(self._rest) > PIECE:  # a line without an end must not grow without one
            pieces.append(self._rest)
            self._rest = ""
        over = len(self.lines) + len(pieces) - KEPT_LINES
        if over > 0:
            self.dropped += over
        self.lines.extend(p.removesuffix("\r") for p in pieces)

    @property
    def unfinished(self) -> str:
        """The last line as far as it came, without a newline yet."""
        return self._rest

    def _trimmed(self) -> int:
        try:
            return int(json.loads(self.path.with_name("trim.json").read_bytes())["trimmed"])
        except FileNotFoundError:
            return 0
        except (OSError, ValueError, KeyError, TypeError):
            return self.trimmed
