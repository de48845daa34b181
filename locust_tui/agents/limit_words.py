"""When a usage limit resets, from the sentence in which an agent program tells a person so."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_EPOCH = re.compile(r"(?i)usage limit reached\|(?P<epoch>\d{10})")
_RESETS = re.compile(
    r"(?i)limit\b.{0,20}?\bresets\s+(?:(?P<month>[A-Z][a-z]{2}) (?P<day>\d{1,2})(?:, (?P<year>\d{4}))?,?\s+)?"
    r"(?P<hour>\d{1,2})(?::(?P<minute>\d\d))?\s*(?P<half>[ap]m)(?:\s*\((?P<zone>[^)]{1,64})\))?"
)
_AGAIN = re.compile(
    r"(?i)hit your usage limit.{0,300}?try again at "
    r"(?:(?P<month>[A-Z][a-z]{2}) (?P<day>\d{1,2})(?:st|nd|rd|th), (?P<year>\d{4}) )?"
    r"(?P<hour>\d{1,2}):(?P<minute>\d\d) (?P<half>[AP]M)(?P<zone>)",
    re.DOTALL,
)
_MONTHS = {
    m: n
    for n, m in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}


_JUST_NOW = timedelta(minutes=10)
_AGAIN_IN = timedelta(minutes=1)
"""A sentence names a minute, and clocks differ: one that has just passed is tried soon, not tomorrow."""


def reset_moment(text: str, now: float, local: tzinfo | None = None) -> float | None:
    """Seconds since the epoch at which the limit told of in `text` resets; None: no such sentence.

    `now` is when it was said: a time of day is the next one after it, or a minute from then where it
    has just passed. `local` is the agent's time zone where the
    sentence names none (default: this machine's).
    """
    if found := _EPOCH.search(text):
        return float(found["epoch"])
    found = _RESETS.search(text) or _AGAIN.search(text)
    if found is None:
        return None
    zone = _zone(found["zone"], now, local)
    try:
        return _next(found.groupdict(), datetime.fromtimestamp(now, zone))
    except (ValueError, OverflowError, KeyError):
        return None


def _next(said: dict[str, str | None], now: datetime) -> float:
    hour = int(said["hour"] or 0) % 12 + (12 if (said["half"] or "").lower() == "pm" else 0)
    at = now.replace(hour=hour, minute=int(said["minute"] or 0), second=0, microsecond=0)
    if said["month"]:
        year = int(said.get("year") or now.year)
        at = at.replace(year=year, month=_MONTHS[said["month"].lower()], day=int(said["day"] or 0))
        if not said.get("year") and at < now - timedelta(days=1):
            at = at.replace(year=now.year + 1)
    elif now - _JUST_NOW < at <= now:
        at = now + _AGAIN_IN
    elif at <= now:
        at += timedelta(days=1)
    return at.timestamp()


def _zone(name: str | None, now: float, local: tzinfo | None) -> tzinfo:
    if name and name.upper() in ("UTC", "GMT"):
        return UTC
    if name:
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            pass
    return local or datetime.fromtimestamp(now).astimezone().tzinfo or UTC
