"""What a document says that cannot be: found by computing with the plan it makes, and with its own words."""

from __future__ import annotations

import math
import re
from dataclasses import replace

from ...analysis.levelling import smallest_cap
from ...analysis.schedule import critical_path
from ...domain.plan import Plan
from .draft import Draft
from .marks import plain
from .sentences import compare_counts, compare_limits, texts
from .words import keywords

_FROM_WEEK = re.compile(r"\bfrom week (\d{1,3})\b", re.IGNORECASE)


def examine(draft: Draft, plan: Plan) -> None:
    """Add every contradiction that the document itself gives the numbers for."""
    lines = texts(draft.document)
    compare_counts(draft, plan, lines)
    compare_limits(draft, lines)
    _staffing(draft, plan)
    _gates_and_phases(draft, plan)
    _needs_and_dates(draft, plan)
    _caps(draft, plan)
    _descoping(draft, plan)


def _staffing(draft: Draft, plan: Plan) -> None:
    """Work that the text wants from a week on, before the workstream it is about is planned."""
    sources = [
        (plain(str(r.get("mitigation", ""))), draft.lines["risks", n])
        for n, r in enumerate(draft.values.get("risks", ()))
    ]
    sources += [
        (str(s.get("description", "")), draft.lines["strategies", n])
        for n, s in enumerate(draft.values.get("strategies", ()))
    ]
    for text, line in sources:
        match = _FROM_WEEK.search(text)
        if match is None:
            continue
        words = keywords(text, {"week", "team", "parallel", "system"})
        for workstream in plan.workstreams.values():
            common = words & keywords(workstream.name)
            if common and workstream.weeks is not None and workstream.weeks.first > int(match[1]):
                draft.notes.warn(
                    "staffing",
                    f'"{text}", but {workstream.id} ({workstream.name}) is planned for weeks {workstream.weeks}',
                    line,
                    f"plan work on {', '.join(sorted(common))} from week {match[1]}, or change the text",
                )


def _gates_and_phases(draft: Draft, plan: Plan) -> None:
    """Phases that begin before the gate that opens them is due."""
    due = {g.id: g.line for g in draft.barriers}
    for gate in plan.gates.values():
        phase = plan.phases.get(gate.opens or "")
        if (
            phase is not None
            and phase.weeks is not None
            and gate.week is not None
            and phase.weeks.first <= gate.week
        ):
            draft.notes.warn(
                "gate-before-phase",
                f"phase {phase.id} begins in week {phase.weeks.first}, but gate {gate.id} that opens it is due at the end of week {gate.week}",
                due.get(gate.id),
                "with the default mode overlap it may start, and none of it is accepted before Go; mode: hard makes it wait",
            )


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


def _caps(draft: Draft, plan: Plan) -> None:
    """The fewest agents that delay nothing, where dependencies say what can run at one time."""
    cap = plan.resources.max_agents
    if cap is None or not any(w.needs for w in plan.workstreams.values()):
        return
    least = smallest_cap(plan)
    if least is not None and least < cap:
        draft.notes.note(
            "cap",
            f"{least} workstreams at a time give the same finish as {cap} agents",
            draft.lines.get(("resources", "max_agents")),
        )


def _descoping(draft: Draft, plan: Plan) -> None:
    """What leaving the candidates out saves, by the critical path with planned dates."""
    whole = critical_path(plan, as_planned=True).weeks
    for n, strategy in enumerate(draft.values.get("strategies", ())):
        if strategy["kind"] != "descope":
            continue
        line = draft.lines["strategies", n]
        named = [id for id in strategy.get("candidates", ()) if id in plan.workstreams]
        if named:
            saved = whole - _without(plan, set(named))
            if saved < 0.05:
                draft.notes.warn(
                    "descope",
                    f"deferring {', '.join(named)} saves 0 weeks: none of them is on the critical path",
                    line,
                )
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
