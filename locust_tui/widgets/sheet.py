"""A list of ready-made rows to read or to choose from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len

from .pane import Pane
from .row import BLANK, Row, shown
from .tones import Tone


class SheetLine(NamedTuple):
    """A row; with a `key` it can be chosen."""

    row: Row
    key: str = ""


class Sheet(Pane[SheetLine]):
    """`put` gives it its title and lines."""

    def __init__(self, *, id: str | None = None, about: str = "") -> None:
        super().__init__(id=id)
        self.about = about
        self._title = BLANK
        self._empty: Sequence[Row] = ()

    def put(self, title: Row, lines: Iterable[SheetLine], *, empty: Sequence[Row] = ()) -> None:
        self._title, self._empty = title, empty
        at_top = self.top == 0
        self.show_items(list(lines))
        if at_top and self.top:  # what comes in above the cursor pushes no line off the top
            self.top = 0
            self.repaint()
        current = self.current
        if current is not None and not current.key:
            first = next((i for i, line in enumerate(self.items) if line.key), None)
            if first is not None:
                self.cursor = first
                self.repaint()

    @property
    def chosen(self) -> str:
        """Key of the line under the cursor, "" when there is none."""
        return self.current.key if self.current is not None else ""

    def key(self, item: SheetLine) -> str:
        return item.key

    def selectable(self, item: SheetLine) -> bool:
        return bool(item.key)

    def title(self) -> Row:
        return self._title

    def empty(self) -> Sequence[Row]:
        return self._empty

    def rows(self, item: SheetLine, width: int) -> Sequence[Row]:
        return (item.row,)


def heading(words: str) -> Iterator[SheetLine]:
    yield SheetLine(BLANK)
    yield SheetLine(Row(words, "strong"))


def fact(name: str, value: str, tone: Tone = "text", *, wide: int = 14) -> SheetLine:
    return SheetLine(Row("  ").column(name, wide, "dim").add(value, tone))


def paragraph(text: str, width: int, tone: Tone = "text", *, indent: str = "  ") -> Iterator[SheetLine]:
    """`text` broken at blanks, every line of it kept."""
    room = max(10, width - len(indent))
    for line in text.splitlines():
        row = ""
        for word in shown(line).split(" "):
            if row and cell_len(row) + 1 + cell_len(word) > room:
                yield SheetLine(Row(indent).add(row, tone))
                row = word
            else:
                row = f"{row} {word}" if row else word
            while cell_len(row) > room:
                yield SheetLine(Row(indent).add(row[:room], tone))
                row = row[room:]
        yield SheetLine(Row(indent).add(row, tone))
