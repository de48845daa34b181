"""Positions in plan weeks as people read them: a date where weeks are weeks, else the plan week."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta

from ..domain.plan import WEEK_S
from ..domain.studies.timeline import Span, Timeline
from .figures import UNKNOWN


def when(timeline: Timeline, position: float | None, *, end: bool = False) -> str:
    """ "05 Dec" for a position in working weeks; "2.4" where weeks have no days. `end`: the day that ends there."""
    if position is None:
        return UNKNOWN
    day = day_of(timeline, position, end=end)
    return f"{position:.1f}" if day is None else f"{day:%d %b}"


def day_of(timeline: Timeline, position: float, *, end: bool = False) -> date | None:
    """The calendar day of a position; None where the plan's weeks are no calendar weeks, or it has no start."""
    calendar = timeline.calendar
    if calendar.week_s != WEEK_S or timeline.start is None:
        return None
    first = (
        date.fromisoformat(calendar.start_date)
        if calendar.start_date
        else datetime.fromtimestamp(timeline.start, UTC).date()
    )
    week = math.floor(position + 1e-9)
    if end and position - week < 1e-6 and week > 0:
        week -= 1  # a week that is over ends on its own last day
    monday = first + timedelta(days=7 * week)
    days = [d for d in (monday + timedelta(days=i) for i in range(7)) if _works(timeline, d)]
    if not days:
        return monday
    passed = (position - week) * len(days)
    place = math.ceil(passed - 1e-6) - 1 if end else math.floor(passed + 1e-6)
    return days[max(0, min(place, len(days) - 1))]


def _works(timeline: Timeline, day: date) -> bool:
    calendar = timeline.calendar
    return day.weekday() in calendar.workdays and day.isoformat() not in calendar.holidays


def between(timeline: Timeline, span: Span | None, *, open_end: bool = False) -> str:
    """ "01 Dec - 12 Dec"; with `open_end` "since 01 Dec"; empty without a span."""
    if span is None:
        return ""
    first = when(timeline, span.start)
    if open_end:
        return f"since {first}"
    last = when(timeline, span.end, end=True)
    return first if first == last else f"{first} - {last}"


def weeks(span: Span | None) -> str:
    """Planned weeks as the plan says them: "3-5", "4"."""
    if span is None:
        return ""
    first, last = math.floor(span.start + 1e-9) + 1, math.ceil(span.end - 1e-9)
    return str(first) if last <= first else f"{first}-{last}"
