"""What a monitor watches: quantities, facts and KPIs by name, some of them once for each phase or orchestrator."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from locust_tui.domain.plan import Plan
from locust_tui.domain.snapshot import KpiView
from locust_tui.domain.states import LIVE_RUN_STATES
from locust_tui.domain.world import World

from .actuals import plan_start
from .kpis import kpi_views
from .progress import progress
from .quantities import Quantities, known_names
from .risks import risk_views
from .slots import owner_of
from .spending import spent
from .worktime import working_time

SCOPED = {
    "phase_progress": "verified progress of each phase, in points",
    "phase_expected_progress": "planned progress of each phase at this moment, in points",
    "orchestrator_progress": "verified progress of each orchestrator's work, in points",
    "orchestrator_agents": "agents of each orchestrator that run now",
}
"""Metrics that are several series, one for each phase or orchestrator → what they are."""

METRICS: dict[str, str] = {
    "progress": "verified progress of the plan, in points",
    "expected_progress": "planned progress at this moment, in points",
    "quality": "share of workstreams accepted at their first review, in points",
    "velocity": "workstreams accepted per week",
    "blockers": "workstreams that are blocked, failed or need input",
    "efficiency": "share of agent hours that were rework, in points",
    "predictability": "share of due milestones reached on time, in points",
    "agents": "agents that run now",
    "cost": "dollars that agents reported for all runs so far",
    "tokens": "tokens that agents reported for all runs so far",
    "risks": "open and triggered risks",
    **SCOPED,
}
"""What a monitor may watch besides quantities, facts and KPIs → what it is."""

DEFAULT = ("progress", "quality", "velocity", "blockers")
"""Of a monitor that names none."""


_UNITS = {
    **dict.fromkeys(
        ("progress", "expected_progress", "quality", "efficiency", "predictability", "phase_progress",
         "phase_expected_progress", "orchestrator_progress"), "%",
    ),
    "velocity": "/wk", "cost": "$", "tokens": "tokens", "rework_hours": "h", "total_hours": "h",
}  # fmt: skip


def unit_of(plan: Plan, series: str) -> str:
    """ "%", "/wk", what the plan says of a KPI; empty for counts and facts."""
    name = series.partition("/")[0]
    kpi = plan.kpis.get(name)
    return _UNITS.get(name, (kpi.unit or "") if kpi is not None else "")


def watchable(plan: Plan) -> tuple[str, ...]:
    """Every name that a monitor of this plan may watch."""
    return tuple(dict.fromkeys((*METRICS, *known_names(plan), *plan.kpis)))


def measured(plan: Plan, world: World, now: float, metrics: Iterable[str]) -> dict[str, float | None]:
    """Series → value now. A scoped metric gives "NAME/SCOPE" of each scope; what is not known is None."""
    quantities = Quantities(plan, world, now)
    kpis: dict[str, KpiView] = {}
    found: dict[str, float | None] = {}
    for name in metrics:
        if name in SCOPED:
            found.update(_scoped(name, plan, world, now))
        elif name in _OWN:
            found[name] = _finite(_OWN[name](quantities))
        elif name in quantities:
            found[name] = _finite(quantities[name])
        elif name in plan.kpis:
            kpis = kpis or {k.id: k for k in kpi_views(plan, world, now, quantities.history)}
            found[name] = _finite(kpis[name].value)
    return found


def _finite(value: object) -> float | None:
    if not isinstance(value, (bool, int, float)):
        return None
    return float(value) if math.isfinite(value) else None


def _scoped(name: str, plan: Plan, world: World, now: float) -> dict[str, float | None]:
    at = working_time(plan.calendar, plan_start(plan, world), now)
    if name == "orchestrator_agents":
        live = [r for r in world.runs.values() if r.state in LIVE_RUN_STATES]
        owners = [owner_of(plan, r.subject) for r in live]
        return {f"{name}/{o}": float(owners.count(o)) for o in plan.orchestrators}
    if name == "orchestrator_progress":
        return {
            f"{name}/{o.id}": progress(plan, world, at, o.workstreams).value
            for o in plan.orchestrators.values()
        }
    found = {}
    for phase in plan.phases:
        members = [w.id for w in plan.workstreams.values() if w.phase == phase]
        told = progress(plan, world, at, members)
        found[f"{name}/{phase}"] = told.value if name == "phase_progress" else told.expected
    return found


def _cost(q: Quantities) -> float | None:
    view = spent(q.plan, q.world).plan
    return view.cost_usd if view is not None else None


def _tokens(q: Quantities) -> float | None:
    view = spent(q.plan, q.world).plan
    return view.tokens if view is not None else None


_OWN: dict[str, Callable[[Quantities], object]] = {
    "efficiency": lambda q: q.share("rework_hours", "total_hours", 100.0),
    "predictability": lambda q: q.share("milestones_hit_on_time", "total_milestones", 100.0),
    "agents": lambda q: q["agents_running"],
    "cost": _cost,
    "tokens": _tokens,
    "risks": lambda q: len(risk_views(q.plan, q.world)),
}
