"""The forecast as the read verbs show it: few enough runs that nobody waits, the same for the same record."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..domain.snapshot import ForecastView
    from .target import State

SIMULATED_WORKSTREAMS = 30_000
"""The number of runs is this over the plan's size, between 100 and 2,000: the cockpit's headline uses the same."""


def forecast_view(state: State) -> ForecastView:
    """Finish and gates in plan weeks, from the plan and what its record says of the work so far."""
    from ..analysis.forecast import forecast

    runs = max(100, min(2_000, SIMULATED_WORKSTREAMS // max(1, len(state.plan.workstreams))))
    return forecast(state.plan, state.world, state.at, runs=runs)
