"""A report as headings, lists, tables and charts: built once, and drawn as Markdown, text, HTML or in the cockpit."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass

from .glyphs import Tone

Trend = tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a list; `more` stands under it."""

    label: str
    text: str
    more: tuple[str, ...] = ()
    tone: Tone = Tone.PLAIN
    parts: tuple[str, ...] = ()
    """What the text is put together of, where it is a list in one line."""


@dataclass(frozen=True, slots=True)
class Bullets:
    """ "- Phase: 1"; without a label "- text". Empty, it says None."""

    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Numbers:
    """ "1. Risk: mitigation (more)". Empty, it says None."""

    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """Text of a table; with `trend`, values of which the last is the latest, drawn as small bars or as a line."""

    text: str
    tone: Tone = Tone.PLAIN
    trend: Trend = ()


@dataclass(frozen=True, slots=True)
class Grid:
    """A table. `right`: columns of figures."""

    name: str
    """What it shows, for those who only hear it."""
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    right: frozenset[int] = frozenset()
    heard: bool = False
    """The heading over it says the same as its name, which is left to those who only hear it."""


@dataclass(frozen=True, slots=True)
class Words:
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture, where pictures can be drawn: "burn-up", "gantt"."""

    kind: str


Block = Bullets | Numbers | Grid | Words | Chart


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of that level, and what stands under it before the next heading."""

    level: int
    title: str
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    title: str
    sections: tuple[Section, ...]


def row(*cells: str | Cell) -> tuple[Cell, ...]:
    return tuple(Cell(cell) if isinstance(cell, str) else cell for cell in cells)


def shown_columns(grid: Grid) -> list[int]:
    """Those that are not empty in every row."""
    return [i for i in range(len(grid.header)) if any(r[i].text or r[i].trend for r in grid.rows)]
