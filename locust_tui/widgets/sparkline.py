"""Rows of eight-step bars in one colour, in the characters that this terminal has."""

from __future__ import annotations

from collections.abc import Sequence

from ..report import trend
from ..report.trend import BARS
from .charset import drawn

__all__ = ["BARS", "chart", "sparkline"]


def sparkline(values: Sequence[float | None], width: int) -> str:
    """As the reports' sparkline."""
    return drawn(trend.sparkline(values, width))


def chart(values: Sequence[float | None], width: int, height: int) -> list[str]:
    """The last `width` values as bars of up to `height` lines, the highest line first.

    They stand between their own least and greatest, the least one step high; equal values stand in the middle,
    zeros on the floor, gaps stay gaps.
    """
    values = values[-width:] if width > 0 else ()
    known = [v for v in values if v is not None]
    if not known:
        return [""] * height
    low, high = min(known), max(known)
    steps = len(BARS) * height

    def eighths(value: float | None) -> int:
        if value is None:
            return 0
        if high > low:
            return 1 + round((value - low) / (high - low) * (steps - 1))
        return steps // 2 if value else 1

    heights = [eighths(v) for v in values]
    lines = []
    for line in reversed(range(height)):
        floor = line * len(BARS)
        cells = (min(len(BARS), h - floor) for h in heights)
        lines.append(drawn("".join(BARS[c - 1] if c > 0 else " " for c in cells)))
    return lines
