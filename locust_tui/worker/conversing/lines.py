"""Cuts what an agent wrote into lines, whatever it writes: a line that never ends costs no more memory than a long one."""

from __future__ import annotations

from typing import NamedTuple

MAX_LINE = 16 << 20
"""Longer lines are passed over."""


class Line(NamedTuple):
    """One whole line without its newline: bytes [start, end) of the log, the newline included."""

    start: int
    end: int
    text: bytes | None
    """None: longer than MAX_LINE, and passed over."""


class LineSplitter:
    """Feed it chunks in order. `offset` is where the next chunk is expected to begin."""

    def __init__(self, offset: int = 0, *, aligned: bool = True, max_line: int = MAX_LINE) -> None:
        """`aligned`: a line begins at `offset`; otherwise what comes up to the first newline is dropped in silence."""
        self.offset = offset
        self._max = max_line
        self._begun = offset
        """Where the line under way begins."""
        self._parts: list[bytes] = []
        self._length = 0
        self._too_long = False
        self._lost = not aligned

    @property
    def behind(self) -> int:
        """Where the line under way begins: everything before it was given out."""
        return self._begun

    @property
    def unfinished(self) -> bool:
        return self.offset > self._begun

    def feed(self, chunk: bytes) -> list[Line]:
        """The lines that `chunk` completes."""
        found: list[Line] = []
        start = 0
        while (end := chunk.find(b"\n", start)) >= 0:
            line = self._end_of_line(chunk[start:end], self.offset + end + 1)
            if line is not None:
                found.append(line)
            start = end + 1
        self.offset += len(chunk)
        if start < len(chunk):
            self._keep(chunk[start:] if start else chunk)
        return found

    def skip(self, chunk: bytes) -> list[Line]:
        """The same for a chunk in which no line that matters begins or ends but the one under way: that one alone."""
        first, last = chunk.find(b"\n"), chunk.rfind(b"\n")
        if first < 0:
            return self.feed(chunk)
        found = self.feed(chunk[: first + 1])
        self.offset += last - first
        self._begun = self.offset
        return found + self.feed(chunk[last + 1 :])

    def finish(self) -> Line | None:
        """The last line, where the stream ended without a newline."""
        return self._end_of_line(b"", self.offset) if self.unfinished else None

    def _keep(self, part: bytes) -> None:
        self._length += len(part)
        if self._length > self._max:
            self._too_long = True
        if self._too_long or self._lost:
            self._parts.clear()
        else:
            self._parts.append(part)

    def _end_of_line(self, rest: bytes, end: int) -> Line | None:
        start, lost = self._begun, self._lost
        too_long = self._too_long or self._length + len(rest) > self._max
        text = None
        if not lost and not too_long:
            text = b"".join((*self._parts, rest)) if self._parts else rest
        self._begun, self._lost, self._too_long, self._length = end, False, False, 0
        self._parts.clear()
        return None if lost else Line(start, end, text)
