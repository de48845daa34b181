"""A monitor as text and JSON: what each of its series is now, how it went, and how often it was looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..domain.dataclass import dataclass
from ..domain.plan import Monitor
from ..safe_text import safe
from .figures import UNKNOWN, age, iso, number, rounded
from .table import Paint, plain, table
from .trend import sparkline

TREND = 40
"""Points of a trend at most."""


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a monitor. `points`: (moment, value), oldest first, the latest of `count`."""

    name: str
    now: float | None
    points: tuple[tuple[float, float | None], ...]
    count: int

    @property
    def trend(self) -> list[float | None]:
        return [value for _, value in self.points]


def monitor_text(
    monitor: Monitor, series: Sequence[Series], at: float, *, paint: Paint = plain, ascii_only: bool = False
) -> str:
    """A headline and one line a series."""
    rows = []
    for s in series:
        trend = sparkline(s.trend, TREND, ascii_only=ascii_only)
        last = s.points[-1][0] if s.points else None
        rows.append(
            (
                s.name,
                rounded(s.now),
                trend,
                str(s.count),
                f"{age(at - last)} ago" if last is not None else UNKNOWN,
            )
        )
    lines = table(("METRIC", "NOW", "TREND", "SAMPLES", "LATEST"), rows, right=frozenset({1, 3}), paint=paint)
    text = "\n".join([f"{safe(monitor.name, oneline=True)}: every {monitor.refresh:g} s", *lines]) + "\n"
    return text.replace(UNKNOWN, "-") if ascii_only else text


def monitor_document(monitor: Monitor, series: Sequence[Series], *, history: bool = True) -> dict[str, Any]:
    return {
        "name": monitor.name,
        "refresh_s": monitor.refresh,
        "metrics": list(monitor.metrics),
        "series": [_series(s, history) for s in series],
    }


def _series(s: Series, history: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"name": s.name, "value": s.now}
    if s.now is None:
        told["value_reason"] = "it cannot be told now"
    told["samples"] = s.count
    if history:
        told["history"] = [{"at": iso(at), "value": value} for at, value in s.points]
    return told


def history_text(series: Sequence[Series]) -> str:
    """Every kept point, one line each: moment, metric, value."""
    points = sorted((at, s.name, value) for s in series for at, value in s.points)
    rows = [(iso(at) or "", name, number(value)) for at, name, value in points]
    return "\n".join(table(("AT", "METRIC", "VALUE"), rows, right=frozenset({2}))) + "\n" if rows else ""
