"""What the record says of earlier moments: versions of a memory, and how measurements went."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class MemoryVersion:
    """What was written under a key once."""

    revision: int
    at: float
    by: str
    version: int | None
    """None: it was a removal."""
    value: str
    """JSON text; empty: it was a removal."""


@dataclass(frozen=True, slots=True)
class MetricSeries:
    """One measurement of a monitor. `points`: (moment, value), oldest first, the latest of `count`."""

    name: str
    """ "progress", or "phase_progress/2" of one that is several."""
    unit: str
    now: float | None
    points: tuple[tuple[float, float | None], ...]
    count: int

    @property
    def trend(self) -> list[float | None]:
        return [value for _, value in self.points]


@dataclass(frozen=True, slots=True)
class MonitorReading:
    """A monitor as it stands at the moment `at`."""

    name: str
    at: float
    series: tuple[MetricSeries, ...]
