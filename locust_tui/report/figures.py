"""Figures in words: percentages, plan weeks, ages, moments. What is unknown is a dash, never a zero."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

UNKNOWN = "—"


def iso(at: float | None) -> str | None:
    """A moment (seconds since the epoch) as UTC ISO 8601 in whole seconds; None stays None."""
    if at is None:
        return None
    return datetime.fromtimestamp(math.floor(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_ms(at: float) -> str:
    """A moment as UTC ISO 8601 in milliseconds, cut and not rounded: it never names a later moment."""
    whole = math.floor(at)
    moment = datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{moment}.{math.floor((at - whole) * 1000):03d}Z"


def moment(at: float) -> str:
    """ "5 Dec 2025, 17:00 UTC"."""
    try:
        return f"{datetime.fromtimestamp(math.floor(at), UTC):%-d %b %Y, %H:%M} UTC"
    except (OverflowError, ValueError, OSError):
        return UNKNOWN  # no calendar holds it


def known(key: str, value: Any, reason: str) -> dict[str, Any]:
    """For JSON: `key` with its value, or null with the reason beside it under `key_reason`."""
    return {key: None, f"{key}_reason": reason} if value is None else {key: value}


def percent(points: float | None) -> str:
    """Points rounded down: 99.9 is not yet 100."""
    return UNKNOWN if points is None else f"{math.floor(points + 1e-9)}%"


def week(value: float | None) -> str:
    """A plan week with at most one decimal."""
    return UNKNOWN if value is None else f"{value:.1f}".removesuffix(".0")


def number(value: float | None, unit: str | None = None) -> str:
    """Up to four significant digits, with its unit."""
    if value is None:
        return UNKNOWN
    text = f"{value:.4g}" if abs(value) < 10_000 else f"{value:.0f}"
    return f"{text} {unit}" if unit else text


def rounded(value: float | None, unit: str | None = None) -> str:
    """For a table that people read: two decimals, more only where they are all there is."""
    if value is None or abs(value) < 0.1:
        return number(value, unit)
    return number(round(value, 2), unit)


_STEPS = (("d", 86_400), ("h", 3_600), ("m", 60))


def age(seconds: float | None) -> str:
    """A stretch of time in its largest whole unit: 12s, 3m, 2h, 5d."""
    if seconds is None:
        return UNKNOWN
    for unit, size in _STEPS:
        if seconds >= size:
            return f"{math.floor(seconds / size)}{unit}"
    return f"{max(0, math.floor(seconds))}s"


def count(n: int, noun: str, plural: str | None = None) -> str:
    """ "1 gate", "3 gates"."""
    return f"{n} {noun if n == 1 else plural or noun + 's'}"


def dollars(value: float | None) -> str:
    """ "$12.40"; what is less than a cent and not nothing is "<$0.01"."""
    if value is None:
        return UNKNOWN
    return "<$0.01" if 0 < value < 0.005 else f"${value:,.2f}"


def amount(count: float | None) -> str:
    """A count in at most five characters: 950, 81k, 1.4M."""
    if count is None:
        return UNKNOWN
    if count < 1_000:
        return f"{count:.0f}"
    if count < 999_500:
        return f"{count / 1_000:.0f}k"
    return f"{count / 1e6:.1f}M" if count < 9.95e6 else f"{count / 1e6:.0f}M"


def until(at: float, now: float | None = None) -> str:
    """A moment to come as the clock says it, UTC: "14:20", with its day where that is not within twenty hours."""
    far = now is None or at - now > 72_000
    try:
        return datetime.fromtimestamp(at, UTC).strftime("%d %b %H:%M" if far else "%H:%M")
    except (OverflowError, ValueError, OSError):
        return UNKNOWN  # no calendar holds it
