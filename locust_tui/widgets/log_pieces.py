"""Looking back in a log's file: the lines before one, and where a very long one begins."""

from __future__ import annotations

import os

from .growing_line import KEPT_BYTES, GrowingLine, text_of_line

PIECE = 65_536
KEPT_LINES = 20_000
MOST_BACK = 16 << 20
"""So many bytes are looked through at once for the beginning of a line; a longer one is shown in parts."""


def lines_before(fd: int, end: int, first: int) -> list[tuple[int, str]]:
    """(offset, line) of the piece that ends at `end`, from the beginning of a line on; `first`: where the file begins."""
    start = max(first, end - PIECE)
    data = os.pread(fd, end - start, start)
    cut = data.find(b"\n") + 1 if start > first else 0
    if start > first and cut in (0, len(data)):
        start = beginning(fd, start, first)  # one line, longer than the piece
        line = GrowingLine(start)
        line.grow(os.pread(fd, KEPT_BYTES, start))
        line.more = end - start - line.size
        return [(start, line.text())]
    at, pieces = last_lines(start + cut, data[cut:].removesuffix(b"\n").split(b"\n"))
    found = []
    for piece in pieces:
        found.append((at, text_of_line(piece)))
        at += len(piece) + 1
    return found


def first_lines(data: bytes) -> bytes:
    """As much of it as leaves room in a window for as many lines again."""
    most = KEPT_LINES // 2
    lines = data.split(b"\n", most)
    return data if len(lines) <= most else data[: len(data) - len(lines[-1])]


def last_lines(at: int, lines: list[bytes]) -> tuple[int, list[bytes]]:
    """As many of the lines that begin at `at` as a window holds, and where the first of those begins."""
    over = lines[:-KEPT_LINES]
    return at + sum(map(len, over)) + len(over), lines[-KEPT_LINES:]


def beginning(fd: int, at: int, first: int) -> int:
    """Where the line that reaches over `at` begins; MOST_BACK before it where it is longer."""
    most = max(first, at - MOST_BACK)
    while at > most:
        start = max(most, at - PIECE)
        found = os.pread(fd, at - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        at = start
    return most
