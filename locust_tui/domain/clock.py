"""The calendar of a plan: which plan week a moment is in. Clocks are passed in, never read here."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

from .plan import DAY_S, WEEK_S, Calendar

Clock = Callable[[], float]
"""Seconds since the epoch."""


def project_start(calendar: Calendar, started: float | None) -> float | None:
    """First moment of week 1: the plan's date where weeks are 7 days long, else the first `up`."""
    if calendar.week_s == WEEK_S and calendar.start is not None:
        return calendar.start
    return started


def has_weekdays(calendar: Calendar) -> bool:
    """Whether its weeks are made of days of the calendar; scaled weeks are not."""
    return calendar.week_s == WEEK_S


def plan_time(calendar: Calendar, start: float | None, at: float) -> float:
    """Plan weeks since the start of week 1 (negative before it, 0.0 when not started).

    Where the plan says its time zone, days end at its midnights: one of 23 or 25 hours is a day like any other.
    """
    if start is None:
        return 0.0
    if not _turns_clocks(calendar, start):
        return (at - start) / calendar.week_s
    day = int((at - start) // DAY_S)
    while day_begin(calendar, start, day) > at:
        day -= 1
    while day_begin(calendar, start, day + 1) <= at:
        day += 1
    begin, end = day_begin(calendar, start, day), day_begin(calendar, start, day + 1)
    return (day + (at - begin) / (end - begin)) / 7


def week_of(calendar: Calendar, start: float | None, at: float) -> int:
    """Plan week of a moment, 1-based; 0 before the start or when nothing has started."""
    if start is None or at < start:
        return 0
    return math.floor(plan_time(calendar, start, at)) + 1


def week_end(calendar: Calendar, start: float, week: int) -> float:
    """Moment at which plan week `week` ends, seconds since the epoch."""
    if _turns_clocks(calendar, start):
        return day_begin(calendar, start, 7 * week)
    return start + week * calendar.week_s


def last_moment(calendar: Calendar, start: float, week: int) -> float:
    """The last millisecond of plan week `week`: what is told of a past week is told as of then. In whole microseconds,
    so that it stays the same moment when it is written down."""
    return round(week_end(calendar, start, week) - 0.001, 6)


def first_day(calendar: Calendar, start: float) -> date:
    """The day on which week 1 begins, in the plan's time zone; its weeks begin on the same day of the week."""
    if calendar.start_date is not None and start == calendar.start:
        return date.fromisoformat(calendar.start_date)
    return datetime.fromtimestamp(start, zone(calendar.timezone)).date()


def day_begin(calendar: Calendar, start: float, day: int) -> float:
    """First moment of day `day` (0-based) since `start`, for weeks of 7 days: a midnight where the plan has a date,
    else the time of day of the first `up`."""
    if _turns_clocks(calendar, start):
        return _midnight(first_day(calendar, start), day, calendar.timezone)
    return start + day * DAY_S


def _turns_clocks(calendar: Calendar, start: float) -> bool:
    return (
        calendar.week_s == WEEK_S
        and calendar.timezone != "UTC"
        and calendar.start_date is not None
        and start == calendar.start
    )


@lru_cache(maxsize=1024)
def _midnight(first: date, day: int, timezone: str) -> float:
    there = first + timedelta(days=day)
    return datetime(there.year, there.month, there.day, tzinfo=zone(timezone)).timestamp()


@lru_cache(maxsize=8)
def zone(name: str) -> tzinfo:
    """The time zone of that name; UTC for one that this machine does not know."""
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
