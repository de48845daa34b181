"""`status --json`: one snapshot as the document whose keys stay. What cannot be computed is null, with its reason."""

from __future__ import annotations

from typing import Any

from ..domain.snapshot import (
    AccountView,
    CriterionView,
    GateView,
    KpiView,
    OrchestratorView,
    Snapshot,
    SpendView,
    WorkstreamView,
)
from ..domain.states import TaskState
from .agents_json import agents_document
from .coordination_json import alert_document, grant_document, message_counts, open_escalation, task_document
from .figures import iso, known

SCHEMA = 1


def status_document(snapshot: Snapshot) -> dict[str, Any]:
    """The whole document; points are 0 to 100, moments UTC ISO 8601, weeks plan weeks."""
    return {
        "schema": SCHEMA,
        "plan": {"name": snapshot.plan_name, "path": snapshot.plan_path, "hash": snapshot.plan_digest},
        "revision": snapshot.revision,
        "at": iso(snapshot.at),
        "week": snapshot.week,
        "worker": {"running": snapshot.worker_pid is not None, "pid": snapshot.worker_pid or None},
        "troubles": [{"about": t.about, "what": t.what, "since": iso(t.since)} for t in snapshot.troubles],
        **_figure("progress", snapshot.progress, snapshot.progress_reason or "no workstream is in scope"),
        **_figure("expected_progress", snapshot.expected_progress, _no_dates(snapshot)),
        "verdict": snapshot.verdict.value,
        "reasons": list(snapshot.reasons),
        "phases": [
            {
                "id": p.id,
                "name": p.name,
                "state": p.state.value,
                **_figure("progress", p.progress, "no workstream of the phase is in scope"),
                **_figure("expected_progress", p.expected_progress, _no_dates(snapshot)),
            }
            for p in snapshot.phases
        ],
        "orchestrators": [_orchestrator(o) for o in snapshot.orchestrators],
        "workstreams": [workstream_document(w) for w in snapshot.workstreams],
        "gates": [gate_document(g) for g in snapshot.gates],
        "agents": agents_document(snapshot),
        "kpis": [_kpi(k) for k in snapshot.kpis],
        "forecast": _forecast(snapshot),
        "waiting": [
            {"item": w.item, "kind": w.kind, "for": w.wanted, "since": iso(w.since)} for w in snapshot.waiting
        ],
        "held_plan": _held(snapshot),
        "spend": spend_document(snapshot.spend),
        "accounts": [_account(a) for a in snapshot.accounts],
        "features": sorted(snapshot.features),
        "alerts": [alert_document(a) for a in snapshot.alerts],
        "messages": message_counts(snapshot),
        "tasks": [task_document(t) for t in snapshot.tasks if t.state is TaskState.OPEN],
        "escalations": [open_escalation(s) for s in snapshot.escalations if s.open],
        "grants": [grant_document(g) for g in snapshot.grants if not g.ended],
    }


def inbox_document(snapshot: Snapshot) -> list[dict[str, Any]]:
    """`inbox --json`: what waits for a person, the most urgent first. `digest` is what an answer is bound to."""
    return [
        {
            "item": w.item,
            "kind": w.kind,
            "for": w.wanted,
            "since": iso(w.since),
            "run": w.run,
            "what": w.what,
            "digest": w.digest or None,
            "choices": list(w.choices),
            "subject": w.subject or None,
            "detail": w.detail or None,
            "rule": w.rule or None,
            "rank": w.rank,
        }
        for w in snapshot.waiting
    ]


def _figure(key: str, value: float | None, reason: str) -> dict[str, Any]:
    """`key` with its value, or null and `key_reason`."""
    return known(key, None if value is None else round(value, 4), reason)


def _no_dates(snapshot: Snapshot) -> str:
    if snapshot.last_week is None:
        return "no dates in the plan"
    return "the plan has not started" if not snapshot.week else "no dates in this part of the plan"


def _orchestrator(o: OrchestratorView) -> dict[str, Any]:
    return {
        "id": o.id,
        "name": o.name,
        **_figure("progress", o.progress, "no workstream of it is in scope"),
        "workstreams": list(o.workstreams),
        "agents_running": o.agents_running,
        "quota": o.quota,
        "spend": spend_document(o.spend),
        "verdict": o.verdict.value,
        "reasons": list(o.reasons),
    }


def workstream_document(w: WorkstreamView) -> dict[str, Any]:
    """One of the document's `workstreams`."""
    return {
        "id": w.id,
        "name": w.name,
        "phase": w.phase,
        "orchestrator": w.orchestrator,
        "state": w.state.value,
        **_figure("verified", None if w.unknown else w.verified, "nothing says yet what to do"),
        **_figure("reported", w.reported, "no agent has reported"),
        "attempt": w.attempt,
        "needs": [{"id": n.id, "condition": n.condition, "met": n.met} for n in w.needs],
        "why": w.why,
        "since": iso(w.since),
        "spend": spend_document(w.spend),
        "pull_request": w.pull_request or None,
    }


def gate_document(g: GateView) -> dict[str, Any]:
    """One of the document's `gates`."""
    d = g.decision
    return {
        "id": g.id,
        "name": g.name,
        "state": g.state.value,
        "due_week": g.due_week,
        "decision": d
        and {
            "kind": d.kind.value,
            "by": d.by.name,
            "role": d.by.role,
            "at": iso(d.at),
            "note": d.note,
            "conditions": [{"text": c.text, "owner": c.owner, "due": c.due} for c in d.conditions],
        },
        "open_conditions": [
            {"text": c.text, "owner": c.owner, "due": c.due, "overdue": c.overdue} for c in g.open_conditions
        ],
        "criteria": [criterion_document(c) for c in g.criteria],
        **_figure("late_days", g.late_days, "no due week" if g.due_week is None else "not due yet"),
    }


def criterion_document(c: CriterionView) -> dict[str, Any]:
    """One criterion with the evidence behind its state; `evidence` is null before the first measurement."""
    return {
        "name": c.name,
        "id": c.id,
        "kind": c.kind,
        "must": c.must,
        "state": c.state.value,
        **value_and_limit(c),
        "unit": c.unit,
        "evidence": None
        if c.at is None
        else {
            "at": iso(c.at),
            "duration_s": c.duration_s,
            "command": c.command,
            "exit_code": c.exit_code,
            "commit": c.commit,
            "log": c.log,
            "detail": c.detail,
        },
        "waits_for": c.waits_for or None,
        "waived_by": c.waived_by or None,
        "signed_by": c.signed_by or None,
    }


def value_and_limit(c: CriterionView) -> dict[str, Any]:
    """What was measured and what it is held to, each null with its reason."""
    return {
        **known("value", c.value, _no_value(c)),
        **known("limit", c.limit, "the criterion has no limit"),
    }


def _no_value(c: CriterionView) -> str:
    if c.at is None:
        return "a person answers it" if c.kind == "manual" else "not measured yet"
    return "it measures no number"


def spend_document(spend: SpendView | None) -> dict[str, Any] | None:
    """What was spent, with the budgets of that scope; null where nothing was and there is no budget."""
    if spend is None:
        return None
    return {
        **known("tokens", spend.tokens, "no agent has reported any"),
        **known(
            "cost_usd",
            None if spend.cost_usd is None else round(spend.cost_usd, 6),
            "no agent has reported any",
        ),
        "budgets": [
            {
                "measure": b.measure,
                "spent": round(b.spent, 6),
                "limit": b.limit,
                "points": round(b.points, 4),
                "warn": b.warn,
            }
            for b in spend.budgets
        ],
    }


def _account(a: AccountView) -> dict[str, Any]:
    return {
        "id": a.id,
        "state": a.state.value,
        "why": a.why or None,
        "since": iso(a.since),
        "window": a.window or None,
        "utilization": a.utilization,
        "resets_at": iso(a.resets_at),
        "parked": list(a.parked),
    }


def _kpi(k: KpiView) -> dict[str, Any]:
    return {
        "id": k.id,
        **_figure("value", k.value, k.reason or "cannot be computed yet"),
        "target": k.target,
        **known("ok", k.ok, "it has no target" if k.value is not None else "it has no value yet"),
        "trend": [v for v in k.trend if v is not None],
        "unit": k.unit or None,
    }


def _forecast(snapshot: Snapshot) -> dict[str, Any]:
    f = snapshot.forecast
    why = f.reason or "cannot be computed"
    return {
        **known("p50_week", f.p50_week, why),
        **known("p85_week", f.p85_week, why),
        **known("p95_week", f.p95_week, why),
        **known("in_window", f.in_window, f.reason or "the plan has no window"),
    }


def _held(snapshot: Snapshot) -> dict[str, Any] | None:
    h = snapshot.held
    if h is None:
        return None
    return {
        "digest": h.digest, "why": h.why, "summary": h.summary, "lines": list(h.lines), "edited_during": list(h.during),
    }  # fmt: skip
