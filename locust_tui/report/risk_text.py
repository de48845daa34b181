"""The risk register as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..domain.snapshot import RiskView
from ..domain.studies.risks import RiskMove
from ..safe_text import safe
from .figures import age, iso, known
from .glyphs import Tone
from .risk_map import Cell, risk_map
from .table import Paint, cells, cut, plain, table


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
        "scale": risk.scale,
        **known("exposure_days", risk.exposure_days, "the plan gives it no delay"),
        "watches": risk.watches or None,
        "watch": risk.watch or None,
        "found": risk.found or None,
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
            f"{risk.exposure_days:.3g} d" if risk.exposure_days is not None else "",
            risk.owner or "",
            _watch(risk, now),
            risk.risk,
            risk.why,
        )
        for risk in found
    ]
    header = ("ID", "STATE", "SCORE", "LEVEL", "EXPOSURE", "OWNER", "WATCH", "RISK", "WHY")
    return table(header, rows, right=frozenset({2, 4}), paint=paint, width=width)


def _watch(risk: RiskView, now: float) -> str:
    if not risk.watch:
        return ""
    return f"{risk.watch} {age(now - risk.watched_at)} ago" if risk.watched_at is not None else risk.watch


def risk_lines(risk: RiskView, now: float, history: Sequence[RiskMove] = ()) -> list[str]:
    since = f" for {age(now - risk.since)}" if risk.since is not None else ""
    by = f" (by {risk.by})" if risk.by else ""
    lines = [
        f"{risk.id}: {risk.risk}",
        f"  {risk.state}{since}{f': {risk.why}' if risk.why else ''}{by}",
        f"  score {risk.score:g}, {risk.level}: probability {risk.probability}, impact {risk.impact}",
    ]
    if risk.delay_days is not None and risk.exposure_days is not None:
        cost = f"{risk.delay_days:.3g} days where it happens"
        lines.append(f"  exposure: {risk.exposure_days:.3g} days ({cost})")
    lines.append(f"  owner: {risk.owner or 'nobody'}")
    if risk.mitigation or risk.response:
        lines.append(f"  response: {', '.join(filter(None, (risk.response, risk.mitigation)))}")
    if risk.watch:
        lines.append(f"  watch: {risk.watches}")
        found = f": {risk.found}" if risk.found else ""
        lines.append(f"         {_watch(risk, now)}{found}")
    if history:
        lines.append("  history:")
        lines += [
            f"    {iso(m.at)}  {m.state.value:<9}  by {m.by}{f': {m.why}' if m.why else ''}" for m in history
        ]
    return lines


def history_document(history: Sequence[RiskMove]) -> list[dict[str, Any]]:
    return [
        {"revision": m.revision, "at": iso(m.at), "state": m.state.value, "by": m.by, "why": m.why or None}
        for m in history
    ]


def map_lines(risks: Sequence[RiskView], *, paint: Paint = plain, width: int | None = None) -> list[str]:
    """The map in characters: a row a probability, a column an impact; each cell its risks and its level."""
    found = risk_map(risks)
    labels = max(map(len, found.probabilities))
    room = ((width or 100) - labels - 2) // len(found.impacts) - 3
    shown = [[_cell_ids(cell, max(4, room - 7)) for cell in row] for row in found.rows]
    needed = max(max(cells(ids) for row in shown for ids in row) + 7, *map(len, found.impacts))
    wide = max(8, min(needed, room))
    rule = " " * (labels + 1) + "+" + "+".join(["-" * (wide + 2)] * len(found.impacts)) + "+"
    lines = ["probability", rule]
    for name, row, ids in zip(found.probabilities, found.rows, shown, strict=True):
        parts = [_drawn_cell(cell, text, wide, paint) for cell, text in zip(row, ids, strict=True)]
        lines += [f"{name:>{labels}} |" + "|".join(parts) + "|", rule]
    impacts = [f"{cut(name, wide):<{wide}}" for name in found.impacts]
    return [*lines, " " * (labels + 3) + "   ".join(impacts).rstrip(), " " * (labels + 3) + "impact"]


def _drawn_cell(cell: Cell, text: str, wide: int, paint: Paint) -> str:
    level = cell.level if cell.level != "medium" else "med"
    gap = " " * max(1, wide - cells(text) - len(level))
    tone = Tone.FAILED if any(r.state == "triggered" for r in cell.risks) else Tone.PLAIN
    return f" {paint(text, tone) if text else ''}{gap}{paint(level, Tone.QUIET)} "


def _cell_ids(cell: Cell, room: int) -> str:
    """Ids of the cell's risks, "!" before a triggered one, closed ones in brackets; what has no room is counted."""
    marks = {"triggered": "!{}", "closed": "({})"}
    ids = [safe(marks.get(r.state, "{}").format(r.id), oneline=True) for r in cell.risks]
    for count in range(len(ids), 0, -1):
        more = f" +{len(ids) - count}" if count < len(ids) else ""
        text = " ".join(ids[:count]) + more
        if cells(text) <= room or count == 1:
            return cut(text, room)
    return ""
