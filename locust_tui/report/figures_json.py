"""The figures of a plan as plain values for JSON, each with the events that it rests on."""

from __future__ import annotations

from typing import Any

from ..domain.studies.figures import (
    Curve,
    EarnedStudy,
    EarnedValue,
    Figure,
    Flow,
    KpiFigure,
    KpiStudy,
    Share,
)
from ..domain.studies.rests import Rests
from ..domain.studies.success import FactReading, Scoreboard, SuccessLine, WatchLine
from .figures import iso, known

SCHEDULE = (
    "bac", "pv", "ev", "sv", "spi", "percent", "expected_percent", "es", "spi_t", "finish", "planned_finish",
)  # fmt: skip
COST = ("budget", "earned", "ac", "cv", "cpi", "eac", "etc", "vac", "tcpi")


def rests_document(rests: Rests) -> dict[str, Any]:
    """`revisions` only where they are few; `first`, `last` and `count` always."""
    found: dict[str, Any] = {"count": rests.count, "first": rests.first, "last": rests.last}
    if rests.revisions:
        found["revisions"] = list(rests.revisions)
    return found | ({"note": rests.note} if rests.note else {})


def figure(name: str, found: Figure) -> dict[str, Any]:
    return known(name, rounded(found.value), found.reason or "it cannot be told")


def rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def earned_document(study: EarnedStudy) -> dict[str, Any]:
    return {
        "at": iso(study.at),
        "cost_basis": study.cost_basis or None,
        "project": scope_document(study.project),
        "phases": [scope_document(e) for e in study.phases],
        "orchestrators": [scope_document(e) for e in study.orchestrators],
        "curve": curve_document(study.curve),
    }


def scope_document(earned: EarnedValue) -> dict[str, Any]:
    """Points of weight, money, plan weeks; `rests` by figure."""
    figures: dict[str, Any] = {}
    rests: dict[str, Any] = {}
    for name in (*SCHEDULE, *COST):
        found: Figure = getattr(earned, name)
        figures |= figure(name, found)
        rests[name] = rests_document(found.rests)
    return {
        "kind": earned.kind,
        "id": earned.id or None,
        "name": earned.name,
        "week": rounded(earned.at_week),
        **figures,
        "removed": earned.removed,
        "rests": rests,
    }


def curve_document(curve: Curve) -> dict[str, Any]:
    return {
        "points": [
            {
                "week": rounded(p.week), "pv": rounded(p.pv), "ev": rounded(p.ev), "bac": rounded(p.bac),
                "ac": rounded(p.ac),
            }
            for p in curve.points
        ],
        "reason": curve.reason or None,
        "now_week": rounded(curve.now_week),
        "scope_changes": [
            {
                "week": rounded(c.week), "revision": c.revision, "what": c.what, "state": c.state,
                "bac_before": rounded(c.bac_before), "bac_after": rounded(c.bac_after),
            }
            for c in curve.changes
        ],
        "forecast": [[rounded(week), rounded(points)] for week, points in curve.forecast],
        "rests": rests_document(curve.rests),
    }  # fmt: skip


_TIMES = ("wip", "cycle_p50", "cycle_p85", "cycle_mean", "lead_p50", "throughput_mean", "recovery")
_SHARES = (
    "capacity_utilisation", "dispatch_efficiency", "cross_domain", "cross_domain_on_time", "gate_pass",
    "criteria_pass", "change_failure",
)  # fmt: skip


def flow_document(found: Flow) -> dict[str, Any]:
    """Times in plan working days; each share in points with its numerator and denominator."""
    document: dict[str, Any] = {"at": iso(found.at)}
    rests: dict[str, Any] = {}
    for name in _TIMES:
        one: Figure = getattr(found, name)
        document |= figure(name, one)
        rests[name] = rests_document(one.rests)
    for name in _SHARES:
        share: Share = getattr(found, name)
        document[name] = share_document(share)
        rests[name] = rests_document(share.figure.rests)
    document["cross_domain"]["overdue"] = list(found.cross_domain_overdue)
    document["throughput"] = list(found.throughput)
    document["items"] = [
        {
            "id": i.id, "name": i.name, "state": i.state, "cycle": rounded(i.cycle), "lead": rounded(i.lead),
            "age": rounded(i.age), "aging": i.aging,
        }
        for i in found.items
    ]  # fmt: skip
    document["workstreams"] = [
        {
            "id": w.id,
            "name": w.name,
            **figure("completion", w.completion),
            **figure("review_pass", w.review_pass),
            **figure("schedule_days", w.schedule),
            "within_two_days": w.within_two_days,
            **figure("delay_caused_days", w.delay_caused),
        }
        for w in found.workstreams
    ]
    return document | {"rests": rests}


def share_document(share: Share) -> dict[str, Any]:
    part, whole = rounded(share.part), rounded(share.whole)
    return {**figure("value", share.figure), "part": part, "whole": whole}


def kpis_document(study: KpiStudy) -> list[dict[str, Any]]:
    return [kpi_document(k) for k in study.kpis]


def kpi_document(kpi: KpiFigure) -> dict[str, Any]:
    view = kpi.view
    return {
        "id": view.id,
        "name": view.name,
        "measure": kpi.measure,
        **known("value", rounded(view.value), view.reason or "it cannot be told"),
        "unit": view.unit or None,
        "target": view.target or None,
        **known("ok", view.ok, _not_judged(kpi)),
        "trend": [rounded(v) for v in view.trend],
        "part": rounded(kpi.part),
        "whole": rounded(kpi.whole),
        "inputs": {name: rounded(v) if isinstance(v, float) else v for name, v in kpi.inputs},
        "beside": {name: rounded(value) for name, value in kpi.second},
        "rests": rests_document(kpi.rests),
    }


def _not_judged(kpi: KpiFigure) -> str:
    view = kpi.view
    if view.value is None:
        return "it has no value yet"
    return view.second if view.target else "it has no target"


def success_document(board: Scoreboard) -> dict[str, Any]:
    return {
        "at": iso(board.at),
        "met": board.met,
        "of": len(board.lines),
        "success": [line_document(line, board.at) for line in board.lines],
        "released_at": iso(board.released_at),
        "release": board.release,
        "after_release": [watch_document(w) for w in board.watches],
    }


def line_document(line: SuccessLine, now: float) -> dict[str, Any]:
    return {
        "name": line.name,
        "check": line.check,
        "met": line.met.value,
        "why": line.reason or None,
        "facts": [fact_document(f, now) for f in line.facts],
        "by": line.by or None,
        "at": iso(line.at),
        "note": line.note or None,
        "rests": rests_document(line.rests),
    }


def fact_document(fact: FactReading, now: float) -> dict[str, Any]:
    return {
        "name": fact.name,
        **known("value", rounded(fact.value) if isinstance(fact.value, float) else fact.value, fact.reason),
        "unit": fact.unit or None,
        "at": iso(fact.at),
        "age_s": None if fact.at is None else round(max(0.0, now - fact.at), 1),
        "max_age_s": fact.max_age,
        "stale": fact.stale,
    }


def watch_document(watch: WatchLine) -> dict[str, Any]:
    return {
        "name": watch.name,
        "due": watch.due,
        **known("due_at", iso(watch.due_at), watch.reason),
        "state": watch.state.value,
        "what": watch.what,
        "met": watch.met.value,
        "why": watch.reason or None,
        "value": watch.value or None,
        "by": watch.by or None,
        "at": iso(watch.at),
        "note": watch.note or None,
        "rests": rests_document(watch.rests),
    }
