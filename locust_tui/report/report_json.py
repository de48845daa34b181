"""The weekly report as plain values for JSON."""

from __future__ import annotations

from typing import Any

from .figures import iso
from .weekly import StatusReport, points_gained


def report_document(report: StatusReport) -> dict[str, Any]:
    """Everything the Markdown says, unrounded; null where nothing could be computed."""
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
            "completion": _round(report.completion),
            "completion_before": _round(report.completion_before),
            "points_gained": points_gained(report.completion, report.completion_before),
            "on_track": report.verdict.value,
            "reasons": list(report.reasons),
        },
        "domains": [
            {
                "id": d.id,
                "name": d.name,
                "phases": d.phases or None,
                "progress": _round(d.progress),
                "progress_before": _round(d.progress_before),
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
    }


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
