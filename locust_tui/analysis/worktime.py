"""Plan weeks in which only working days pass: the time of planned value, of the network, and of days overdue."""

from __future__ import annotations

import math
from datetime import date, timedelta
from functools import lru_cache

from locust_tui.domain.clock import day_begin, first_day, has_weekdays, plan_time
from locust_tui.domain.plan import Calendar

_ROUNDING = 1e-9
_SEARCHED = 520
"""Weeks that are searched for a working day; there is none in a plan whose every day is a holiday."""


def working_time(calendar: Calendar, start: float | None, at: float) -> float:
    """Plan weeks since the start of week 1, each passing over its working days alone.

    Weeks that are not 7 days long have no weekdays, so their time is plan time. A week without working days
    is over as soon as it begins.
    """
    elapsed = plan_time(calendar, start, at)
    if start is None or not has_weekdays(calendar):
        return elapsed
    week = math.floor(elapsed)
    days = _working_days(calendar, start, week)
    if not any(days):
        return week + 1.0
    day_now = (elapsed - week) * 7
    passed = sum(min(1.0, max(0.0, day_now - i)) for i, works in enumerate(days) if works)
    return week + passed / sum(days)


def begin_moment(calendar: Calendar, start: float, weeks: float) -> float:
    """First working moment at or after `weeks` of working time, seconds since the epoch: when work begins."""
    if not has_weekdays(calendar):
        return start + weeks * calendar.week_s
    week = math.floor(weeks + _ROUNDING)
    days = _working_days(calendar, start, week)
    if any(days):
        return _moment(calendar, start, week, days, max(0.0, weeks - week) * sum(days), ends=False)
    return next(
        (
            _moment(calendar, start, later, days, 0.0, ends=False)
            for later in range(week + 1, week + _SEARCHED)
            if any(days := _working_days(calendar, start, later))
        ),
        day_begin(calendar, start, 7 * week),
    )


def end_moment(calendar: Calendar, start: float, weeks: float) -> float:
    """Last working moment at or before `weeks` of working time: when work ends, or something is due.

    The end of a week is that of its last working day; a week without any ends with the working day before it.
    """
    if not has_weekdays(calendar):
        return start + weeks * calendar.week_s
    week = math.ceil(weeks - _ROUNDING) - 1
    if week < 0:
        return start
    days = _working_days(calendar, start, week)
    if any(days):
        return _moment(calendar, start, week, days, (weeks - week) * sum(days), ends=True)
    return next(
        (
            _moment(calendar, start, earlier, days, float(sum(days)), ends=True)
            for earlier in range(week - 1, -1, -1)
            if any(days := _working_days(calendar, start, earlier))
        ),
        start,
    )


def _moment(
    calendar: Calendar, start: float, week: int, days: tuple[bool, ...], passed: float, *, ends: bool
) -> float:
    """When `passed` of the working days of `week` are over: at the end of one, or at the begin of the next."""
    whole = math.ceil(passed - _ROUNDING) - 1 if ends else math.floor(passed + _ROUNDING)
    worked = [i for i, works in enumerate(days) if works]
    whole = min(max(whole, 0), len(worked) - 1)
    day = 7 * week + worked[whole]
    begin, end = day_begin(calendar, start, day), day_begin(calendar, start, day + 1)
    return begin + min(1.0, max(0.0, passed - whole)) * (end - begin)


@lru_cache(maxsize=512)
def _working_days_from(
    ordinal: int, week: int, workdays: tuple[int, ...], holidays: tuple[str, ...]
) -> tuple[bool, ...]:
    first = date.fromordinal(ordinal)
    days = [first + timedelta(days=7 * week + i) for i in range(7)]
    return tuple(d.weekday() in workdays and d.isoformat() not in holidays for d in days)


def _working_days(calendar: Calendar, start: float, week: int) -> tuple[bool, ...]:
    """Which of the seven days of plan week `week` (0-based) are worked."""
    ordinal = first_day(calendar, start).toordinal()
    return _working_days_from(ordinal, week, calendar.workdays, calendar.holidays)


def days_between(calendar: Calendar, start: float | None, earlier: float, later: float) -> float:
    """Working days from one moment to another; in plans with scaled weeks, the plan's days."""
    weeks = working_time(calendar, start, later) - working_time(calendar, start, earlier)
    return weeks * (len(calendar.workdays) or 5)
