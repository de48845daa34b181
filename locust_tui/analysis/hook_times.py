"""When hooks and reports are due: cron lines, days of the week, and durations, in the plan's time zone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from locust_tui.domain.events.watching import MOST_MISSED
from locust_tui.errors import UsageError

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_AT = re.compile(r"([a-z]+)\s+(\d{1,2}):(\d{2})", re.ASCII | re.IGNORECASE)


def check_cron(line: str) -> None:
    """Raises UsageError where that is no cron line, or one that never comes."""
    try:
        next(CronSim(_five(line), datetime(2026, 1, 1, tzinfo=UTC)))
    except StopIteration:
        raise UsageError(f'"{line}" never comes') from None
    except CronSimError as error:
        raise UsageError(
            f'"{line}" is no time for a hook: {str(error).lower()}',
            help='minute hour day month weekday: "0 9 * * 1-5"',
        ) from None


_NAMED = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}


def _five(line: str) -> str:
    return _NAMED.get(line.strip().lower(), line.strip())


def next_cron(line: str, timezone: str, after: float) -> float | None:
    """The first moment behind `after`, seconds since the epoch; None where none ever comes."""
    return next(_cron(line, timezone, after), None)


def missed_cron(line: str, timezone: str, after: float, upto: float) -> list[float]:
    """Moments behind `after` up to `upto`, oldest first; of more than MOST_MISSED the last ones are left out."""
    return _bounded(_cron(line, timezone, after), upto)


def latest_cron(line: str, timezone: str, upto: float) -> float | None:
    """The last moment up to `upto`."""
    start = datetime.fromtimestamp(upto + 60, ZoneInfo(timezone))
    moments = (m.timestamp() for m in CronSim(_five(line), start, reverse=True))
    return next((m for m in moments if m <= upto), None)


def _cron(line: str, timezone: str, after: float) -> Iterator[float]:
    start = datetime.fromtimestamp(after, ZoneInfo(timezone))
    for moment in CronSim(_five(line), start):
        yield moment.timestamp()


def next_report(every: str, timezone: str, after: float) -> float | None:
    """The first moment behind `after` at which "fri 17:00", "day 9:00" or "1w" is due; a duration counts from `after`."""
    return next(_due(every, timezone, after), None)


def missed_reports(every: str, timezone: str, after: float, upto: float) -> list[float]:
    """Moments behind `after` up to `upto`, oldest first; of those long ago, about MOST_MISSED before the last, none."""
    step = _DAY_S if _AT.fullmatch(" ".join(every.split())) else duration(every)
    if step > 0:
        after += max(0.0, (upto - after) // step - MOST_MISSED + 1) * step
    return _bounded(_due(every, timezone, after), upto)


def _due(every: str, timezone: str, after: float) -> Iterator[float]:
    match = _AT.fullmatch(" ".join(every.split()))
    if match is None:
        step = duration(every)
        while step > 0:
            after += step
            yield after
        return
    word, hour, minute = match.group(1).lower(), int(match.group(2)), int(match.group(3))
    weekday = None if word in ("day", "daily") else _DAYS.index(word[:3])
    zone = ZoneInfo(timezone)
    day = datetime.fromtimestamp(after, zone).date()
    while True:
        if weekday is None or day.weekday() == weekday:
            moment = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).timestamp()
            if moment > after:
                yield moment
        day += timedelta(days=1)


_DAY_S = 86_400.0
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}


def duration(text: str) -> float:
    """Seconds of "1w", "2d 12h"; 0 for what is none."""
    parts = re.findall(r"([\d.]+)\s*([a-z]+)", text.lower())
    try:
        return sum(float(number) * _SECONDS[unit] for number, unit in parts)
    except (KeyError, ValueError):
        return 0.0


def _bounded(moments: Iterator[float], upto: float) -> list[float]:
    found: list[float] = []
    for moment in takewhile(lambda m: m <= upto, moments):
        found.append(moment)
        if len(found) >= MOST_MISSED:
            break
    return found
