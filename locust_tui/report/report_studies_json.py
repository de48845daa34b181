"""What stands behind the template's sections of the weekly report, as plain values for JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..domain.snapshot import CriterionView, GateView
from ..domain.studies.baseline import PlanChange
from ..domain.studies.figures import EarnedValue, Figure, Flow, KpiFigure, Share
from ..domain.studies.forecast import change_words
from ..domain.studies.moments import Differences
from ..domain.studies.report import ReportGround
from ..domain.studies.success import Scoreboard
from ..domain.studies.timeline import Bar, Mark, Span, Timeline
from .figures import iso, known
from .status_json import value_and_limit

_NO_FORECAST = "there is no forecast"
EARNED = ("bac", "pv", "ev", "sv", "spi", "percent", "expected_percent", "ac", "cv", "cpi", "eac", "etc", "vac", "tcpi", "es", "spi_t", "finish")  # fmt: skip


def studies_document(ground: ReportGround) -> dict[str, Any]:
    """Each study under its own key; null where it could not be made."""
    return {
        "forecast": forecast_document(ground),
        "earned_value": [earned_document(e) for e in _earned(ground)],
        "burn_up": [
            {"week": _r(p.week), "planned": _r(p.pv), "verified": _r(p.ev), "scope": _r(p.bac)}
            for p in (ground.earned.curve.points if ground.earned is not None else ())
        ],
        "schedule": schedule_document(ground.timeline) if ground.timeline is not None else None,
        "gates": [gate_document(g) for g in ground.snapshot.gates],
        "cross_domain": cross_document(ground.flow) if ground.flow is not None else None,
        "kpis": [kpi_document(k) for k in (ground.kpis.kpis if ground.kpis is not None else ())],
        "plan_changes": None if ground.changes is None else [change_document(c) for c in ground.changes],
        "success": success_document(ground.success) if ground.success is not None else None,
        "since_last_week": None if ground.differences is None else differences_document(ground.differences),
    }


def _earned(ground: ReportGround) -> Iterator[EarnedValue]:
    if ground.earned is not None:
        yield from (ground.earned.project, *ground.earned.phases, *ground.earned.orchestrators)


def forecast_document(ground: ReportGround) -> dict[str, Any]:
    told, moved = ground.snapshot.forecast, ground.forecast
    why = told.reason or _NO_FORECAST
    window = ground.plan.project.window
    return {
        **known("p50_week", told.p50_week, why),
        **known("p85_week", told.p85_week, why),
        **known("p95_week", told.p95_week, why),
        **known("in_window", _r(told.in_window), why if told.p50_week is None else "the plan has no window"),
        "window": list(window) if window is not None else None,
        **known(
            "p85_shift_weeks", moved.shift if moved is not None else None, "there is no forecast of the week before"
        ),
        "change": change_words(moved) or None if moved is not None else None,
        "basis": list(ground.basis),
        "gates": [
            {"id": g.id, "p50_week": g.p50_week, "p85_week": g.p85_week, "due_week": g.due_week} for g in told.gates
        ],
    }  # fmt: skip


def earned_document(e: EarnedValue) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    for name in EARNED:
        figures |= figure_document(name, getattr(e, name))
    return {"kind": e.kind, "id": e.id or None, "name": e.name, **figures}


def figure_document(name: str, figure: Figure) -> dict[str, Any]:
    return known(name, _r(figure.value), figure.reason or "it cannot be told")


def schedule_document(timeline: Timeline) -> dict[str, Any]:
    return {
        **known("end_week", _r(timeline.end), timeline.reason or "nothing is left to do"),
        "planned_end_week": _r(timeline.planned_end),
        "path": list(timeline.path),
        "workstreams": [_bar(bar) for bar in timeline.bars],
        "milestones": [_mark(m) for m in timeline.marks if m.kind == "milestone"],
    }


def _bar(bar: Bar) -> dict[str, Any]:
    return {
        "id": bar.id,
        "name": bar.name,
        "state": bar.state.value,
        "verified": _r(bar.verified),
        "planned": _span(bar.planned),
        "actual": _span(bar.actual),
        "expected": _span(bar.expected),
        "float_weeks": _r(bar.float_weeks),
        "critical": bar.critical,
        "deviation_days": _r(bar.deviation_days),
    }


def _span(span: Span | None) -> list[float] | None:
    return None if span is None else [round(span.start, 4), round(span.end, 4)]


def _mark(mark: Mark) -> dict[str, Any]:
    return {
        "id": mark.id,
        "name": mark.name,
        "due": _r(mark.due),
        "reached": _r(mark.reached),
        "expected": _r(mark.expected),
        "on_time": mark.on_time,
    }


def gate_document(gate: GateView) -> dict[str, Any]:
    decision = gate.decision
    return {
        "id": gate.id,
        "name": gate.name,
        "state": gate.state.value,
        "due_week": gate.due_week,
        "overdue": gate.overdue,
        "passed": gate.passed,
        "waived": gate.waived,
        "criteria": [_criterion(c) for c in gate.criteria],
        "decision": None
        if decision is None
        else {
            "kind": decision.kind.value,
            "by": decision.by.name,
            "role": decision.by.role,
            "at": iso(decision.at),
            "note": decision.note or None,
        },
    }


def _criterion(c: CriterionView) -> dict[str, Any]:
    return {
        "key": c.key,
        "name": c.name,
        "must": c.must,
        "state": c.state.value,
        **value_and_limit(c),
        "unit": c.unit,
        "evidence": c.detail or None,
        "command": c.command,
        "exit_code": c.exit_code,
        "commit": c.commit,
        "at": iso(c.at),
        "waived_by": c.waived_by or None,
        "signed_by": c.signed_by or None,
    }


def cross_document(flow: Flow) -> dict[str, Any]:
    return {
        **_share("resolved", flow.cross_domain),
        **_share("on_time", flow.cross_domain_on_time),
        "overdue": list(flow.cross_domain_overdue),
    }


def _share(name: str, share: Share) -> dict[str, Any]:
    rate = known(f"{name}_rate", _r(share.figure.value), share.figure.reason or "nothing is counted")
    return {name: share.part, f"{name}_of": share.whole, **rate}


def kpi_document(kpi: KpiFigure) -> dict[str, Any]:
    view = kpi.view
    return {
        "id": view.id,
        "name": view.name,
        **known("value", view.value, view.reason or "it cannot be told"),
        "unit": view.unit or None,
        "target": view.target or None,
        "ok": view.ok,
        "trend": list(view.trend),
        "note": view.second or None,
        "measure": kpi.measure,
        "inputs": dict(kpi.inputs),
    }


def change_document(c: PlanChange) -> dict[str, Any]:
    return {
        "revision": c.revision,
        "at": iso(c.at),
        "place": c.place,
        "before": c.before or None,
        "after": c.after or None,
        "kind": c.kind.value,
        "eased": c.eased,
        "found": c.found or None,
        "by": c.by or None,
        "why": c.why or None,
    }


def success_document(board: Scoreboard) -> dict[str, Any]:
    return {
        "met": board.met,
        "of": len(board.lines),
        "criteria": [
            {
                "name": line.name,
                "check": line.check,
                "met": line.met.value,
                "why": line.reason or None,
                "facts": {fact.name: fact.value for fact in line.facts},
            }
            for line in board.lines
        ],
        "after_release": [
            {
                "name": w.name, "state": w.state.value, "due": iso(w.due_at), "met": w.met.value,
                "value": w.value or None, "why": w.reason or None,
            }
            for w in board.watches
        ],
    }  # fmt: skip


def differences_document(found: Differences) -> dict[str, Any]:
    return {
        "from_revision": found.before.revision,
        "to_revision": found.after.revision,
        "verdict_before": found.verdict_before or None,
        "verdict": found.verdict_after or None,
        "figures": [
            {"name": f.name, "unit": f.unit or None, "before": _r(f.before), "after": _r(f.after)} for f in found.moved
        ],
        "changes": [
            {
                "group": c.group.value, "subject": c.subject or None, "what": c.words or None, "before": c.before or None,
                "after": c.after or None, "by": c.by or None, "at": iso(c.at), "revision": c.revision, "note": c.note or None,
            }
            for c in found.changes
        ],
    }  # fmt: skip


def _r(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
