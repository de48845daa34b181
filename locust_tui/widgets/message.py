"""The worker's answer to what the person asked, over the lines above the footer, for a while."""

from __future__ import annotations

from typing import cast

from rich.cells import cell_len
from textual.strip import Strip
from textual.widget import Widget

from .row import BLANK, Row, shown
from .tones import Tone

SIGNS = {"done": "✓ ", "bad": "✗ ", "you": "◐ ", "dim": "⋯ "}


class Answer(Widget):
    """Up to three lines; nothing under it moves."""

    DEFAULT_CSS = "Answer { layer: above; dock: bottom; height: 1; width: 1fr; margin-bottom: 1; display: none; background: ansi_default; }"

    def __init__(self) -> None:
        super().__init__(id="answer")
        self.lines: list[Row] = []

    @property
    def words(self) -> str:
        return " ".join(row.text.strip() for row in self.lines)

    def say(self, words: str, tone: str, width: int) -> None:
        sign = SIGNS.get(tone, "")
        own = cast(Tone, "text" if tone == "dim" else tone)
        pieces = _wrapped(shown(words), max(10, width - 4), 3)
        self.lines = [
            Row(f" {sign}" if index == 0 else "   ", own).add(piece, own if tone == "bad" else "text")
            for index, piece in enumerate(pieces)
        ]
        self.styles.height = len(self.lines)
        self.display = True
        self.refresh()

    def hush(self) -> None:
        self.display = False

    def render_line(self, y: int) -> Strip:
        row = self.lines[y] if y < len(self.lines) else BLANK
        return row.strip(self.size.width)


def _wrapped(text: str, width: int, lines: int) -> list[str]:
    """`text` broken at blanks into at most `lines` lines; the rest is cut with …"""
    rows = [""]
    for word in text.split(" "):
        if rows[-1] and cell_len(rows[-1]) + 1 + cell_len(word) > width:
            rows.append(word)
        else:
            rows[-1] = f"{rows[-1]} {word}" if rows[-1] else word
    if len(rows) > lines:
        rows = [*rows[: lines - 1], f"{' '.join(rows[lines - 1 :])}"]
    return rows
