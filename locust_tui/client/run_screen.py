"""A run's log played into a terminal's screen: begun near its end, followed in small portions, older lines on demand."""

from __future__ import annotations

import os
import time
from pathlib import Path

from locust_tui.domain.log_problem import problem_of, problem_of_opening
from locust_tui.terminal.emulator import Emulator, Runs, fresh_start, modes_set

from .run_files import trimmed_bytes, writer_inode

_FIRST, _SEARCHED, _HEAD = 128 << 10, 1 << 20, 64 << 10
_TOO_MUCH, _TAIL = 256 << 10, 16 << 10
_PIECE = 2048
_EARLIER = 64 << 10
_MOST_OLDER = 200_000
_ABORT = b"\x18\x1b[m"


class RunScreen:
    """Follows the log at `path`. `skipped`: bytes that were passed over since the start, because they came too fast.

    `older`: lines from before what was fed, oldest first. `problem`: why the log cannot be read, empty when it can.
    """

    def __init__(self, path: Path, rows: int, columns: int) -> None:
        self.path = path
        self.emulator = Emulator(rows, columns)
        self.older: list[Runs] = []
        self.skipped = 0
        self.problem = ""
        self._at = self._start = self._answered = 0
        self._begun = False
        self._inode: int | None = None
        self._no_skip_before = 0
        self._past: tuple[Emulator, bytes] | None = None

    def advance(self, seconds: float) -> bool:
        """Feed what is new, for about so long; whether more is waiting."""
        fd = self._open()
        if fd is None:
            return False
        try:
            size = os.fstat(fd).st_size
            if not self._begun:
                self._begin(fd, size)
            elif size < self._at:
                self._at = size  # cut short by hand; what was there has been seen
            if size - self._at > _TOO_MUCH and self._at >= self._no_skip_before:
                self._skip(fd, size)
            deadline = time.monotonic() + seconds
            while self._at < size:
                data = os.pread(fd, _PIECE, self._at)
                if not data:
                    break
                self.emulator.feed(data)
                self._at += len(data)
                if self._at <= self._answered:
                    self.emulator.take_replies()  # asked, and answered or not, before we came
                if time.monotonic() > deadline:
                    break
            return self._at < size
        finally:
            os.close(fd)

    def resize(self, rows: int, columns: int) -> None:
        """The agent's terminal has this size now."""
        if (rows, columns) != (self.emulator.rows, self.emulator.columns):
            self.emulator.resize(rows, columns)

    @property
    def has_older(self) -> bool:
        """Whether the log holds more before the first line we have."""
        if len(self.older) >= _MOST_OLDER:
            return False  # a pager is the better reader of so much: locust-tui logs
        return self._past is not None or self._start > self._trimmed()

    def read_older(self, seconds: float) -> int:
        """Go on reading what stands before `older`, for about so long; how many lines that gave, 0 also while it is read."""
        if self._past is None and not self._begin_older():
            return 0
        assert self._past is not None
        past, data = self._past
        deadline = time.monotonic() + seconds
        while data:
            past.feed(data[:_PIECE])
            data = data[_PIECE:]
            if time.monotonic() > deadline:
                break
        self._past = (past, data)
        if data:
            return 0
        self._past = None
        lines = list(past.whole())
        self.older[:0] = lines
        return len(lines)

    def _begin_older(self) -> bool:
        trimmed = self._trimmed()
        fd = self._open() if self._start > trimmed else None
        if fd is None:
            return False
        try:
            begin = max(trimmed, self._start - _EARLIER)
            data = os.pread(fd, self._start - begin, begin)
        finally:
            os.close(fd)
        cut = data.find(b"\n") + 1 if begin > trimmed else 0
        self._past = (Emulator(self.emulator.rows, self.emulator.columns), data[cut:] or data)
        self._start = begin + (cut if cut < len(data) else 0)
        return True

    def _begin(self, fd: int, size: int) -> None:
        self._begun = True
        lowest = min(self._trimmed(), size)
        self._start = self._clean_start(fd, max(lowest, size - _FIRST), size)
        searched = max(lowest, self._start - _SEARCHED)
        head = os.pread(fd, min(_HEAD, self._start), 0) if lowest == 0 else b""
        self.emulator.feed(modes_set(head + os.pread(fd, self._start - searched, searched)))
        self._at, self._answered = self._start, size

    def _clean_start(self, fd: int, begin: int, end: int) -> int:
        """Where a screen is begun anew last, else the first line's beginning, at or after `begin`."""
        data = os.pread(fd, end - begin, begin)
        fresh = fresh_start(data)
        if fresh is not None:
            return begin + fresh
        line = data.find(b"\n") + 1 if begin else 0
        return begin + line

    def _skip(self, fd: int, size: int) -> None:
        """It prints faster than anybody could read: go on near the end, all of which is then shown."""
        start = self._clean_start(fd, size - _TAIL, size)
        passed = os.pread(fd, _TOO_MUCH, max(self._at, start - _TOO_MUCH))
        self.skipped += start - self._at
        self.emulator.feed(_ABORT + modes_set(passed))
        if not self.emulator.alternate:
            words = f"\r\n[… {start - self._at:,} bytes came too fast to be shown; the log has them …]\r\n"
            self.emulator.feed(words.encode())
        self._at, self._no_skip_before, self._answered = start, size, size

    def _open(self) -> int | None:
        try:
            fd = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            self.problem = f"the log {problem_of_opening(error).words}"
            return None
        facts = os.fstat(fd)
        problem = problem_of(facts, writer_inode(self.path) if self._inode is None else self._inode, 0)
        if problem is not None:
            self.problem = f"the log {problem.words}"
            os.close(fd)
            return None
        self.problem, self._inode = "", facts.st_ino
        return fd

    def _trimmed(self) -> int:
        return trimmed_bytes(self.path) or 0
