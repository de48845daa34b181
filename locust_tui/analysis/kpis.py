"""KPIs."""

from __future__ import annotations

from locust_tui.domain.plan import Plan
from locust_tui.domain.snapshot import KpiView
from locust_tui.domain.world import World


def kpi_views(plan: Plan, world: World, now: float) -> tuple[KpiView, ...]:
    """The plan's KPIs, in plan order."""
    return tuple(
        KpiView(k.id, k.name, None, k.unit or "", k.target, None, (), "not computed yet")
        for k in plan.kpis.values()
    )
