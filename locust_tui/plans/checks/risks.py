"""Risks: what their watches name exists."""

from __future__ import annotations

from collections.abc import Collection

from ...analysis.expression import work_named
from ...analysis.quantities import work_of
from ...analysis.risk_links import linked_criterion
from ...domain.plan import Plan, Risk
from ...errors import did_you_mean
from ..findings import Findings
from ..tree import Tree, Where
from .places import item_place


def check_risks(plan: Plan, tree: Tree, findings: Findings) -> None:
    """A KPI, a gate and its criterion are those of the plan."""
    for risk in plan.risks:
        if risk.link is not None:
            _check_link(plan, risk, (*item_place(tree, "risks", risk.id, "id"), "watch"), findings)


def _check_link(plan: Plan, risk: Risk, where: Where, findings: Findings) -> None:
    link = risk.link
    assert link is not None
    if link.kpi and link.kpi not in plan.kpis:
        near = did_you_mean(link.kpi, plan.kpis) or f"kpis: {{{link.kpi}: {{measure: quality, target: 80%}}}}"
        findings.error("unknown-kpi", f'there is no KPI "{link.kpi}"', near, at=(*where, "kpi"))
    elif link.gate and link.gate not in plan.gates:
        near = did_you_mean(link.gate, plan.gates) or "the id of a gate"
        findings.error("unknown-gate", f'there is no gate "{link.gate}"', near, at=(*where, "gate"))
    elif link.gate and linked_criterion(plan, link) is None:
        names = [criterion.name for criterion in plan.gates[link.gate].criteria]
        near = did_you_mean(link.criterion, names) or f"it has {', '.join(names) or 'none'}"
        words = f'gate {link.gate} has no criterion "{link.criterion}"'
        findings.error("unknown-criterion", words, near, at=(*where, "criterion"))


def check_work_named(plan: Plan, names: Collection[str], where: Where, findings: Findings) -> None:
    """The work that an expression asks for by `verified("docs")` and its like is work of the plan."""
    known = [*plan.workstreams, *plan.phases, *plan.orchestrators]
    for name in sorted(names):
        for id in (work_named(name) or ("", ()))[1]:
            if not work_of(plan, id):
                near = did_you_mean(id, known) or "ids of workstreams, phases or orchestrators"
                findings.error("unknown-work", f'"{id}" names no work', near, at=where)
