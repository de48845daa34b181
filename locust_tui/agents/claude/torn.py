"""Lines that were torn: a limit's event may have been written into the middle of another line."""

from __future__ import annotations

from .decoding import decode, parted
from .wire import Head


class TornLines:
    """Puts lines together again where that can be done without guessing, and counts the others."""

    def __init__(self) -> None:
        self.count = 0
        """Lines that began as JSON and cannot be read."""
        self._first_half = b""

    def whole_lines(self, line: bytes) -> list[bytes]:
        """The whole lines that a broken one holds, or ends."""
        if (parts := parted(line)) is not None:
            event, rest = parts
            if decode(Head, rest) is not None:
                return [event, rest]
            self._first_half = rest
            return [event]
        first, self._first_half = self._first_half, b""
        if first and decode(Head, first + line) is not None:
            return [first + line]
        self.count += line.startswith(b"{")
        return []
