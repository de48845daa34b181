"""One line of a pane: runs of text with a tone, fitted into a width. All text passes the safe door here."""

from __future__ import annotations

from functools import lru_cache

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from locust_tui.safe_text import safe

from .charset import drawn, forgetting
from .tones import STYLES, Tone

Part = tuple[str, Tone | Style]


@lru_cache(4096)
def shown(text: str) -> str:
    """`text` made harmless, on one line, in the terminal's charset."""
    return drawn(safe(text, limit=4096, oneline=True))


forgetting.append(shown.cache_clear)


def crop(text: str, width: int) -> str:
    """Already harmless `text` in at most `width` cells, ending in … when something was cut."""
    if width <= 0:
        return ""
    if (len(text) if text.isascii() else cell_len(text)) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + drawn("…")


class Row:
    """Left parts that give way, and right parts that stay.

    `Row("● ", "run").add("WS-05", "text").end("60 %", "dim")`; two rows are equal when they draw the same.
    """

    __slots__ = ("left", "right")

    def __init__(self, text: str = "", tone: Tone | Style = "text") -> None:
        self.left: list[Part] = [(shown(text), tone)] if text else []
        self.right: list[Part] = []

    def add(self, text: str, tone: Tone | Style = "text") -> Row:
        self.left.append((shown(text), tone))
        return self

    def end(self, text: str, tone: Tone | Style = "text") -> Row:
        self.right.append((shown(text), tone))
        return self

    def column(self, text: str, width: int, tone: Tone | Style = "text", *, align_right: bool = False) -> Row:
        """A cell of exactly `width` cells, cut with … where needed."""
        text = crop(shown(text), width)
        gap = " " * (width - cell_len(text))
        self.left.append((gap + text if align_right else text + gap, tone))
        return self

    def ending_at(self, width: int) -> Row:
        """The same row with its right parts ending at `width` cells, however wide the line is."""
        self.left, self.right = self.fit(width), []
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Row) and self.left == other.left and self.right == other.right

    __hash__ = None  # type: ignore[assignment]

    @property
    def text(self) -> str:
        return "".join(t for t, _ in self.left) + "".join(t for t, _ in self.right)

    def fit(self, width: int) -> list[Part]:
        """The parts cut and padded to exactly `width` cells."""
        right = self.right
        right_width = sum(cell_len(t) for t, _ in right)
        if right_width > width:
            right, right_width = [(crop("".join(t for t, _ in right), width), right[0][1])], 0
            right_width = cell_len(right[0][0])
        room = width - right_width - (1 if right and self.left and right_width < width else 0)
        parts: list[Part] = []
        for index, (text, tone) in enumerate(self.left):
            if room <= 0:
                break
            size = len(text) if text.isascii() else cell_len(text)
            if size > room or (size == room and any(t for t, _ in self.left[index + 1 :])):
                text = crop(text, room) if size > room else crop(text + "  ", room)
                size = cell_len(text)
                parts.append((text, tone))
                room -= size
                break
            parts.append((text, tone))
            room -= size
        gap = width - right_width - sum(cell_len(t) for t, _ in parts)
        if gap > 0:
            parts.append((" " * gap, "text"))
        return parts + right

    def segments(self, width: int, over: Tone | None = None) -> list[Segment]:
        """Segments of exactly `width` cells; `over` paints the whole line in one tone instead."""
        if over == "cursor":
            return [Segment("".join(t for t, _ in self.fit(width)), STYLES["cursor"])]
        return [
            Segment(text, STYLES[tone] if isinstance(tone, str) else tone)
            for text, tone in self.fit(width)
            if text
        ]

    def strip(self, width: int) -> Strip:
        return Strip(self.segments(width), width)


BLANK = Row()
