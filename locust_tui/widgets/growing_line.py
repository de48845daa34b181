"""A line of a log while its bytes come: what a terminal would still show of it, cut where it is too long."""

from __future__ import annotations

import codecs

from locust_tui.safe_text import LONGEST_SECRET, masked, masked_so_far

from .sgr import colourless

LINE_BYTES = 4_000
"""Of a longer line only these are shown, and how many more there are."""
KEPT_BYTES = LINE_BYTES + LONGEST_SECRET
"""A secret that begins in what is shown is known as one, wherever it ends."""


class GrowingLine:
    """The line that begins at byte `at` of its file."""

    __slots__ = ("at", "more", "raw")

    def __init__(self, at: int) -> None:
        self.at = at
        self.raw = b""
        self.more = 0
        """Bytes that were not kept."""

    @property
    def size(self) -> int:
        return len(self.raw)

    def grow(self, piece: bytes) -> None:
        """Add bytes; a carriage return begins the line anew, as progress bars want it."""
        last = piece.rstrip(b"\r").rfind(b"\r")
        if last >= 0 or (piece.strip(b"\r") and not self.more and self.raw.endswith(b"\r")):
            self.raw, self.more, piece = b"", 0, piece[last + 1 :]
        room = KEPT_BYTES - len(self.raw)
        self.raw += piece[:room]
        self.more += max(0, len(piece) - room)

    def text(self, *, whole: bool = True) -> str:
        over = self.more + max(0, len(self.raw) - LINE_BYTES)
        if not over and whole:
            return self.raw.decode("utf-8", "replace").rstrip("\r")
        text = codecs.getincrementaldecoder("utf-8")("replace").decode(self.raw)
        if not over:
            return text.rstrip("\r")
        shown = len(codecs.getincrementaldecoder("utf-8")("replace").decode(self.raw[:LINE_BYTES]))
        return f"{start_of(text, shown, whole=whole)}… (+{over} bytes)"


def text_of_line(raw: bytes) -> str:
    """The same of a line that is there as a whole, without its newline."""
    if len(raw) <= LINE_BYTES and b"\r" not in raw:
        return raw.decode("utf-8", "replace")
    line = GrowingLine(0)
    line.grow(raw)
    return line.text()


def start_of(text: str, length: int, *, whole: bool = True) -> str:
    """The first `length` characters of a line, where it is cut without the beginning of a secret; `whole`: it has ended."""
    plain = colourless(text)
    if not whole or masked(plain) != plain:
        safe_plain = masked_so_far(plain)
        text = text if safe_plain == plain else safe_plain
    return text[:length].rstrip("\r")
