"""A row of eight-step bars: how a figure went, in as many characters as there is room for."""

from __future__ import annotations

from collections.abc import Sequence

BARS = "▁▂▃▄▅▆▇█"
ASCII_BARS = "_.:-=+*#"


def sparkline(values: Sequence[float | None], width: int, *, ascii_only: bool = False) -> str:
    """The last `width` values between their own least and greatest; equal values stand in the middle, zeros on the
    floor, gaps stay gaps."""
    bars = ASCII_BARS if ascii_only else BARS
    values = values[-width:] if width > 0 else ()
    known = [v for v in values if v is not None]
    if not known:
        return ""
    low, high = min(known), max(known)
    steps = len(bars) - 1

    def one(value: float | None) -> str:
        if value is None:
            return " "
        if high > low:
            return bars[round((value - low) / (high - low) * steps)]
        return bars[3 if value else 0]

    return "".join(one(v) for v in values)
