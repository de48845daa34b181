"""Moments by the clock of this machine: what every screen of the cockpit tells, whatever the plan's time zone."""

from __future__ import annotations

from datetime import datetime

from .figures import UNKNOWN

HOUR, SECOND = "%H:%M", "%H:%M:%S"
DAY, DAY_SECOND = "%b %d %H:%M", "%b %d %H:%M:%S"
WEEKDAY = "%a %H:%M"
DATE = "%Y-%m-%d %H:%M"


def local(at: float | None, form: str = DATE) -> str:
    """`at`, seconds since the epoch, by the local clock in one of the forms above; "—" unknown or held by no calendar."""
    if at is None:
        return UNKNOWN
    try:
        return datetime.fromtimestamp(at).strftime(form)
    except (OverflowError, ValueError, OSError):
        return UNKNOWN
