"""Which moment of a hook's clock is due, and how many nobody was there for. Pure."""

from __future__ import annotations

from datetime import UTC, datetime

from locust_tui.analysis.hook_times import latest_cron, missed_cron, next_cron
from locust_tui.domain.coordination import HookStatus
from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.events.watching import MOST_MISSED
from locust_tui.domain.plan import Hook

LATE_S = 120.0
"""A moment is missed when nobody began with it within this time."""


@dataclass(frozen=True, slots=True)
class Due:
    at: float
    """The latest moment that is due; earlier ones are not made up for."""
    missed: int
    """Moments that nobody was there for, this one among them where it is late; no more than MOST_MISSED are counted."""


def due(hook: Hook, status: HookStatus, timezone: str, done: float, now: float) -> Due | None:
    """What of its clock is due at `now`. `done`: the last moment that was begun with since the worker started."""
    base = max(done, moment(status.last) or 0.0, status.since or 0.0)
    moments = missed_cron(hook.cron, timezone, base, now)
    if not moments:
        return None
    latest = moments[-1]
    if len(moments) >= MOST_MISSED:
        latest = latest_cron(hook.cron, timezone, now) or latest
    late = now - latest > LATE_S
    return Due(latest, len(moments) if late else len(moments) - 1)


def next_due(hook: Hook, timezone: str, after: float) -> float | None:
    return next_cron(hook.cron, timezone, after)


def iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: str) -> float | None:
    """Seconds since the epoch of what `iso` wrote; None for a trigger that is no moment."""
    try:
        return datetime.fromisoformat(text).timestamp() if text[4:5] == "-" else None
    except ValueError:
        return None
