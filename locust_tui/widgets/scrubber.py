"""The time axis of a whole record: how much happened when, what stands out, where one stands and what is marked."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence

from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from locust_tui.domain.studies.moments import Mark, MarkKind, Moment, TimeAxis
from locust_tui.report.local_time import DAY, DAY_SECOND, local

from .painted import Painted
from .row import BLANK, Row
from .sparkline import BARS
from .tones import STYLES, Tone

LOOKS: dict[MarkKind, tuple[str, Tone]] = {
    MarkKind.DEATH: ("⚠", "bad"),
    MarkKind.GAP: ("?", "bad"),
    MarkKind.GATE: ("◆", "strong"),
    MarkKind.FAILED: ("✗", "bad"),
    MarkKind.PLAN: ("§", "strong"),
    MarkKind.ACCEPTED: ("✓", "done"),
    MarkKind.START: ("●", "run"),
    MarkKind.WORKER: ("·", "dim"),
}
_RANK = list(MarkKind)
_HERE = Style(reverse=True, bold=True)
_MARKED = Style(underline=True, bold=True)
MARGIN = 1
SHORT_S = 600.0
"""The ends of a record that is shorter are told to the second."""


class Scrubber(Painted):
    """Lines: a title, density, marks, a ruler, and what happened last; with four lines or less, marks lie over the density."""

    DEFAULT_CSS = "Scrubber { height: 7; width: 1fr; }"

    class Chosen(Message):
        """The person clicked on a moment of the axis."""

        def __init__(self, at: float) -> None:
            super().__init__()
            self.at = at

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._axis: TimeAxis | None = None
        self._at: Moment | None = None
        self._marked: Moment | None = None
        self._title, self._told = BLANK, ()  # type: Row, Sequence[Row]
        self._bars: tuple[int, str, list[Mark | None]] = (0, "", [])
        """Width, density and marks of the axis, which only change with them."""

    def show(
        self, axis: TimeAxis | None, at: Moment, marked: Moment | None, title: Row, told: Sequence[Row]
    ) -> None:
        """`told`: what happened last, the latest first."""
        if axis is not self._axis:
            self._bars = (0, "", [])
        self._axis, self._at, self._marked, self._title, self._told = axis, at, marked, title, told
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width, height = self.size
        if self._axis is None or self._at is None or width < 10:
            row = self._title if y == 0 else BLANK
            return row.strip(width)
        if y == 0:
            return _ruled(self._title, width)
        if y == 1:
            return self._line(width, over=height <= 4)
        if height > 4 and y == 2:
            return self._mark_line(width)
        ruler = 3 if height > 4 else 2
        if y == ruler:
            return ruler_row(self._axis, width - 2 * MARGIN).strip(width)
        at = y - ruler - 1
        return (self._told[at] if at < len(self._told) else BLANK).strip(width)

    def on_click(self, event: events.Click) -> None:
        event.stop()
        ruler = 3 if self.size.height > 4 else 2
        room = self.size.width - 2 * MARGIN
        if self._axis is not None and 1 <= event.y <= ruler and room > 1:
            part = min(1.0, max(0.0, (event.x - MARGIN) / (room - 1)))
            span = self._axis.last.at - self._axis.first.at
            self.post_message(self.Chosen(self._axis.first.at + part * span))

    def _cells(self, width: int) -> tuple[str, list[Mark | None]]:
        room = width - 2 * MARGIN
        if self._bars[0] != room and self._axis is not None:
            self._bars = (room, density(self._axis, room), marks_in(self._axis, room))
        return self._bars[1], self._bars[2]

    def _line(self, width: int, *, over: bool) -> Strip:
        bars, marks = self._cells(width)
        here, marked = self._columns(width)
        row = Row(" " * MARGIN)
        for column, bar in enumerate(bars):
            mark = marks[column] if over else None
            text, style = (LOOKS[mark.kind][0], STYLES[LOOKS[mark.kind][1]]) if mark else (bar, STYLES["dim"])
            if column == here:
                style = _HERE
            elif column == marked:
                style = _MARKED
            row.add(text, style)
        return row.strip(width)

    def _mark_line(self, width: int) -> Strip:
        _, marks = self._cells(width)
        here, marked = self._columns(width)
        row = Row(" " * MARGIN)
        for column, mark in enumerate(marks):
            text, style = " ", STYLES["text"]
            if mark is not None:
                text, style = LOOKS[mark.kind][0], STYLES[LOOKS[mark.kind][1]]
            if column == here:
                style += Style(reverse=True)
            elif column == marked and mark is None:
                text = "▲"
            row.add(text, style)
        return row.strip(width)

    def _columns(self, width: int) -> tuple[int, int]:
        room = width - 2 * MARGIN
        if self._axis is None or self._at is None:
            return -1, -1
        marked = column_of(self._axis, self._marked.at, room) if self._marked is not None else -1
        return column_of(self._axis, self._at.at, room), marked


def column_of(axis: TimeAxis, at: float, width: int) -> int:
    """The cell of a moment on an axis of `width` cells."""
    span = axis.last.at - axis.first.at
    if span <= 0:
        return 0
    return max(0, min(width - 1, math.floor((at - axis.first.at) / span * (width - 1) + 0.5)))


def density(axis: TimeAxis, width: int) -> str:
    """How much happened in each cell, as bars: the logarithm of the number of events; a blank where nothing did."""
    span, cells = axis.last.at - axis.first.at, max(1, width - 1)
    ends = [bisect_left(axis.stamps, axis.first.at + (c + 0.5) / cells * span) for c in range(width - 1)]
    ends = [*ends, len(axis.stamps)] if span > 0 else [len(axis.stamps)] * width
    counts = [end - begin for begin, end in zip([0, *ends], ends, strict=False)]
    most = math.log1p(max(counts, default=0))
    if not most:
        return " " * width
    return "".join(" " if not n else BARS[round(math.log1p(n) / most * (len(BARS) - 1))] for n in counts)


def marks_in(axis: TimeAxis, width: int) -> list[Mark | None]:
    """What stands in each cell: of several the most important."""
    found: list[Mark | None] = [None] * width
    for mark in axis.marks:
        column = column_of(axis, mark.at, width)
        held = found[column]
        if held is None or _RANK.index(mark.kind) < _RANK.index(held.kind):
            found[column] = mark
    return found


def ruler_row(axis: TimeAxis, width: int) -> Row:
    """Where the plan's weeks begin, or days where there are none, as many as there is room for."""
    cells = [" "] * width
    ticks = _weeks(axis) if axis.start is not None else []
    if len(ticks) < 2:
        seconds = axis.last.at - axis.first.at < SHORT_S
        ticks = [(moment.at, _clock(moment.at, seconds=seconds)) for moment in (axis.first, axis.last)]
    free = 0
    for moment, word in ticks:
        column = column_of(axis, moment, width)
        column = min(column, width - len(word))
        if column >= free:
            cells[column : column + len(word)] = word
            free = column + len(word) + 1
    return Row(" " * MARGIN).add("".join(cells), "dim")


def _weeks(axis: TimeAxis) -> list[tuple[float, str]]:
    if axis.start is None or axis.week_s <= 0:
        return []
    first = max(0, math.floor((axis.first.at - axis.start) / axis.week_s))
    last = math.floor((axis.last.at - axis.start) / axis.week_s)
    step = max(1, (last - first) // 60)
    return [
        (max(axis.first.at, axis.start + k * axis.week_s), f"wk{k + 1}") for k in range(first, last + 1, step)
    ]


def _clock(at: float, *, seconds: bool) -> str:
    return local(at, DAY_SECOND if seconds else DAY)


def _ruled(title: Row, width: int) -> Strip:
    from .frame import RULED, top

    return top(RULED, title, "", width, focused=False)
