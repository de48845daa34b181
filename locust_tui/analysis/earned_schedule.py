"""Earned schedule: the moment of the plan by which what is earned now was to be earned.

Source: Lipke, Schedule is different, The Measurable News 2003. The index of value tends to 1 at the end of late
projects too; the index of time does not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from locust_tui.domain.plan import Plan, Weeks, Workstream

_EPSILON = 1e-9

Planned = Callable[[float], float]
"""Plan weeks → planned share of the whole, 0 to 1, never falling."""


def span(plan: Plan, works: Iterable[Workstream]) -> Weeks | None:
    """First to last planned week of the work: its own weeks, else those of its phases; None without dates."""
    works = list(works)
    weeks = [w.weeks for w in works if w.weeks is not None]
    if not weeks:
        phases = [plan.phases[w.phase] for w in works if w.phase is not None and w.phase in plan.phases]
        weeks = [p.weeks for p in phases if p.weeks is not None]
    return Weeks(min(w.first for w in weeks), max(w.last for w in weeks)) if weeks else None


def earned_schedule(planned: Planned, earned: float, weeks: Weeks, at: float) -> float:
    """ES in plan weeks from the start of week 1. `earned`: share, 0 to 1; `at`: weeks that have passed.

    N = last whole week with planned(N) ≤ earned; ES = N + (earned − planned(N)) / (planned(N+1) − planned(N)).
    Where the plan stands still at exactly what is earned, every moment of that stretch would do: the one nearest to
    `at` is taken, so that work on plan is on time. All earned: the planned finish.
    """
    start, end = weeks.first - 1, weeks.last
    if earned >= 1.0 - _EPSILON:
        return float(end)
    values = {k: planned(k) for k in range(start, end + 1)}
    last = max((k for k, value in values.items() if value <= earned + _EPSILON), default=start)
    if abs(values[last] - earned) <= _EPSILON:
        reached = min(k for k, value in values.items() if value >= earned - _EPSILON)
        return float(min(max(at, reached), last))
    return last + (earned - values[last]) / (values[last + 1] - values[last])


def time_index(es: float, at: float, weeks: Weeks) -> float | None:
    """SPI(t) = ES / actual time, both from the planned start; None while that is ahead."""
    start = weeks.first - 1
    passed = at - start
    return None if passed <= _EPSILON else max(0.0, es - start) / passed


def finish_week(index: float | None, weeks: Weeks) -> float | None:
    """Planned start + planned duration / SPI(t)."""
    if index is None or index <= _EPSILON or not math.isfinite(index):
        return None
    return weeks.first - 1 + weeks.duration / index
