"""Bars of a timeline as cells of a line: which signs stand for what was planned, what happened and what is expected."""

from __future__ import annotations

import math
from collections.abc import Iterator

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.studies.timeline import Band, Bar, Mark, Span, Timeline

from .charset import drawn
from .row import Part
from .tones import Tone
from .words import WORKSTREAM

_ROUNDING = 1e-6
SIGNS = {
    "actual": ("█", "#"),
    "planned": ("░", ":"),
    "expected": ("─", "-"),
    "critical": ("━", "="),
    "tail": ("·", "."),
    "today": ("│", "|"),
    "due": ("◇", "o"),
    "ahead": ("◆", "@"),
    "reached": ("✓", "+"),
    "path": ("▶", ">"),
    "first": ("├", "["),
    "band": ("┄", "~"),
    "last": ("┤", "]"),
}
"""Name → sign, and the one where there is only ASCII; no two are alike in either set."""


def sign(name: str) -> str:
    """The sign of that name in the terminal's charset."""
    rich, plain = SIGNS[name]
    return plain if drawn("█") != "█" else rich


@dataclass(frozen=True, slots=True)
class Scale:
    """What part of time a line of `width` cells shows."""

    left: float
    """Plan week at its left edge."""
    per_week: float
    """Cells of a plan week."""
    width: int

    @property
    def right(self) -> float:
        return self.left + self.width / self.per_week

    def cell(self, week: float) -> int:
        """The cell in which a moment lies; outside 0 to width - 1 where it is out of sight."""
        return math.floor((week - self.left) * self.per_week + _ROUNDING)

    def cells(self, start: float, end: float) -> range:
        """Cells in sight of a span, at least one where any of it is."""
        first = self.cell(start)
        last = max(first, math.ceil((end - self.left) * self.per_week - _ROUNDING) - 1)
        return range(max(0, first), min(self.width, last + 1))


class Cells:
    """A line of cells; what is painted later lies over what was painted before."""

    def __init__(self, width: int) -> None:
        self._signs = [" "] * width
        self._tones: list[Tone] = ["dim"] * width

    def fill(self, cells: range, what: str, tone: Tone = "dim") -> None:
        for i in cells:
            self._signs[i], self._tones[i] = what, tone

    def put(self, cell: int, what: str, tone: Tone = "dim") -> None:
        if 0 <= cell < len(self._signs):
            self._signs[cell], self._tones[cell] = what, tone

    def word(self, cell: int, text: str, tone: Tone = "dim") -> bool:
        """Write `text` from `cell` on where all of it fits and nothing stands there."""
        place = range(cell, cell + len(text))
        if cell < 0 or place.stop > len(self._signs) or any(self._signs[i] != " " for i in place):
            return False
        for i, letter in zip(place, text, strict=True):
            self.put(i, letter, tone)
        return True

    def parts(self) -> Iterator[Part]:
        """Runs of equal tone."""
        begin = 0
        for i in range(1, len(self._signs) + 1):
            if i == len(self._signs) or self._tones[i] != self._tones[begin]:
                yield "".join(self._signs[begin:i]), self._tones[begin]
                begin = i


def bar_cells(bar: Bar, line: Timeline, scale: Scale) -> Cells:
    """Planned lies under what is expected, that under what happened; `[` and `]` tell where the plan begins and ends
    within them."""
    cells = Cells(scale.width)
    if bar.planned is not None:
        cells.fill(scale.cells(bar.planned.start, bar.planned.end), sign("planned"))
    today(cells, line, scale)
    over: list[Span] = []
    if bar.expected is not None and not bar.done:
        if bar.float_weeks:
            cells.fill(scale.cells(bar.expected.end, bar.expected.end + bar.float_weeks), sign("tail"))
        begin = bar.expected.start if bar.actual is None else max(bar.actual.end, line.now or 0.0)
        heavy = bar.critical or bar.driving
        if bar.expected.end > begin:
            ahead = scale.cells(begin, bar.expected.end)
            cells.fill(ahead, sign("critical" if heavy else "expected"), "strong" if heavy else "text")
        over.append(bar.expected)
    if bar.actual is not None:
        tone = WORKSTREAM[bar.state].tone
        cells.fill(scale.cells(bar.actual.start, bar.actual.end), sign("actual"), tone)
        over.append(bar.actual)
    _planned_edges(cells, bar.planned, over, scale)
    _out_of_sight(cells, [*over, *([bar.planned] if bar.planned is not None else [])], scale)
    return cells


def _out_of_sight(cells: Cells, spans: list[Span], scale: Scale) -> None:
    """An arrow at the edge behind which all of it lies."""
    if spans and all(scale.cell(span.start) >= scale.width for span in spans):
        cells.put(scale.width - 1, drawn("→"))
    elif spans and all(span.end <= scale.left for span in spans):
        cells.put(0, drawn("←"))


def _planned_edges(cells: Cells, planned: Span | None, over: list[Span], scale: Scale) -> None:
    if planned is None or not over:
        return
    shown = scale.cells(planned.start, planned.end)
    drawn_cells = [cell for span in over for cell in scale.cells(span.start, span.end)]
    if not shown or not drawn_cells:
        return
    if min(drawn_cells) < shown.start <= max(drawn_cells):
        cells.put(shown.start, "[", "text")
    if min(drawn_cells) <= shown.stop - 1 < max(drawn_cells):
        cells.put(shown.stop - 1, "]", "text")


def mark_cells(mark: Mark, line: Timeline, scale: Scale) -> Cells:
    """Due and expected as diamonds, with what a forecast says between its P50 and P85."""
    cells = Cells(scale.width)
    today(cells, line, scale)
    band_cells(cells, mark.band if mark.reached is None else None, scale)
    if mark.due is not None:
        cells.put(_ending(scale, mark.due), sign("due"), "text")
    if mark.reached is not None:
        cells.put(_ending(scale, mark.reached), sign("reached"), "you" if mark.on_time is False else "done")
    elif mark.expected is not None:
        late = mark.on_time is False or (mark.late_days or 0.0) > 0.05
        cells.put(_ending(scale, mark.expected), sign("ahead"), "you" if late else "text")
    return cells


def end_cells(line: Timeline, scale: Scale) -> Cells:
    """The end of the plan: where it is expected, its band, and the window it should lie in."""
    cells = Cells(scale.width)
    today(cells, line, scale)
    if line.window is not None:
        cells.fill(scale.cells(*line.window), sign("planned"))
    band_cells(cells, line.band, scale)
    if line.planned_end is not None:
        cells.put(_ending(scale, line.planned_end), sign("due"), "text")
    if line.end is not None:
        late = line.window is not None and line.end > line.window[1]
        cells.put(_ending(scale, line.end), sign("ahead"), "you" if late else "strong")
    return cells


def band_cells(cells: Cells, band: Band | None, scale: Scale) -> None:
    if band is None:
        return
    first, last = _ending(scale, band.p50), _ending(scale, band.p85)
    cells.fill(range(max(0, first), min(scale.width, last + 1)), sign("band"), "text")
    cells.put(first, sign("first"), "text")
    if last > first:
        cells.put(last, sign("last"), "text")


def today(cells: Cells, line: Timeline, scale: Scale) -> None:
    if line.now is not None:
        cells.put(scale.cell(line.now), sign("today"), "run")


def _ending(scale: Scale, week: float) -> int:
    """The cell of a moment at which something ends: the last one of a week, not the first of the next."""
    return math.ceil((week - scale.left) * scale.per_week - _ROUNDING) - 1
