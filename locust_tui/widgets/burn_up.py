"""The burn-up as a chart of characters: earned value as a filled hill, planned value as a line over it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from locust_tui.domain.studies.figures import Curve
from locust_tui.report.figures import week as week_words

from .row import Row
from .sparkline import BARS
from .tones import Tone

AXIS = 6
"""Cells for the numbers at the left."""
LONGEST = 1.5
"""Of the planned time, that a forecast is drawn for at most."""
PLANNED, FORECAST, NOW = "─", "×", "┴"


def burn_up(curve: Curve, width: int, height: int) -> Iterator[Row]:
    """`height` lines of chart, the axis, and what the signs mean; nothing where the curve has no points."""
    if not curve.points:
        return
    cells = max(10, width - AXIS - 1)
    end = max(curve.points[-1].week, min(_finish(curve), LONGEST * curve.points[-1].week)) or 1.0
    weeks = [end * c / (cells - 1) for c in range(cells)]
    top = max(max(p.bac, p.pv) for p in curve.points) or 1.0
    planned = [_at([(p.week, p.pv) for p in curve.points], w) for w in weeks]
    known = [(p.week, p.ev) for p in curve.points if p.ev is not None]
    earned = [
        _at(known, w) if len(known) > 1 and known[0][0] <= w <= known[-1][0] + 1e-9 else None for w in weeks
    ]
    ahead = [
        _at(curve.forecast, w)
        if curve.forecast and curve.forecast[0][0] < w <= curve.forecast[-1][0]
        else None
        for w in weeks
    ]
    for line in reversed(range(height)):
        label = f"{top:.4g}" if line == height - 1 else ("0" if line == 0 else "")
        row = Row().column(label, AXIS - 1, "dim", align_right=True).add(" ")
        for text, tone in _cells(planned, earned, ahead, top / height, line):
            row.add(text, tone)
        yield row
    yield _axis(curve, end, cells)
    yield _labels(curve, end, cells)


def legend() -> Row:
    row = (
        Row("  ").add(BARS[-1], "run").add(" earned  ", "dim").add(PLANNED, "strong").add(" planned  ", "dim")
    )
    return row.add(FORECAST, "dim").add(" at this rate", "dim")


def _finish(curve: Curve) -> float:
    return curve.forecast[-1][0] if curve.forecast else 0.0


def _at(points: Sequence[tuple[float, float]], week: float) -> float:
    """Between two points on the straight line; before and behind them as the nearest."""
    before = points[0]
    for point in points:
        if point[0] >= week:
            run = point[0] - before[0]
            return point[1] if run <= 0 else before[1] + (point[1] - before[1]) * (week - before[0]) / run
        before = point
    return before[1]


def _cells(
    planned: Sequence[float],
    earned: Sequence[float | None],
    ahead: Sequence[float | None],
    per_line: float,
    line: int,
) -> Iterator[tuple[str, Tone]]:
    """One line's cells, neighbours of one tone together."""
    text, tone = "", "text"  # type: tuple[str, Tone]
    for plan, done, later in zip(planned, earned, ahead, strict=True):
        sign, colour = _cell(plan, done, later, per_line, line)
        if colour != tone and text:
            yield text, tone
            text = ""
        text, tone = text + sign, colour
    yield text, tone


def _cell(
    planned: float, earned: float | None, ahead: float | None, per_line: float, line: int
) -> tuple[str, Tone]:
    if _line_of(planned, per_line) == line:
        return PLANNED, "strong"
    if ahead is not None and _line_of(ahead, per_line) == line:
        return FORECAST, "dim"
    if earned is not None:
        eighths = round((earned / per_line - line) * len(BARS))
        if eighths > 0:
            return BARS[min(eighths, len(BARS)) - 1], "run"
    return " ", "text"


def _line_of(value: float, per_line: float) -> int:
    """The line that a value's mark stands in; nothing stands in the lowest."""
    return max(0, -(-round(value / per_line * 1000) // 1000) - 1)


def _axis(curve: Curve, end: float, cells: int) -> Row:
    ticks = [PLANNED] * cells
    for change in curve.changes:
        ticks[_place(change.week, end, cells)] = "┬"
    if curve.now_week is not None:
        ticks[_place(curve.now_week, end, cells)] = NOW
    return Row(" " * AXIS).add("".join(ticks), "dim")


def _labels(curve: Curve, end: float, cells: int) -> Row:
    """The weeks under the axis: now first, the ends and the forecast where they leave each other room."""
    wanted = [] if curve.now_week is None else [(curve.now_week, f"now {week_words(curve.now_week)}")]
    wanted += [(0.0, "wk 0"), (curve.points[-1].week, f"wk {week_words(curve.points[-1].week)}")]
    if curve.forecast:
        wanted.append((curve.forecast[-1][0], f"{week_words(curve.forecast[-1][0])} at this rate"))
    line = [" "] * cells
    for week, text in wanted:
        begin = max(0, min(cells - len(text), _place(week, end, cells) - len(text) // 2))
        around = line[max(0, begin - 1) : begin + len(text) + 1]
        if all(c == " " for c in around):
            line[begin : begin + len(text)] = text
    return Row(" " * AXIS).add("".join(line), "dim")


def _place(week: float, end: float, cells: int) -> int:
    return max(0, min(cells - 1, round(week / end * (cells - 1))))
