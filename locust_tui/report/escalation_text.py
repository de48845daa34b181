"""Escalations as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..analysis.escalations import ALL
from .figures import age, iso, until
from .glyphs import Tone
from .table import Paint, plain, table

if TYPE_CHECKING:
    from ..domain.coordination import EscalationStatus


def escalation_document(status: EscalationStatus) -> dict[str, Any]:
    return {
        "id": status.id,
        "kind": status.kind,
        "subject": status.subject,
        "what": status.what,
        "detail": status.detail,
        "urgency": status.urgency,
        "state": "open" if status.open else "closed",
        "by": status.by,
        "run": status.run or None,
        "item": status.item or None,
        "raised": iso(status.raised),
        "route": list(status.route),
        "mode": status.mode,
        "step": status.step,
        "waits_for": list(status.waits_for),
        "due": iso(status.due),
        "acknowledged": list(status.acknowledged),
        "replies": [
            {"party": r.party, "by": r.by, "decision": r.decision, "note": r.note, "at": iso(r.at)}
            for r in status.replies
        ],
        "closed": iso(status.closed),
        "why": status.closed_why or None,
        "record": None
        if not status.decision
        else {
            "context": status.context,
            "decision": status.decision,
            "consequences": status.consequences,
        },
    }


def escalations_table(
    found: Sequence[EscalationStatus], now: float, *, paint: Paint = plain, width: int | None = None
) -> list[str]:
    rows = [
        (
            status.id,
            status.kind,
            status.subject,
            ", ".join(status.waits_for) if status.open else ("closed", Tone.DONE),
            _time(status, now),
            age(now - status.raised),
            status.decision or status.closed_why or status.what,
        )
        for status in found
    ]
    header = ("ID", "KIND", "ABOUT", "WAITS FOR", "UNTIL", "AGE", "WHAT")
    return table(header, rows, paint=paint, width=width)


def _time(status: EscalationStatus, now: float) -> str | tuple[str, Tone]:
    if status.due is None:
        return ""
    acknowledged = " (acknowledged)" if set(status.waits_for) & set(status.acknowledged) else ""
    words = f"{until(status.due, now)} UTC{acknowledged}"
    return (words, Tone.FAILED) if status.due < now else words


def escalation_lines(status: EscalationStatus, now: float) -> list[str]:
    """All of it: route, answers, and the record of the decision."""
    how = "all of" if status.mode == ALL else "in turn"
    lines = [
        f"{status.id}: {status.kind} escalation about {status.subject}, {status.urgency}",
        f"  {status.what}",
        *(f"  {line}" for line in status.detail.splitlines()),
        f"  raised {age(now - status.raised)} ago by {status.by}{f' in {status.run}' if status.run else ''}",
        f"  route: {how} {', '.join(status.route)}",
    ]
    if status.item:
        lines.append(f"  grew out of: {status.item}; closes by itself when that is over")
    lines += [f"  acknowledged by {party}" for party in status.acknowledged]
    for reply in status.replies:
        note = f" ({reply.note})" if reply.note else ""
        lines.append(f"  {reply.party}: {reply.decision}{note}, by {reply.by}")
    if status.open:
        time = f" until {until(status.due, now)} UTC" if status.due is not None else ""
        lines.append(f"  waits for {', '.join(status.waits_for)}{time}; time that runs out approves nothing")
        return lines
    lines.append(f"  closed: {status.closed_why}")
    if status.decision:
        lines += [
            "  decision record",
            *_record("context", status.context),
            *_record("decision", status.decision),
        ]
        lines += _record("consequences", status.consequences or "none named")
    return lines


def _record(name: str, text: str) -> list[str]:
    first, *rest = text.splitlines() or [""]
    return [f"    {name + ':':<14}{first}", *(f"{'':18}{line}" for line in rest)]
