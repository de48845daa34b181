"""Aligned columns of text for a terminal or a file, with every cell made safe to print."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence

from ..safe_text import safe
from .glyphs import Tone

Paint = Callable[[str, Tone], str]
"""Colours a piece of finished text; `plain` leaves it alone."""


_LEAST = 10
"""Columns that one which yields to the others keeps."""


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


def fold(line: str, width: int | None, hang: int) -> list[str]:
    """A line of words in lines of at most `width` columns, all but the first indented by `hang`."""
    if width is None or cells(line) <= width or width < hang + 20:
        return [line]
    found: list[str] = []
    for word in line.lstrip().split(" "):
        if found and cells(found[-1]) + 1 + cells(word) <= width:
            found[-1] += f" {word}"
        else:
            found.append(" " * (hang if found else len(line) - len(line.lstrip())) + word)
    return found


def table(
    header: Sequence[str],
    rows: Sequence[Sequence[str | tuple[str, Tone]]],
    *,
    right: frozenset[int] = frozenset(),
    paint: Paint = plain,
    width: int | None = None,
    yields: int | None = None,
) -> list[str]:
    """Lines of a table, header first. `right` names the columns that align right; the last is not padded.

    A cell is its text, or (text, tone). Columns that are empty in every row are left out. Lines longer than
    `width` columns of a terminal are cut, with a mark at the cut; the column `yields` gives up what it can first.
    """
    body = [[_cell(c) for c in row] for row in rows]
    kept = [i for i in range(len(header)) if any(row[i][0] for row in body)]
    widths = {i: max(cells(header[i]), *(cells(row[i][0]) for row in body)) for i in kept}
    if width is not None and yields in widths:
        over = sum(widths.values()) + 2 * (len(kept) - 1) - width
        widths[yields] = max(min(widths[yields], _LEAST), widths[yields] - max(0, over))
        body = [
            [(cut(t, widths[i]), tone) if i == yields else (t, tone) for i, (t, tone) in enumerate(row)]
            for row in body
        ]

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
