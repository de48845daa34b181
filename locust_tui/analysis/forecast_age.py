"""A forecast that was computed a while ago, as it may still be shown: what is not finished does not end in the past."""

from __future__ import annotations

import math
from dataclasses import replace

from locust_tui.domain.snapshot import ForecastView, GateForecast
from locust_tui.domain.states import OPEN_GATE_STATES, UNFINISHED
from locust_tui.domain.studies.forecast import LATE

from .situation import Situation


def from_now_on(forecast: ForecastView, look: Situation) -> ForecastView:
    """`forecast` with no unfinished work and no shut gate before this moment, to a tenth of a week."""
    if forecast.p50_week is None or look.start is None:
        return forecast
    now = math.ceil(look.at * 10 - 1e-9) / 10
    world, plan = look.world, look.plan
    gates = tuple(
        g if world.gate(g.id).state in OPEN_GATE_STATES else _not_before(g, now) for g in forecast.gates
    )
    if not any(world.workstream(w).state in UNFINISHED for w in plan.workstreams):
        return replace(forecast, gates=gates)
    over = plan.project.window is not None and look.at > plan.project.window[1]
    return replace(
        forecast,
        p50_week=max(now, forecast.p50_week),
        p85_week=_later(forecast.p85_week, now),
        p95_week=_later(forecast.p95_week, now),
        work_p50_week=_later(forecast.work_p50_week, now),
        in_window=0.0 if over and forecast.in_window is not None else forecast.in_window,
        window_class=LATE if over else forecast.window_class,
        gates=gates,
    )


def _not_before(gate: GateForecast, now: float) -> GateForecast:
    due = gate.due_week
    return replace(
        gate,
        p50_week=_later(gate.p50_week, now),
        p85_week=_later(gate.p85_week, now),
        p95_week=_later(gate.p95_week, now),
        by_due=0.0 if due is not None and now > due and gate.by_due is not None else gate.by_due,
    )


def _later(week: float | None, now: float) -> float | None:
    return None if week is None else max(week, now)
