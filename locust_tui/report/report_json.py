"""The weekly report as plain values for JSON."""

from __future__ import annotations

from typing import Any

from .coordination_json import grant_document
from .escalation_text import escalation_document
from .figures import iso, known
from .report_rests import rests_document
from .report_studies_json import studies_document
from .weekly import StatusReport, points_gained

_NO_SCOPE = "no workstream is in scope"
_NO_WEEK_BEFORE = "there is no figure of the week before"


def report_document(report: StatusReport) -> dict[str, Any]:
    """Everything the Markdown says, unrounded; null where nothing could be computed. Under "rests_on" stands, by JSON
    pointer, which events of the log each figure was computed from."""
    document = _template(report)
    if report.ground is not None:
        document |= studies_document(report.ground)
        document["rests_on"] = rests_document(report)
    return document


def _template(report: StatusReport) -> dict[str, Any]:
    return {
        "schema": 1,
        "project": report.project,
        "short": report.short,
        "week": report.week,
        "at": iso(report.at),
        "revision": report.revision,
        "plan_hash": report.plan_digest,
        "overall": {
            "phase": report.phase or None,
            **known("completion", _round(report.completion), _NO_SCOPE),
            **known("completion_before", _round(report.completion_before), _NO_WEEK_BEFORE),
            **known(
                "points_gained",
                points_gained(report.completion, report.completion_before),
                _NO_WEEK_BEFORE if report.completion is not None else _NO_SCOPE,
            ),
            "on_track": report.verdict.value,
            "reasons": list(report.reasons),
        },
        "domains": [
            {
                "id": d.id,
                "name": d.name,
                "phases": d.phases or None,
                **known("progress", _round(d.progress), _NO_SCOPE),
                **known("progress_before", _round(d.progress_before), _NO_WEEK_BEFORE),
                "blockers": list(d.blockers),
                "next_week": list(d.next_week),
            }
            for d in report.domains
        ],
        "risks": [
            {
                "id": r.id,
                "risk": r.risk,
                "mitigation": r.mitigation or None,
                "score": r.score,
                "level": r.level,
                "state": r.state,
                "change": r.change or None,
            }
            for r in report.risks
        ],
        "decisions": [
            {"item": d.item, "decision": d.decision, "context": d.context} for d in report.decisions
        ],
        "resources": list(report.resources),
        "spending": list(report.spending),
        "agent_requests": [
            {
                "item": r.item,
                "what": r.what,
                "asked": iso(r.asked),
                "choice": r.choice or None,
                "by": r.by or None,
                "at": iso(r.at),
                "note": r.note or None,
            }
            for r in report.requests
        ],
        "grants": [grant_document(g) for g in report.grants],
        "escalations": [escalation_document(s) for s in report.escalations],
    }


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
