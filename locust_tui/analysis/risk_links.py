"""What the watches find that look at something measured anyway: a KPI, a gate's criterion, an expression."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from locust_tui.domain.criterion import Criterion, criterion_key
from locust_tui.domain.plan import Plan, Risk, RiskLink
from locust_tui.domain.quantity import limit_text
from locust_tui.domain.states import CriterionState
from locust_tui.domain.world import World

from .alert_readings import rule_readings
from .criterion_state import standing
from .criterion_view import criterion_view
from .history import History
from .kpis import kpi_views


class LinkFinding(NamedTuple):
    """`state`: fail triggers, pass clears, not-run says nothing."""

    state: CriterionState
    value: float | None
    unit: str | None
    detail: str


def link_findings(plan: Plan, world: World, now: float) -> dict[str, LinkFinding]:
    """Risk → what its link finds now; nothing before the start."""
    linked = [risk for risk in plan.risks if risk.link is not None]
    if not linked or world.project.started is None:
        return {}
    history = History(plan, world, now)
    kpis = _kpis(linked, plan, world, now, history)
    return {
        risk.id: kpis.get(risk.id) or _finding(risk, risk.link, plan, world, now, history)
        for risk in linked
        if risk.link is not None
    }


def _kpis(
    linked: Sequence[Risk], plan: Plan, world: World, now: float, history: History
) -> dict[str, LinkFinding]:
    if not any(risk.link and risk.link.kpi for risk in linked):
        return {}
    views = {view.id: view for view in kpi_views(plan, world, now, history)}
    found: dict[str, LinkFinding] = {}
    for risk in linked:
        view = views.get(risk.link.kpi) if risk.link else None
        if view is None:
            continue
        if view.ok is None or view.value is None:
            why = view.reason or "it has no target"
            found[risk.id] = LinkFinding(
                CriterionState.NOT_RUN, view.value, view.unit, f"KPI {view.id}: {why}"
            )
            continue
        shown = f"{view.value:.4g}{view.unit and f' {view.unit}'}"
        words = (
            f"KPI {view.id} is {shown}, target {view.target or 'met' if view.ok else view.target or 'missed'}"
        )
        state = CriterionState.PASS if view.ok else CriterionState.FAIL
        found[risk.id] = LinkFinding(state, view.value, view.unit, words)
    return found


def _finding(
    risk: Risk, link: RiskLink, plan: Plan, world: World, now: float, history: History
) -> LinkFinding:
    if link.gate:
        return _criterion(link, plan, world, now)
    if link.when:
        return _expression(risk, link, plan, world, now, history)
    return LinkFinding(CriterionState.NOT_RUN, None, None, f'there is no KPI "{link.kpi}"')


def linked_criterion(plan: Plan, link: RiskLink) -> Criterion | None:
    """The criterion that a watch names, by its id, its name or how only its name begins, whatever the case."""
    gate = plan.gates.get(link.gate)
    wanted = link.criterion.casefold()
    criteria = gate.criteria if gate is not None else ()
    for criterion in criteria:
        if wanted in (criterion.id.casefold(), criterion.name.casefold()):
            return criterion
    begun = [criterion for criterion in criteria if criterion.name.casefold().startswith(wanted)]
    return begun[0] if len(begun) == 1 else None


def _criterion(link: RiskLink, plan: Plan, world: World, now: float) -> LinkFinding:
    criterion = linked_criterion(plan, link)
    if criterion is None:
        return LinkFinding(CriterionState.NOT_RUN, None, None, f"gate {link.gate} has no such criterion")
    key = criterion_key(f"gate:{link.gate}", criterion.id)
    found = standing(criterion, key, plan, world, now, world.gate(link.gate))
    view = criterion_view(found)
    told = (CriterionState.FAIL, CriterionState.PASS)
    state = found.state if found.state in told else CriterionState.NOT_RUN
    limit = limit_text(criterion.limit)
    value = f" with {view.value_text}{f', wanted {limit}' if limit else ''}" if view.value_text else ""
    words = f"{criterion.name} at gate {link.gate}: {found.state.value}{value}"
    return LinkFinding(state, view.value, view.unit, words)


def _expression(
    risk: Risk, link: RiskLink, plan: Plan, world: World, now: float, history: History
) -> LinkFinding:
    from locust_tui.domain.plan import AlertRule

    readings = list(rule_readings(AlertRule(risk.id, link.when), plan, world, now, history))
    fires = next((r for r in readings if r.holds), None)
    if fires is not None:
        return LinkFinding(CriterionState.FAIL, None, None, _values(fires.values))
    unknown = next((r for r in readings if r.holds is None), None)
    if unknown is not None or not readings:
        why = unknown.why if unknown is not None else "no phase is under way"
        return LinkFinding(CriterionState.NOT_RUN, None, None, why)
    calm = all(reading.clear for reading in readings)
    state = CriterionState.PASS if calm else CriterionState.NOT_RUN
    return LinkFinding(state, None, None, _values(readings[0].values))


def _values(values: Sequence[tuple[str, float | None]]) -> str:
    return ", ".join(
        f"{name} {'unknown' if v is None or math.isnan(v) else f'{v:.4g}'}" for name, v in values
    )
