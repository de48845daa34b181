"""A row of eight-step bars in one colour; gaps stay gaps."""

from __future__ import annotations

from collections.abc import Sequence

from .charset import drawn

BARS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float | None], width: int) -> str:
    """The last `width` values between their own least and greatest; equal values stand in the middle, zeros on the floor."""
    values = values[-width:] if width > 0 else ()
    known = [v for v in values if v is not None]
    if not known:
        return ""
    low, high = min(known), max(known)
    steps = len(BARS) - 1

    def one(value: float | None) -> str:
        if value is None:
            return " "
        if high > low:
            return BARS[round((value - low) / (high - low) * steps)]
        return BARS[3 if value else 0]

    return drawn("".join(one(v) for v in values))
