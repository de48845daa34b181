"""What the cockpit asks of the record beyond a snapshot: a memory's versions, a monitor's curves."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

from locust_tui.domain.coordination import COMPUTED, MemoryEntry
from locust_tui.domain.looking_back import MemoryVersion, MetricSeries, MonitorReading

if TYPE_CHECKING:
    from locust_tui.domain.plan import Monitor, Plan
    from locust_tui.domain.snapshot import Snapshot
    from locust_tui.domain.world import World
    from locust_tui.state.reader import ReadOnlyStore

MOST_VERSIONS = 200
MOST_POINTS = 500
"""Of each series: more than any screen has cells."""


def memory_versions(store: ReadOnlyStore, key: str) -> tuple[MemoryVersion, ...]:
    """The latest versions of a key, newest first."""
    from locust_tui.state.remembered import history

    found = history(store.connection, key, MOST_VERSIONS)
    return tuple(MemoryVersion(v.revision, v.at, v.by, v.version, v.value) for v in reversed(found))


def computed_keys(plan: Plan) -> tuple[str, ...]:
    """Every computed key of the plan."""
    from locust_tui.analysis.derived_memory import derived_keys

    return tuple(derived_keys(plan))


def computed_memory(plan: Plan, world: World, snapshot: Snapshot, at: float, key: str) -> MemoryEntry | None:
    """What stands at a computed key now; version 0, for nobody wrote it."""
    from locust_tui.analysis.derived_memory import derived

    found = derived(plan, world, at, key, lambda: snapshot)
    if key not in found:
        return None
    return MemoryEntry(key, json.dumps(found[key], ensure_ascii=False), 0, at, COMPUTED)


def values_now(plan: Plan, world: World, monitor: Monitor) -> list[tuple[str, str, float | None]]:
    """(series, unit, value) of each measurement of a monitor, as it is now."""
    from locust_tui.analysis.watched import DEFAULT, measured, unit_of

    found = measured(plan, world, time.time(), monitor.metrics or DEFAULT)
    return [(name, unit_of(plan, name), value) for name, value in found.items()]


def with_history(
    monitor: str, now: list[tuple[str, str, float | None]], samples: Path, at: float
) -> MonitorReading:
    """What `values_now` found, with the points that are kept of it. It reads a file: call it in a thread."""
    from locust_tui.analysis.sampling import monitor_series
    from locust_tui.state.samples import SampleReader

    series = []
    with SampleReader(samples) as kept:
        for name, unit, value in now:
            key = monitor_series(monitor, name)
            points = tuple((p.at, p.value) for p in kept.history(key, limit=MOST_POINTS))
            series.append(MetricSeries(name, unit, value, points, kept.count(key)))
    return MonitorReading(monitor, at, tuple(series))
