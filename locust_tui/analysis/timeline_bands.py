"""Simulated dates as bands of a timeline."""

from __future__ import annotations

from locust_tui.domain.snapshot import ForecastView
from locust_tui.domain.studies.timeline import END, Band


def bands_of(forecast: ForecastView | None) -> dict[str, Band]:
    """P50 to P85 of the plan's end, under `END`, and of each gate; none where nothing was computed."""
    if forecast is None:
        return {}
    found = {
        g.id: Band(g.p50_week, g.p85_week)
        for g in forecast.gates
        if g.p50_week is not None and g.p85_week is not None
    }
    if forecast.p50_week is not None and forecast.p85_week is not None:
        found[END] = Band(forecast.p50_week, forecast.p85_week)
    return found
