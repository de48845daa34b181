"""The forecast's study as JSON: every figure, and what it rests on. Percentages are points, times plan weeks."""

from __future__ import annotations

import math
from typing import Any

from ..domain.studies.forecast import ForecastChange, Standing, change_words
from ..domain.studies.forecast_study import ForecastStudy, Throughput
from .figures import iso, known

NO_WINDOW = "the plan has no window"


def forecast_document(found: ForecastStudy) -> dict[str, Any]:
    """What `forecast --json` prints; the keys stay."""
    view = found.view
    why = view.reason or "cannot be computed"
    document: dict[str, Any] = {"complete": found.complete}
    for key in ("p50_week", "p85_week", "p95_week"):
        document |= known(key, getattr(view, key), why)
    document |= known("in_window", view.in_window, view.reason or NO_WINDOW)
    document |= known("class", view.window_class or None, view.reason or NO_WINDOW)
    document |= {
        "smallest_cap": found.caps.smallest if found.caps is not None else None,
        "seed": found.seed,
        "runs": found.runs,
        "with_gates": found.with_gates,
        "as_planned": found.as_planned,
        "at": iso(found.standing.at) if found.standing.revision else None,
        "revision": found.standing.revision,
        "week": round(found.standing.week, 2),
        "window": list(found.window) if found.window is not None else None,
        "gates": [
            {
                "id": g.id, "p50_week": g.p50_week, "p85_week": g.p85_week, "p95_week": g.p95_week,
                "due_week": g.due_week, "by_due": _two(g.by_due), "open": g.id in found.opened,
            }
            for g in view.gates
        ],
        "criticality": {work: _two(points) for work, points in found.criticality},
        "movers": [
            {
                "id": m.id, "critical": _two(m.critical), "near_critical": m.near, "adds_weeks": _two(m.adds),
                "correlation": _two(m.correlation), "planned_weeks": _two(m.planned), "p50_weeks": _two(m.p50),
                "p85_weeks": _two(m.p85),
            }
            for m in found.movers
        ],
        "caps": _caps(found),
        "assumptions": list(found.basis.words),
        "sample_used": found.basis.used,
        "sample": _sample(found),
        "throughput": throughput_document(found.throughput) if found.throughput is not None else None,
        "change": _change(found.change),
        "history": [_standing(s) for s in found.past],
        "finish": _bins(found),
    }  # fmt: skip
    return document


def throughput_document(found: Throughput) -> dict[str, Any]:
    """The forecast by how many were finished a week."""
    document: dict[str, Any] = {"weekly": list(found.counts), "left": found.left}
    for key in ("p50_week", "p85_week", "p95_week"):
        document |= known(key, getattr(found, key), found.reason)
    document["least_week"] = _two(found.least_week)
    document["how_many"] = [
        {"weeks": h.weeks, "p50": h.p50, "p85": h.p85, "p95": h.p95} for h in found.how_many
    ]
    return document


def _caps(found: ForecastStudy) -> dict[str, Any] | None:
    caps = found.caps
    if caps is None:
        return None
    return {
        "max_agents": caps.cap,
        "smallest_cap": caps.smallest,
        "weeks": _two(caps.weeks),
        "levelled_weeks": _two(caps.levelled) if math.isfinite(caps.levelled) else None,
        "binds": caps.binds,
    }


def _sample(found: ForecastStudy) -> list[dict[str, Any]]:
    return [
        {
            "workstream": f.workstream, "agent": f.agent, "planned_weeks": _two(f.planned),
            "took_weeks": round(f.took, 4), "ratio": round(f.ratio, 4), "runs": list(f.runs),
            "started": iso(f.began_at), "accepted": iso(f.accepted_at), "revisions": list(f.rests.revisions),
        }
        for f in found.basis.finished
    ]  # fmt: skip


def _change(change: ForecastChange | None) -> dict[str, Any] | None:
    if change is None:
        return None
    return {
        "since": iso(change.before.at),
        "since_week": _two(change.before.week),
        "p50_week_before": change.before.p50_week,
        "p85_week_before": change.before.p85_week,
        "p85_week_now": change.now.p85_week,
        "shift_weeks": _two(change.shift),
        "reasons": list(change.reasons),
        "words": change_words(change),
    }


def _standing(standing: Standing) -> dict[str, Any]:
    return {
        "at": iso(standing.at), "week": _two(standing.week), "revision": standing.revision,
        "finished": standing.finished, "p50_week": standing.p50_week, "p85_week": standing.p85_week,
        "p95_week": standing.p95_week, "in_window": _two(standing.in_window),
        **({"reason": standing.reason} if standing.reason else {}),
    }  # fmt: skip


def _bins(found: ForecastStudy) -> dict[str, Any] | None:
    if found.bins is None:
        return None
    return {
        "first_week": round(found.bins.first, 4),
        "width_weeks": found.bins.width,
        "counts": list(found.bins.counts),
    }


def _two(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
