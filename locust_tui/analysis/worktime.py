"""Plan weeks in which only working days pass: the time of planned value and of days overdue."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from locust_tui.domain.clock import plan_time
from locust_tui.domain.plan import DAY_S, WEEK_S, Calendar

_EPOCH = date(1970, 1, 1)


def working_time(calendar: Calendar, start: float | None, at: float) -> float:
    """Plan weeks since the start of week 1, each passing over its working days alone.

    Weeks that are not 7 days long have no weekdays, so their time is plan time. A week without working days
    is over as soon as it begins.
    """
    elapsed = plan_time(calendar, start, at)
    if start is None or calendar.week_s != WEEK_S:
        return elapsed
    week = int(elapsed // 1)
    days = _working_days(calendar.start_date, int(start // DAY_S), week, calendar.workdays, calendar.holidays)
    if not any(days):
        return week + 1.0
    day_now = (elapsed - week) * 7
    passed = sum(min(1.0, max(0.0, day_now - i)) for i, works in enumerate(days) if works)
    return week + passed / sum(days)


@lru_cache(maxsize=512)
def _working_days(
    start_date: str | None, epoch_day: int, week: int, workdays: tuple[int, ...], holidays: tuple[str, ...]
) -> tuple[bool, ...]:
    """Which of the seven days of plan week `week` (0-based) are worked."""
    first = date.fromisoformat(start_date) if start_date else _EPOCH + timedelta(days=epoch_day)
    days = [first + timedelta(days=7 * week + i) for i in range(7)]
    return tuple(d.weekday() in workdays and d.isoformat() not in holidays for d in days)


def days_between(calendar: Calendar, start: float | None, earlier: float, later: float) -> float:
    """Working days from one moment to another; in plans with scaled weeks, the plan's days."""
    weeks = working_time(calendar, start, later) - working_time(calendar, start, earlier)
    return weeks * (len(calendar.workdays) or 5)
