"""The calendar of a plan: which plan week a moment is in. Clocks are passed in, never read here."""

from __future__ import annotations

import math
from collections.abc import Callable

from .plan import WEEK_S, Calendar

Clock = Callable[[], float]
"""Seconds since the epoch."""


def project_start(calendar: Calendar, started: float | None) -> float | None:
    """First moment of week 1: the plan's date where weeks are 7 days long, else the first `up`."""
    if calendar.week_s == WEEK_S and calendar.start is not None:
        return calendar.start
    return started


def plan_time(calendar: Calendar, start: float | None, at: float) -> float:
    """Plan weeks since the start of week 1 (negative before it, 0.0 when not started)."""
    return 0.0 if start is None else (at - start) / calendar.week_s


def week_of(calendar: Calendar, start: float | None, at: float) -> int:
    """Plan week of a moment, 1-based; 0 before the start or when nothing has started."""
    if start is None or at < start:
        return 0
    return math.floor((at - start) / calendar.week_s) + 1


def week_end(calendar: Calendar, start: float, week: int) -> float:
    """Moment at which plan week `week` ends, seconds since the epoch."""
    return start + week * calendar.week_s
