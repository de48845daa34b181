"""KPIs, forecast, risks and milestones as they are shown."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class KpiView:
    id: str
    name: str
    value: float | None
    unit: str
    target: str
    ok: bool | None
    trend: tuple[float | None, ...]
    """One value per past plan week, oldest first, the current last."""
    reason: str = ""
    """Why there is no value."""
    second: str = ""
    """A second figure shown beside it, in words."""


@dataclass(frozen=True, slots=True)
class GateForecast:
    id: str
    p50_week: float | None
    p85_week: float | None
    due_week: int | None
    p95_week: float | None = None
    by_due: float | None = None
    """Points: the chance that it is decided by the end of its due week."""


@dataclass(frozen=True, slots=True)
class ForecastView:
    """Plan weeks; `in_window` in points."""

    p50_week: float | None
    p85_week: float | None
    p95_week: float | None
    in_window: float | None
    reason: str = ""
    gates: tuple[GateForecast, ...] = ()
    window_class: str = ""
    """The finish against the plan's window: early, in window, at risk or late; empty without a window."""
    work_p50_week: float | None = None
    """P50 of the finish by the work alone, as if no gate held anything; only where `p50_week` is behind the window."""


@dataclass(frozen=True, slots=True)
class RiskView:
    id: str
    risk: str
    mitigation: str
    owner: str | None
    score: float
    level: str
    state: str
    """open, triggered or closed."""
    since: float | None = None
    """When it came into its state; None: it was never moved."""
    why: str = ""
    by: str = ""
    response: str = ""
    """avoid, mitigate, transfer or accept, where the plan says it."""
    probability: str = ""
    impact: str = ""
    watch: str = ""
    """State of its watch's latest result; empty: it has none."""
    watched_at: float | None = None
    scale: str = "levels"
    """ "levels" (3 × 3) or "pmbok" (5 × 5)."""
    row: int = 1
    """Step of its probability on the map, 1 for the least."""
    column: int = 1
    """Step of its impact."""
    delay_days: float | None = None
    exposure_days: float | None = None
    """Probability × delay; None: the plan gives no delay."""
    watches: str = ""
    """What its watch looks at, in words."""
    found: str = ""
    """What the watch found last, in words."""
    log: str = ""
    """File of that, relative to the state folder."""


@dataclass(frozen=True, slots=True)
class MilestoneView:
    id: str
    name: str
    week: int | None
    reached: float | None
    on_time: bool | None
