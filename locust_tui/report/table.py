"""Aligned columns of text for a terminal or a file, with every cell made safe to print."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence

from ..safe_text import safe
from .glyphs import Tone

Paint = Callable[[str, Tone], str]
"""Colours a piece of finished text; `plain` leaves it alone."""


def plain(text: str, tone: Tone) -> str:
    return text


def cells(text: str) -> int:
    """Columns the text takes on a terminal: wide characters two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


def cut(text: str, width: int) -> str:
    """`text` in at most `width` columns, with "…" where something was cut off."""
    if cells(text) <= width:
        return text
    kept, used = [], 0
    for character in text:
        used += cells(character)
        if used > width - 1:
            break
        kept.append(character)
    return "".join(kept).rstrip() + "…"


def table(
    header: Sequence[str],
    rows: Sequence[Sequence[str | tuple[str, Tone]]],
    *,
    right: frozenset[int] = frozenset(),
    paint: Paint = plain,
    width: int | None = None,
) -> list[str]:
    """Lines of a table, header first. `right` names the columns that align right; the last is not padded.

    A cell is its text, or (text, tone). Columns that are empty in every row are left out. Lines longer than
    `width` columns of a terminal are cut, with a mark at the cut.
    """
    body = [[_cell(c) for c in row] for row in rows]
    kept = [i for i in range(len(header)) if any(row[i][0] for row in body)]
    widths = {i: max(cells(header[i]), *(cells(row[i][0]) for row in body)) for i in kept}

    def line(row: Sequence[tuple[str, Tone]]) -> str:
        parts: list[str] = []
        left = width
        for i in kept:
            text, tone = row[i]
            gap = " " * (widths[i] - cells(text))
            padded = gap + text if i in right else text + ("" if i == kept[-1] else gap)
            if left is not None:
                room = left - (2 if parts else 0)
                if cells(padded.rstrip()) > room:
                    parts.append(paint(cut(padded, room), tone) if room > 0 else "")
                    break
                left = room - cells(padded)
            parts.append(padded.replace(text, paint(text, tone), 1) if text else padded)
        return "  ".join(parts).rstrip()

    return [line([(h, Tone.QUIET) for h in header]), *(line(row) for row in body)] if body else []


def _cell(value: str | tuple[str, Tone]) -> tuple[str, Tone]:
    text, tone = (value, Tone.PLAIN) if isinstance(value, str) else value
    return safe(text, limit=400, oneline=True), tone
