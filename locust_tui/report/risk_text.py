"""The risk register as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..domain.snapshot import RiskView
from .figures import age, iso
from .glyphs import Tone
from .table import Paint, plain, table


def risk_document(risk: RiskView) -> dict[str, Any]:
    return {
        "id": risk.id,
        "risk": risk.risk,
        "state": risk.state,
        "score": risk.score,
        "level": risk.level,
        "probability": risk.probability,
        "impact": risk.impact,
        "owner": risk.owner,
        "response": risk.response or None,
        "mitigation": risk.mitigation,
        "watch": risk.watch or None,
        "watched_at": iso(risk.watched_at),
        "since": iso(risk.since),
        "why": risk.why or None,
        "by": risk.by or None,
    }


_TONES = {"triggered": Tone.FAILED, "closed": Tone.DONE}


def risks_table(
    found: Sequence[RiskView], now: float, *, paint: Paint = plain, width: int | None = None
) -> list[str]:
    rows = [
        (
            risk.id,
            (risk.state, _TONES.get(risk.state, Tone.QUIET)),
            f"{risk.score:g}",
            risk.level,
            risk.owner or "",
            _watch(risk, now),
            risk.risk,
            risk.why,
        )
        for risk in found
    ]
    header = ("ID", "STATE", "SCORE", "LEVEL", "OWNER", "WATCH", "RISK", "WHY")
    return table(header, rows, right=frozenset({2}), paint=paint, width=width)


def _watch(risk: RiskView, now: float) -> str:
    if not risk.watch:
        return ""
    return f"{risk.watch} {age(now - risk.watched_at)} ago" if risk.watched_at is not None else risk.watch


def risk_lines(risk: RiskView, now: float) -> list[str]:
    since = f" for {age(now - risk.since)}" if risk.since is not None else ""
    by = f" (by {risk.by})" if risk.by else ""
    lines = [
        f"{risk.id}: {risk.risk}",
        f"  {risk.state}{since}{f': {risk.why}' if risk.why else ''}{by}",
        f"  score {risk.score:g}, {risk.level}: probability {risk.probability}, impact {risk.impact}",
        f"  owner: {risk.owner or 'nobody'}",
    ]
    if risk.mitigation or risk.response:
        lines.append(f"  response: {', '.join(filter(None, (risk.response, risk.mitigation)))}")
    if risk.watch:
        lines.append(f"  watch: {_watch(risk, now)}")
    return lines
