"""Expressions of KPIs, alerts and end conditions: readable, and made of names that exist."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ...domain.plan import Plan
from ...errors import did_you_mean
from ..findings import Findings
from ..names import BUILTIN_NAMES, METRICS
from ..tree import Tree, Where
from .places import item_place, name_place, written_key

MAX_LENGTH = 500
_FUNCTIONS = frozenset({"abs", "min", "max", "round"})


def check_expressions(plan: Plan, tree: Tree, findings: Findings) -> None:
    """Every name in an expression is a fact of the plan, a KPI, or built in."""
    facts = fact_names(plan)
    known = {*BUILTIN_NAMES, *facts, *plan.kpis}
    for id_, kpi in plan.kpis.items():
        _check(kpi.measure, ("kpis", id_, "measure"), known - {id_}, findings)
    for alert in plan.alerts:
        _check(alert.when, (*item_place(tree, "alerts", alert.name, "name"), "when"), known, findings)
    for section, checks in (("success", plan.success), ("after_release", plan.after_release)):
        for number, check in enumerate(checks):
            if check.check is not None:
                _check(check.check, (section, number, "check"), known, findings)
            elif check.criterion is None:
                findings.error(
                    "nothing-to-measure",
                    f'"{check.name}" says neither check nor anything to measure',
                    "check: phases_done == 4",
                    at=(section, number),
                )
    for risk in plan.risks:
        for probe in risk.watch.probes if risk.watch else ():
            if probe.kind == "fact" and probe.text not in known:
                at = (*item_place(tree, "risks", risk.id, "id"), "watch", "fact")
                _unknown(probe.text, at, known, findings)
    metrics = {*METRICS, *known}
    for monitor in plan.monitors:
        where = written_key(tree, item_place(tree, "monitors", monitor.name, "name"), "metrics")
        for name in monitor.metrics:
            if name not in metrics:
                _unknown(name, name_place(tree, where, name), metrics, findings, "metric")


def fact_names(plan: Plan) -> set[str]:
    """Names of `facts:` and of every criterion's `as:`."""
    criteria = [*plan.facts, *(c for g in plan.gates.values() for c in g.criteria)]
    for workstream in plan.workstreams.values():
        criteria += workstream.accept
        criteria += [d.check for d in workstream.deliverables if d.check]
    criteria += plan.meta.invariants if plan.meta else ()
    return {c.fact for c in criteria if c.fact}


def _check(text: str, where: Where, known: set[str], findings: Findings) -> None:
    if len(text) > MAX_LENGTH:
        findings.error(
            "expression", f"an expression has at most {MAX_LENGTH} characters", "shorten it", at=where
        )
        return
    try:
        names = list(names_in(text))
    except ValueError as error:
        findings.error(
            "expression",
            f'"{text[:60]}" is not an expression: {error}',
            "phase_progress < expected_progress - 10",
            at=where,
        )
        return
    for name in dict.fromkeys(names):
        if name not in known:
            _unknown(name, where, known, findings)


def _unknown(
    name: str, where: Where, known: set[str], findings: Findings, what: str = "fact or built-in name"
) -> None:
    help_ = (
        did_you_mean(name, sorted(known))
        or f"facts: {{{name}: {{run: ./measure.sh}}}}, or one of the names that locust-tui schema lists"
    )
    findings.error("unknown-name", f'"{name}" is no {what}', help_, at=where)


_ALLOWED = (
    ast.Expression, ast.BoolOp, ast.BinOp, ast.UnaryOp, ast.Compare, ast.Call, ast.Name, ast.Constant,
    ast.boolop, ast.operator, ast.unaryop, ast.cmpop, ast.expr_context,
)  # fmt: skip


def names_in(text: str) -> Iterator[str]:
    """Names an expression reads, in order. Raises ValueError (one line) for what is none."""
    if not text.isascii():
        raise ValueError("plain ASCII only")
    depth = 0
    for char in text:
        depth += (char in "([{") - (char in ")]}")
        if depth > 20:
            raise ValueError("its brackets are nested too deep")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise ValueError("it cannot be read") from None
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    found: list[str] = []
    for node in ast.walk(tree):
        if not isinstance(node, _ALLOWED) or isinstance(node, ast.Pow):
            raise ValueError(f"{type(node).__name__.lower()} has no place in it")
        if isinstance(node, ast.Name):
            if id(node) not in called:
                found.append(node.id)
            elif node.id not in _FUNCTIONS:
                raise ValueError(f"{node.id} is not one of {', '.join(sorted(_FUNCTIONS))}")
    return iter(found)
