"""The adapter `shell`: any command; reports are lines on stdout or JSON lines in the events file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from .reports import MARK, MAX_LINE, Misreported, Reported, parse_event_line, parse_stdout_line


@dataclass(slots=True)
class LineBuffer:
    """Cuts a growing byte stream into lines. Pure: feed it chunks, take whole lines with the offset behind each.

    `offset` is where the next chunk is expected to begin. Lines over MAX_LINE are passed over.
    """

    offset: int = 0
    _rest: bytes = b""
    _skipping: bool = field(default=False)

    def feed(self, chunk: bytes) -> list[tuple[int, bytes]]:
        """Whole lines (without newline) that `chunk` completes, each with the stream offset just behind it."""
        base = self.offset - len(self._rest)
        self.offset += len(chunk)
        data = self._rest + chunk
        found: list[tuple[int, bytes]] = []
        start = 0
        while (end := data.find(b"\n", start)) >= 0:
            if not self._skipping and end - start <= MAX_LINE:
                found.append((base + end + 1, data[start:end]))
            self._skipping = False
            start = end + 1
        self._rest = data[start:]
        if len(self._rest) > MAX_LINE:
            self._rest, self._skipping = b"", True
        return found

    @property
    def unfinished(self) -> bool:
        """Whether a line has begun and not ended."""
        return bool(self._rest)

    @property
    def whole(self) -> int | None:
        """The offset behind the last line that is whole; None in the middle of one that is passed over."""
        return None if self._skipping else self.offset - len(self._rest)

    def begin(self, offset: int) -> None:
        """Go on at `offset`, where a line begins, and drop an unfinished one: the stream was cut short."""
        self.offset, self._rest, self._skipping = offset, b"", False

    def jump(self, offset: int) -> None:
        """Go on at `offset`, dropping an unfinished line: the reader fell behind and passes output over."""
        self.offset, self._rest, self._skipping = offset, b"", True


def reports_in_output(lines: Iterable[tuple[int, bytes]]) -> list[tuple[int, Reported | Misreported]]:
    """Reports among lines of stdout, each with the offset behind it."""
    found = []
    for offset, line in lines:
        if line.startswith(MARK) and (report := parse_stdout_line(line)) is not None:
            found.append((offset, report))
    return found


def reports_in_events(lines: Iterable[tuple[int, bytes]]) -> list[tuple[int, Reported | Misreported]]:
    """Reports among lines of the events file, each with the offset behind it."""
    found = []
    for offset, line in lines:
        if (report := parse_event_line(line)) is not None:
            found.append((offset, report))
    return found
