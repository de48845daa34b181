"""When monitors are sampled, and under which names their measurements are kept."""

from __future__ import annotations

import math

from locust_tui.domain.plan import Monitor

SAMPLE_RUNS_S = 5.0
"""Between two looks at what live runs use."""
KEPT_OF_MONITORS = 30_000
"""Points of each series: 90 days of one every 5 minutes, and more."""
KEPT_OF_RUNS = 720
"""Points of each series of a run: its last hour."""


def grid(since: float, refresh: float, now: float) -> tuple[int, float]:
    """(samples due from `since` to `now`: elapsed over refresh, the moment of the next)."""
    due = max(0, math.floor((now - since) / refresh + 1e-9))
    return due, since + (due + 1) * refresh


def anchor(monitor: Monitor) -> str:
    """Under this name it is kept when the monitor was first seen; another interval begins anew."""
    return f"anchor:{monitor.name}@{monitor.refresh:g}"


def monitor_series(monitor: str, metric: str) -> str:
    return f"monitor:{monitor}:{metric}"


def run_series(run: str, what: str) -> str:
    """`what`: cpu_s, rss_kib, read_bytes or written_bytes, each since the run's start but rss_kib, which is now."""
    return f"run:{run}:{what}"
