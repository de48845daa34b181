"""The timeline as a chart: a row for every workstream, gate and milestone, and the end of the plan."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from locust_tui.domain.studies.timeline import Bar, Mark, Timeline
from locust_tui.report.timeline_text import late_days, mark_word, week

from .gantt_axis import FINE, FINEST, axis, extent
from .gantt_cells import Scale, bar_cells, end_cells, mark_cells, sign
from .pane import Pane
from .row import Row
from .tones import Tone
from .words import GATE, WORKSTREAM

LABELS, MOST_LABELS = 18, 38
"""Least and most cells for names."""
WORDS = 9
"""Cells right of the chart."""


class GanttRow(NamedTuple):
    """One of bar and mark, or neither: a heading, or the end of the plan where `key` is "end"."""

    key: str
    name: str
    bar: Bar | None = None
    mark: Mark | None = None
    words: str = ""
    """Right of a heading."""


class Gantt(Pane[GanttRow]):
    """`show` gives it the timeline and its rows; what part of time is in sight is the scale's business."""

    about = "Time goes to the right; + and - zoom, ← and → move, 0 shows everything."

    def __init__(self, *, id: str = "gantt") -> None:
        super().__init__(id=id)
        self.line: Timeline | None = None
        self.per_week: float | None = None
        """Cells of a plan week; None: as many as show everything."""
        self.left: float | None = None
        """Plan week at the left edge; None: the first there is anything at."""
        self._corner = ""
        self._empty: Sequence[Row] = ()
        self._extent = extent(None)

    def show(
        self, line: Timeline | None, rows: Sequence[GanttRow], corner: str, empty: Sequence[Row]
    ) -> None:
        """`corner` stands over the names, `empty` where there are no rows."""
        changed = line is not self.line or corner != self._corner
        self.line, self._corner, self._empty = line, corner, empty
        if changed:
            self._extent = extent(line)
            self._built.clear()
            self._before.clear()
        self.show_items(rows)
        if self.current is not None and not self.selectable(self.current):
            self.cursor = next((i for i, row in enumerate(rows) if row.key), self.cursor)
            self.repaint()

    # what part of time

    @property
    def labels(self) -> int:
        return min(MOST_LABELS, max(LABELS, self.inner_width * 3 // 10))

    @property
    def room_for_time(self) -> int:
        return max(8, self.inner_width - self.labels - WORDS - 2)

    @property
    def scale(self) -> Scale:
        first, last = self._extent
        per_week = self.per_week or self.fitting
        left = first if self.left is None else self.left
        return Scale(max(min(left, last), first), per_week, self.room_for_time)

    @property
    def fitting(self) -> float:
        """Cells of a plan week that show everything, in quarters where a week has any."""
        first, last = self._extent
        found = self.room_for_time / max(last - first, 1.0 / FINEST)
        return math.floor(4 * found) / 4 if 1 <= found < 1000 else found

    def zoom(self, factor: float) -> None:
        """More or less time in the same room, about the moment of now or the middle of what is in sight."""
        scale, line = self.scale, self.line
        middle = (scale.left + scale.right) / 2
        if line is not None and line.now is not None and scale.left < line.now < scale.right:
            middle = line.now
        share = (middle - scale.left) / (scale.right - scale.left)
        per_week = min(FINEST, max(self.fitting, scale.per_week * factor))
        self.per_week = None if per_week <= self.fitting else per_week
        self.left = None if self.per_week is None else middle - share * self.room_for_time / per_week
        self.redraw_time()

    def pan(self, share: float) -> None:
        """Move by a share of what is in sight, as far as there is anything."""
        scale = self.scale
        first, last = self._extent
        most = max(first, last - scale.width / scale.per_week)
        self.left = min(max(first, scale.left + share * (scale.right - scale.left)), most)
        self.redraw_time()

    def show_all(self) -> None:
        self.per_week = self.left = None
        self.redraw_time()

    def show_now(self) -> None:
        """Now in the middle."""
        if self.line is not None and self.line.now is not None:
            scale = self.scale
            self.left = self.line.now - (scale.right - scale.left) / 2
            self.redraw_time()

    def redraw_time(self) -> None:
        self._built.clear()
        self._before.clear()
        self.redraw()

    def resized(self) -> None:
        self._built.clear()
        self._before.clear()
        super().resized()

    # drawing

    def key(self, item: GanttRow) -> str:
        return item.key

    def selectable(self, item: GanttRow) -> bool:
        return bool(item.key)

    def facts(self, item: GanttRow) -> object:
        line = self.line
        return item, self.scale, None if line is None else (line.now, line.end, line.band)

    def empty(self) -> Sequence[Row]:
        return self._empty

    def title(self) -> Row:
        row = Row().column(self._corner, self.labels - 3, "dim").add(" ")
        if self.line is not None and self.items:
            row.add("   " if self.scale.per_week > FINE else "wk ", "dim")
            row.left += list(axis(self.line, self.scale).parts())
        return row

    def hint(self) -> str:
        return ""

    @property
    def place(self) -> str:
        """What part of the rows is in view; "" when all are."""
        return super().hint()

    def rows(self, item: GanttRow, width: int) -> Sequence[Row]:
        line, scale = self.line, self.scale
        if line is None:
            return (Row(item.name),)
        if item.bar is not None:
            row = self._label(item.bar)
            row.left += list(bar_cells(item.bar, line, scale).parts())
            tone: Tone = "strong" if item.bar.critical else "dim"
            return (row.add(" ").column(mark_word(item.bar), WORDS, tone),)
        if item.mark is not None:
            return (self._mark(item.mark, line, scale),)
        if item.key:
            row = Row("  ").column(item.name, self.labels - 2, "strong").add(" ")
            row.left += list(end_cells(line, scale).parts())
            return (row.add(" ").column(f"wk {week(line.end)}", WORDS, "strong"),)
        return (Row(item.name, "strong").end(item.words, "dim"),)

    def _label(self, bar: Bar) -> Row:
        look = WORKSTREAM[bar.state]
        row = Row(sign("path") if bar.driving and not bar.done else " ", "strong").add(
            f"{look.glyph} ", look.tone
        )
        name = bar.id if bar.name == bar.id else f"{bar.id} {bar.name}"
        return row.column(name, self.labels - 3, "strong" if bar.critical else "text").add(" ")

    def _mark(self, mark: Mark, line: Timeline, scale: Scale) -> Row:
        look = GATE[mark.state] if mark.state is not None else None
        row = Row(" ")
        if look is not None:
            row.add(f"{look.glyph} ", look.tone)
        else:
            reached = mark.reached is not None
            row.add("✓ " if reached else "○ ", "done" if reached else "wait")
        row.column(f"{mark.kind} {mark.id if mark.state is not None else mark.name}", self.labels - 3).add(
            " "
        )
        row.left += list(mark_cells(mark, line, scale).parts())
        return row.add(" ").column(_lateness(mark), WORDS, "you" if _is_late(mark) else "dim")


def _is_late(mark: Mark) -> bool:
    return mark.on_time is False or (mark.late_days or 0.0) > 0.05


def _lateness(mark: Mark) -> str:
    """ "late 2 d", "on time", "due 6"."""
    late = late_days(mark)
    if late is None:
        return "overdue" if mark.on_time is False else ("" if mark.due is None else f"due {week(mark.due)}")
    if _is_late(mark):
        decimals = 0 if late >= 10 else 1
        return f"late {late:.{decimals}f}".removesuffix(".0") + "d"
    return "on time"
