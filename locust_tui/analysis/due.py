"""Due dates as people wrote them: a date, or a plan week."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

from locust_tui.domain.clock import week_end
from locust_tui.domain.plan import Calendar, Plan
from locust_tui.domain.world import World

from .actuals import plan_start

GRACE_WEEKS, GRACE_S = 0.1, 5.0
_WEEK = re.compile(r"(?:w|wk|week)?\s*(\d{1,3})", re.IGNORECASE)


def grace(calendar: Calendar) -> float:
    """Seconds that a date may have passed before anybody is told: a tenth of a plan week, and more where weeks are short.
    What is there a moment after its date was late to nobody."""
    return max(GRACE_S, GRACE_WEEKS * calendar.week_s)


def is_due_date(text: str) -> bool:
    """Whether the text is a date, a moment or a plan week, as `due_moment` reads them."""
    week = _WEEK.fullmatch(text.strip())
    if week is not None:
        return int(week.group(1)) > 0
    try:
        datetime.fromisoformat(text.strip())
    except ValueError:
        return False
    return True


def is_day(text: str | None) -> bool:
    """Whether the text is a day of the calendar: it is due when that day has ended."""
    text = (text or "").strip()
    return len(text) <= 10 and _WEEK.fullmatch(text) is None and is_due_date(text)


def due_day(text: str | None, due: float) -> str:
    """The day of `due`; where the plan names a day, that one, and not the next, which begins as it ends."""
    return (text or "").strip() if is_day(text) else datetime.fromtimestamp(due, UTC).strftime("%Y-%m-%d")


def due_moment(text: str | None, plan: Plan, world: World) -> float | None:
    """End of the day, of the plan week, or the moment itself; None where the text is no date."""
    if not text:
        return None
    week = _WEEK.fullmatch(text.strip())
    if week is not None:
        start = plan_start(plan, world)
        return None if start is None else week_end(plan.calendar, start, int(week.group(1)))
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if len(text.strip()) <= 10:
        moment += timedelta(days=1)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=_zone(plan.calendar))
    return moment.timestamp()


def is_past(text: str | None, plan: Plan, world: World, now: float) -> bool:
    """Whether a written due date lies behind `now`; a text that is no date never does."""
    moment = due_moment(text, plan, world)
    return moment is not None and moment <= now


def _zone(calendar: Calendar) -> tzinfo:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(calendar.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
