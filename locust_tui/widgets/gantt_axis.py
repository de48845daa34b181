"""The axis of a timeline: how much time there is, and its weeks or moments as cells."""

from __future__ import annotations

import math

from locust_tui.domain.studies.timeline import Timeline
from locust_tui.report.timeline_text import date

from .gantt_cells import Cells, Scale

FINE, FINEST = 40.0, 1e7
"""Cells of a week: from which on times are told and not weeks; and the most."""
_STEPS = (1, 2, 4, 5, 10, 13, 26, 52, 104, 260, 520)


def extent(line: Timeline | None) -> tuple[float, float]:
    """First and last plan week that there is anything at."""
    if line is None:
        return 0.0, 1.0
    spans = [s for b in line.bars for s in (b.planned, b.actual, b.expected) if s is not None]
    ends = [s.end for s in spans]
    ends += [p for m in line.marks for p in (m.due, m.expected, m.reached) if p is not None]
    bands = [line.band, *(m.band for m in line.marks)]
    ends += [band.p85 for band in bands if band is not None]
    ends += [p for p in (line.end, line.planned_end, *(line.window or ())) if p is not None]
    first = min((s.start for s in spans), default=0.0)
    last = max(ends, default=1.0)
    return min(0.0, first) if not line.reason else first, max(last, first + 1.0 / FINEST)


def axis(line: Timeline, scale: Scale) -> Cells:
    """The weeks, each number at its begin; where a week is wider than that, times and dates."""
    cells = Cells(scale.width)
    if scale.per_week > FINE:
        _times(cells, line, scale)
        return cells
    step = next((s for s in _STEPS if s * scale.per_week >= 4), _STEPS[-1])
    first = math.floor(scale.left / step) * step
    for number in range(int(first), math.ceil(scale.right) + 1, step):
        current = line.now is not None and number <= line.now < number + step
        cells.word(scale.cell(number), str(number + 1), "strong" if current else "dim")
    return cells


def _times(cells: Cells, line: Timeline, scale: Scale) -> None:
    """A moment every dozen cells, where it is another than the one before."""
    before = ""
    for cell in range(0, scale.width, 14):
        at = scale.left + cell / scale.per_week
        label = date(line, at) or f"wk {at:.2f}"
        if label != before:
            cells.word(cell, label, "dim")
        before = label
