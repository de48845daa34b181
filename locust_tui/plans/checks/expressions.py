"""Expressions of KPIs, alerts and end conditions: readable, and made of names that exist."""

from __future__ import annotations

import re

from ...analysis.alert_readings import OVERDUE_GATE
from ...analysis.expression import compile_expression
from ...analysis.operations import ExpressionError
from ...analysis.quantities import known_names
from ...analysis.restored import RESTORED
from ...analysis.watched import watchable
from ...domain.criterion import ProbeKind
from ...domain.plan import Plan
from ...errors import did_you_mean
from ..findings import Findings
from ..problem import Span
from ..tree import Tree, Where
from .places import item_place, name_place, written_key
from .risks import check_risks, check_work_named

_UNKNOWN = re.compile(r'unknown name "([^"]*)"')
_MOST_NAMES = 20


def check_expressions(plan: Plan, tree: Tree, findings: Findings) -> None:
    """Every name in an expression is a fact of the plan or a built-in quantity."""
    known = set(known_names(plan))
    for id_, kpi in plan.kpis.items():
        _check(kpi.measure, ("kpis", id_, "measure"), known, findings, plan)
    for alert in plan.alerts:
        if alert.name in (OVERDUE_GATE, RESTORED) or "/" in alert.name:
            findings.error(
                "alert-name",
                f'"{alert.name}" cannot be an alert\'s name',
                "another one, without slashes",
                at=item_place(tree, "alerts", alert.name, "name"),
            )
        _check(alert.when, (*item_place(tree, "alerts", alert.name, "name"), "when"), known, findings, plan)
    for risk in plan.risks:
        if risk.link is not None and risk.link.when:
            where = item_place(tree, "risks", risk.id, "id")
            _check(risk.link.when, (*where, "watch", "when"), known, findings, plan)
    for section, checks in (("success", plan.success), ("after_release", plan.after_release)):
        for number, check in enumerate(checks):
            if check.check is not None:
                _check(check.check, (section, number, "check"), known, findings, plan)
            elif check.criterion is None:
                findings.error(
                    "nothing-to-measure",
                    f'"{check.name}" says neither check nor anything to measure',
                    "check: phases_done == 4",
                    at=(section, number),
                )
    _check_watched(plan, tree, known, findings)
    check_risks(plan, tree, findings)


def _check_watched(plan: Plan, tree: Tree, known: set[str], findings: Findings) -> None:
    for risk in plan.risks:
        for probe in risk.watch.probes if risk.watch else ():
            if probe.kind is ProbeKind.FACT and probe.text not in known:
                _unknown(
                    probe.text, (*item_place(tree, "risks", risk.id, "id"), "watch", "fact"), known, findings
                )
    metrics = set(watchable(plan))
    for monitor in plan.monitors:
        where = written_key(tree, item_place(tree, "monitors", monitor.name, "name"), "metrics")
        for name in monitor.metrics:
            if name not in metrics:
                _unknown(name, name_place(tree, where, name), metrics, findings, "metric")


def _check(text: str, where: Where, known: set[str], findings: Findings, plan: Plan) -> None:
    names = set(known)
    for _ in range(_MOST_NAMES):
        try:
            used = compile_expression(text, names).names
        except ExpressionError as error:
            unknown = _UNKNOWN.match(error.message)
            if unknown is None:
                findings.error("expression", f"this is no expression: {error.message}", error.help, at=where)
                return
            _unknown(unknown.group(1), where, known, findings)
            names.add(unknown.group(1))
        else:
            check_work_named(plan, used, where, findings)
            return


def _unknown(
    name: str, where: Where, known: set[str], findings: Findings, what: str = "fact or built-in quantity"
) -> None:
    help_ = (
        did_you_mean(name, sorted(known))
        or f"facts: {{{name}: {{run: ./measure.sh}}}}, or one of the names that locust-tui schema lists"
    )
    findings.error("unknown-name", f'"{name}" is no {what}', help_, span=_within(findings, where, name))


def _within(findings: Findings, where: Where, name: str) -> Span | None:
    """Where `name` stands inside the value at `where`, when that is on one line."""
    span = findings.place(where)
    if span is None or span.line != span.end_line:
        return span
    line = findings.lines[span.line - 1][span.col - 1 : span.end_col - 1]
    found = re.search(rf"\b{re.escape(name)}\b", line)
    if found is None:
        return span
    return Span(span.line, span.col + found.start(), span.line, span.col + found.end())
