"""What a document says that cannot be, beside what the check of the plan finds: by computing, and with its own words."""

from __future__ import annotations

import math
from dataclasses import replace

from ...analysis.schedule import critical_path
from ...domain.plan import Plan
from .draft import Draft
from .sentences import compare_counts, compare_limits, texts


def examine(draft: Draft, plan: Plan) -> None:
    """Add every contradiction that the document itself gives the numbers for."""
    lines = texts(draft.document)
    compare_counts(draft, plan, lines)
    compare_limits(draft, lines)
    _needs_and_dates(draft, plan)
    _descoping(draft, plan)


def _needs_and_dates(draft: Draft, plan: Plan) -> None:
    needs = [n for w in plan.workstreams.values() for n in w.needs]
    if not needs:
        return
    strict = critical_path(plan, strict=True)
    said = draft.said_path
    if said is not None and tuple(said[0]) != strict.path:
        slack = [
            f"{id} has {count(strict.total_float(id), 'week')} of float"
            for id in said[0]
            if strict.total_float(id) > 1e-6
        ]
        draft.notes.warn(
            "critical-path",
            f"the critical path is given as {' → '.join(said[0])}; by the dependencies it is {' → '.join(strict.path)}"
            + (f": {', '.join(slack)}" if slack else ""),
            said[1],
        )
    planned = plan.last_week
    takes = math.ceil(strict.weeks - 1e-9)
    if planned and takes > planned and any(w.weeks for w in plan.workstreams.values()):
        first = next(iter(draft.packages.values()))
        draft.notes.warn(
            "network",
            f"with every dependency finished first the plan takes {takes} weeks, not {planned}",
            first.line,
            "needs: {ID: 50%} lets work start earlier",
        )


def _descoping(draft: Draft, plan: Plan) -> None:
    """What leaving the candidates out saves, by the critical path with planned dates."""
    whole = critical_path(plan, as_planned=True).weeks
    for n, strategy in enumerate(draft.values.get("strategies", ())):
        if strategy["kind"] != "descope":
            continue
        line = draft.lines["strategies", n]
        if any(id in plan.workstreams for id in strategy.get("candidates", ())):
            continue
        help_ = "candidates: [WS-07, WS-08] says which could be deferred"
        draft.notes.note(
            "descope", f'"{strategy["name"]}" names no workstreams that could be deferred', line, help_
        )
        if 1 < len(plan.workstreams) <= 200 and all(
            whole - _without(plan, {id}) < 0.05 for id in plan.workstreams
        ):
            draft.notes.warn(
                "descope",
                "deferring any single workstream saves 0 weeks: none alone decides the finish",
                line,
            )


def count(number: float, noun: str) -> str:
    return f"{number:g} {noun}{'' if number == 1 else 's'}"


def _without(plan: Plan, ids: set[str]) -> float:
    left = {
        id: replace(w, needs=tuple(n for n in w.needs if n.target not in ids))
        for id, w in plan.workstreams.items() if id not in ids
    }  # fmt: skip
    return critical_path(replace(plan, workstreams=left), as_planned=True).weeks if left else 0.0
