"""Stretches of time as people write them on a command line: last-7-days, today, this-week, week-3, 24h."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ..errors import UsageError

if TYPE_CHECKING:
    from ..domain.plan import Plan
    from ..domain.world import World

_SECONDS = {"minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800, "month": 30 * 86_400}
_SHORT = {"m": "minute", "min": "minute", "h": "hour", "d": "day", "w": "week"}
_LAST = re.compile(r"last-(?:(\d+)-?)?(minute|hour|day|week|month)s?")
_LENGTH = re.compile(r"(\d+)\s*(m|min|h|d|w)")
_WEEK = re.compile(r"week-?(\d+)")
FORMS = "last-7-days, last-24-hours, today, yesterday, this-week, week-3, 7d, all"


def parse_period(text: str, plan: Plan, world: World, now: float) -> tuple[float, float]:
    """(begin, end) in seconds since the epoch; days and weeks by the plan's calendar are UTC. Raises UsageError."""
    from ..analysis.actuals import plan_start
    from ..domain.clock import week_end, week_of

    word = text.strip().lower().replace("_", "-").replace(" ", "-")
    start = plan_start(plan, world)
    if match := _LAST.fullmatch(word):
        return now - int(match.group(1) or 1) * _SECONDS[match.group(2)], now
    if match := _LENGTH.fullmatch(word):
        return now - int(match.group(1)) * _SECONDS[_SHORT[match.group(2)]], now
    midnight = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if word == "today":
        return midnight.timestamp(), now
    if word == "yesterday":
        return (midnight - timedelta(days=1)).timestamp(), midnight.timestamp()
    if word == "all":
        return (now if world.project.started is None else min(world.project.started, now)), now
    week = _WEEK.fullmatch(word)
    if week or word in ("this-week", "last-week"):
        if start is None:
            raise UsageError(f'"{text}": the plan has not been started', help=FORMS)
        number = int(week.group(1)) if week else week_of(plan.calendar, start, now)
        return week_end(plan.calendar, start, number - 1), min(now, week_end(plan.calendar, start, number))
    raise UsageError(f'"{text}" is no period', help=FORMS)
