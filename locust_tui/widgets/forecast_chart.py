"""The forecast drawn: how the simulated finishes lie, and how their spread moved from week to week."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from locust_tui.domain.studies.forecast import Standing
from locust_tui.domain.studies.forecast_study import Bins
from locust_tui.report.figures import week as week_words
from locust_tui.report.forecast_text import merge

from .row import Row
from .sparkline import BARS
from .tones import Tone

BAR, WIDEST = 2, 4
"""Cells that a bar takes where there are many, and at most."""


class Scale:
    """Plan weeks over cells: `first` is the left edge of cell 0."""

    def __init__(self, first: float, per_cell: float, cells: int) -> None:
        self.first, self.per_cell, self.cells = first, per_cell, cells

    def cell(self, week: float) -> int:
        """The cell that a week falls in, within the line; a week on an edge belongs to the cell that it ends."""
        place = math.ceil((week - self.first) / self.per_cell - 1e-6) - 1
        return max(0, min(self.cells - 1, place))

    def holds(self, week: float) -> bool:
        return self.first - 1e-6 <= week <= self.first + self.per_cell * self.cells + 1e-6


def histogram(
    bins: Bins, marks: Sequence[tuple[str, float]], window_end: float | None, width: int, height: int
) -> Iterator[Row]:
    """Bars, a line with a tick at each of `marks` (name, week), their names below, and where the window ends.

    What lies beyond the window's end is drawn in the colour of what needs a person, behind a line of its own.
    """
    merged = merge(bins, max(1, width // BAR))
    wide = max(1, min(WIDEST, width // len(merged.counts)))
    scale = Scale(merged.first, merged.width / wide, wide * len(merged.counts))
    most = max(merged.counts)
    heights = [math.ceil(count / most * height * len(BARS)) for count in merged.counts for _ in range(wide)]
    split = scale.cells
    if window_end is not None and window_end < scale.first + scale.per_cell * scale.cells:
        split = scale.cell(window_end) + 1 if window_end > scale.first else 0
    for line in reversed(range(height)):
        cells = [_bar(h - line * len(BARS)) for h in heights]
        row = Row("  ").add("".join(cells[:split]), "done")
        yield row.add("".join(cells[split:]), "you")
    ticks = ["─"] * scale.cells
    shown = [*marks, *([("window ends", window_end)] if window_end is not None else [])]
    for name, week in shown:
        if scale.holds(week):
            ticks[scale.cell(week)] = "┃" if name == "window ends" else "┴"
    yield Row("  ").add("".join(ticks), "dim")
    yield from _names(shown, scale, width)


def _bar(eighths: int) -> str:
    return " " if eighths <= 0 else BARS[min(len(BARS), eighths) - 1]


def _names(marks: Sequence[tuple[str, float]], scale: Scale, width: int) -> Iterator[Row]:
    """Each name under its tick, in as few lines as they fit in."""
    lines: list[list[tuple[int, str]]] = []
    together: dict[str, list[str]] = {}
    for name, week in sorted(marks, key=lambda mark: mark[1]):
        together.setdefault(week_words(week), []).append(name)
    weeks = {week_words(week): week for _, week in marks}
    for words, names in together.items():
        week, label = weeks[words], f"{' '.join(names)} {words}"
        if not scale.holds(week):
            label = f"← {label}" if week < scale.first else f"{label} →"
        at = max(0, min(scale.cell(week), width - len(label)))
        for line in lines:
            if line[-1][0] + len(line[-1][1]) + 1 < at:
                line.append((at, label))
                break
        else:
            lines.append([(at, label)])
    for line in lines:
        text = ""
        for at, label in line:
            text = text.ljust(at) + label
        yield Row("  ").add(text)


def fan(
    standings: Sequence[Standing], now: Standing, window_end: float | None, width: int, most: int
) -> Iterator[Row]:
    """A line a week: P50 to P85 heavy, on to P95 light, over one scale; the latest week last."""
    shown = [*standings[-most:], now]
    known = [w for s in shown for w in (s.p50_week, s.p95_week) if w is not None]
    if not known:
        return
    ends = [*known, *([window_end] if window_end is not None else [])]
    low, high = math.floor(min(ends)), math.ceil(max(ends))
    room = max(10, width - 27)
    scale = Scale(low, max(1, high - low) / room, room)
    yield Row("  ").column("", 8).column("P50", 6, "dim", align_right=True).column("P85", 7, "dim", align_right=True).add(
        f"   week {low}".ljust(room - 2) + f"week {high}".rjust(7), "dim"
    )  # fmt: skip
    for standing in shown:
        current = standing is now
        row = Row("  ").column(
            "now" if current else f"wk {standing.week:.0f}", 8, "strong" if current else "text"
        )
        if standing.p50_week is None or standing.p85_week is None or standing.p95_week is None:
            yield row.add(standing.reason, "dim")
            continue
        row.column(week_words(standing.p50_week), 6, align_right=True)
        row.column(week_words(standing.p85_week), 7, align_right=True).add("   ")
        late: Tone = "text"
        if window_end is not None:
            late = (
                "bad"
                if standing.p50_week > window_end
                else "you"
                if standing.p85_week > window_end
                else "done"
            )
        yield row.add(_span(standing.p50_week, standing.p85_week, standing.p95_week, window_end, scale), late)


def _span(p50: float, p85: float, p95: float, window_end: float | None, scale: Scale) -> str:
    cells = [" "] * scale.cells
    for at in range(scale.cell(p50), scale.cell(p95) + 1):
        cells[at] = "━" if at <= scale.cell(p85) else "─"
    if window_end is not None and scale.holds(window_end):
        cells[scale.cell(window_end)] = "┃"
    return "".join(cells).rstrip()
