"""Caps that contradict each other or are never reached, and a pace that cannot be kept."""

from __future__ import annotations

import re

from ...domain.plan import Plan
from ..findings import Findings
from ..tree import Tree


def check_capacity(plan: Plan, tree: Tree, findings: Findings) -> None:
    """Warn about pools, caps and the velocity target."""
    _check_pools(plan, findings)
    _check_cap(plan, findings)
    _check_velocity(plan, findings)


def _bosses(plan: Plan) -> int:
    """Agents of the meta-orchestrator and the orchestrators; they count against the cap too."""
    own = sum(1 for o in plan.orchestrators.values() if o.agent)
    return own + (1 if plan.meta is not None and plan.meta.agent else 0)


def _check_pools(plan: Plan, findings: Findings) -> None:
    cap = plan.resources.max_agents
    total = sum(plan.resources.pools.values())
    if cap is None or not plan.resources.pools or total + _bosses(plan) <= cap:
        return
    bosses = _bosses(plan)
    parts = f"the pools add up to {total}" + (
        f", with {bosses} orchestrators to {total + bosses}" if bosses else ""
    )
    findings.warning(
        "pools",
        f"{parts}, but max_agents is {cap}; the cap wins",
        f"max_agents: {total + bosses}, or smaller pools",
        at=("resources", "pools"),
    )


def _check_cap(plan: Plan, findings: Findings) -> None:
    cap = plan.resources.max_agents
    if cap is None:
        return
    bosses = _bosses(plan)
    dated = [w for w in plan.workstreams.values() if w.weeks is not None]
    if len(dated) < len(plan.workstreams):
        most, reason = len(plan.workstreams), f"the plan has {len(plan.workstreams)} workstreams"
    else:
        most = _busiest(plan)
        reason = f"at most {most} workstreams are planned for the same week"
    if most + bosses < cap:
        extra = f" (and {bosses} orchestrators)" if bosses else ""
        findings.warning(
            "cap",
            f"max_agents {cap} is never reached: {reason}{extra}",
            f"max_agents: {most + bosses} is enough",
            at=("resources", "max_agents"),
        )


def _busiest(plan: Plan) -> int:
    changes: dict[int, int] = {}
    for workstream in plan.workstreams.values():
        if workstream.weeks is not None:
            changes[workstream.weeks.first] = changes.get(workstream.weeks.first, 0) + 1
            changes[workstream.weeks.last + 1] = changes.get(workstream.weeks.last + 1, 0) - 1
    running = most = 0
    for week in sorted(changes):
        running += changes[week]
        most = max(most, running)
    return most


_VELOCITY = re.compile(r"\s*workstreams_completed\s*/\s*week\s*\Z")


def _check_velocity(plan: Plan, findings: Findings) -> None:
    weeks = plan.last_week
    if not weeks:
        return
    for id_, kpi in plan.kpis.items():
        least = kpi.low if kpi.low is not None else kpi.minimum if kpi.minimum is not None else kpi.above
        if least is None or not _VELOCITY.match(kpi.measure):
            continue
        pace = len(plan.workstreams) / weeks
        if pace < least:
            key = "target" if kpi.low is not None else "min" if kpi.minimum is not None else "above"
            message = f"{id_} {kpi.target} cannot be met: {len(plan.workstreams)} workstreams in {weeks} weeks are {pace:.2f} a week"
            findings.warning(
                "velocity", message, f"target: {max(1, int(pace))}-{int(pace) + 1}", at=("kpis", id_, key)
            )
