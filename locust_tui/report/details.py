"""One workstream and one gate in full: what stands behind their state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..domain.snapshot import CriterionView, GateView, WorkstreamView
from ..domain.states import OPEN_GATE_STATES
from ..safe_text import safe
from .baseline_text import change_document, gate_change_words
from .figures import iso, number, percent
from .gate_words import late_words
from .glyphs import Tone, glyph, tone, word
from .status_json import criterion_document, gate_document, workstream_document
from .table import Paint, plain, table
from .why_gate import never_met


def workstream_details(w: WorkstreamView) -> dict[str, Any]:
    """`workstreams[]` of the status document, and everything else that is known of it."""
    return {
        **workstream_document(w),
        "came_to": w.came_to or None,
        "priority": w.priority,
        "weight": w.weight,
        "weeks": w.weeks or None,
        "agent": w.agent,
        "run": w.run,
        "critical": w.critical,
        "float_weeks": w.float_weeks,
        "note": w.note or None,
        "blocker": w.blocker or None,
        "next": w.next or None,
        "deliverables": [
            {
                "id": d.id,
                "name": d.name,
                "verified": d.verified,
                "claimed": d.claimed,
                "checkable": d.checkable,
            }
            for d in w.deliverables
        ],
        "checks": [criterion_document(c) for c in w.checks],
        "reviewers": list(w.reviewers),
        "actions": list(w.actions),
        "instructions": w.instructions or None,
    }


def workstream_text(w: WorkstreamView, *, ascii_only: bool = False) -> str:
    """The same for people."""
    head = w.id if w.name == w.id else f"{w.id}  {w.name}"
    facts = [
        (
            "state",
            f"{glyph(w.instead or w.state, ascii_only=ascii_only)} {word(w.instead or w.state)}"
            + (f": {why}" if (why := w.why or w.came_to) else ""),
        ),
        (
            "done",
            f"{percent(w.verified)} verified"
            + ("" if w.reported is None else f", the agent says {percent(w.reported)}"),
        ),
        (
            "plan",
            ", ".join(
                p
                for p in (
                    w.phase and f"phase {w.phase}",
                    w.orchestrator,
                    w.weeks and f"weeks {w.weeks}",
                    f"priority {w.priority}",
                )
                if p
            ),
        ),
        ("attempt", _attempt(w) + (f", run {w.run}" if w.run else "")),
        ("agent", w.agent or "its own command"),
        ("note", w.note),
        ("blocker", w.blocker),
        ("next", w.next),
        ("reviewers", ", ".join(w.reviewers)),
        ("possible", ", ".join(w.actions)),
    ]
    lines = [
        safe(head, oneline=True),
        *(f"  {key:<10} {safe(value, oneline=True)}" for key, value in facts if value),
    ]
    lines += _block(
        "needs",
        [
            f"{'met ' if n.met else 'open'}  {n.id} {n.condition}" + (f": {n.why}" if n.why else "")
            for n in w.needs
        ],
    )
    lines += _block(
        "deliverables",
        [
            f"{_proof(d.verified, d.claimed, d.checkable)}  {d.id}" + (f" {d.name}" if d.name != d.id else "")
            for d in w.deliverables
        ],
    )
    lines += _block(
        "checks", [f"{c.state.value:<8} {c.name}" + (f": {c.detail}" if c.detail else "") for c in w.checks]
    )
    if w.instructions:
        lines += ["", "instructions", *(f"  {line}" for line in safe(w.instructions).splitlines())]
    return "\n".join(lines) + "\n"


def _attempt(w: WorkstreamView) -> str:
    """ "2 of 3"; a person may have asked for more than the plan allows."""
    if w.attempt > w.attempts_allowed:
        return f"{w.attempt}, of which the plan allows {w.attempts_allowed} by itself"
    return f"{w.attempt} of {w.attempts_allowed}"


def _proof(verified: bool, claimed: bool, checkable: bool) -> str:
    if verified:
        return "verified"
    return "claimed " if claimed else "open    " if checkable else "by hand "


def _block(title: str, items: list[str]) -> list[str]:
    return ["", title, *(f"  {safe(item, oneline=True)}" for item in items)] if items else []


def gate_details(g: GateView) -> dict[str, Any]:
    """`gates[]` of the status document, and everything a decision needs."""
    return {
        **gate_document(g),
        "mode": g.mode,
        "closes": g.closes,
        "opens": g.opens,
        "reason": g.reason or None,
        "approvers": list(g.approvers),
        "min_approvals": g.min_approvals,
        "approved_by": list(g.approved_by),
        "lapsed": list(g.lapsed),
        "conditions_asked": list(g.asked),
        "changed": [change_document(change) for change in g.changed],
        "waits_on": list(g.waits_on),
        "signs": list(g.signs),
        "accepts": list(g.accepts),
        "starts": list(g.starts),
        "choices": list(g.choices),
        "overdue": g.overdue,
        "digest": g.evidence_digest,
    }


def gate_text(
    g: GateView, gone: Mapping[str, str] | None = None, *, paint: Paint = plain, ascii_only: bool = False
) -> str:
    """The same for people: the evidence as a table, who must still say yes, and what opens.

    `gone`: workstreams out of scope, each with its state.
    """
    gone = gone or {}
    head = g.id if g.name == g.id else f"{g.id}  {g.name}"
    state = paint(f"{glyph(g.state, ascii_only=ascii_only)} {word(g.state)}", tone(g.state))
    late = late_words(g)
    due = f", due in week {g.due_week}" + (f" ({late})" if late else "") if g.due_week else ""
    lines = [
        safe(head, oneline=True),
        f"  state      {state}{due}",
    ]
    if g.reason and not (g.decision and g.decision.note == g.reason):
        lines.append(f"  because    {safe(g.reason, oneline=True)}")
    if g.decision:
        d = g.decision
        lines.append(
            f"  decided    {d.kind.value} by {safe(d.by.name, oneline=True)} at {iso(d.at)}"
            + (f": {safe(d.note, oneline=True)}" if d.note else "")
        )
        lines += [
            f"             if {safe(c.text, oneline=True)}"
            + (f", {safe(c.owner, oneline=True)}" if c.owner else "")
            + (f", due {safe(c.due, oneline=True)}" if c.due else "")
            + (" (overdue)" if n < len(g.open_conditions) and g.open_conditions[n].overdue else "")
            for n, c in enumerate(d.conditions)
        ]
    if g.approvers:
        lines.append(f"  approvals  {safe(_approvals(g), oneline=True)}")
    lines += [f"             {safe(line, oneline=True)}" for line in g.lapsed]
    lines += [f"             condition of {safe(line, oneline=True)}" for line in g.asked]
    for n, change in enumerate(g.changed):
        words = safe(gate_change_words(change), oneline=True)
        lines.append(f"  {'' if n else 'changed':<10} {words}{' (asks for less)' if change.eased else ''}")
    for key, ids in (
        ("waits on", [n for n in g.waits_on if n not in gone]),
        ("go answers", g.signs if "go" in g.choices else ()),
        ("starts", g.starts),
        ("accepts", g.accepts),
        ("possible", g.choices),
    ):
        if ids:
            lines.append(f"  {key:<10} {safe(', '.join(ids), oneline=True)}")
    for work in g.waits_on:
        if work in gone:
            lines.append(f"  {'held up':<10} {safe(never_met(work, gone[work]), oneline=True)}")
    if g.criteria:
        lines += ["", *_criteria(g.criteria, paint, ascii_only)]
    return "\n".join(lines) + "\n"


def _approvals(g: GateView) -> str:
    """ "1 of 2 (lead); still to say yes: one of qa, ops"."""
    given = f"{len(g.approved_by)} of {g.min_approvals}" + (
        f" ({', '.join(g.approved_by)})" if g.approved_by else ""
    )
    if g.state in OPEN_GATE_STATES:
        return f"{given}; approvers: {', '.join(g.approvers)}"
    missing = [role for role in g.approvers if role not in g.approved_by]
    lacking = max(0, g.min_approvals - len(g.approved_by))
    if not lacking or not missing:
        return given
    names = ", ".join(missing)
    return f"{given}; still to say yes: {names if lacking >= len(missing) else f'{lacking} of {names}'}"


def _criteria(criteria: tuple[CriterionView, ...], paint: Paint, ascii_only: bool) -> list[str]:
    rows: list[tuple[str | tuple[str, Tone], ...]] = [
        (
            (f"{glyph(c.state, ascii_only=ascii_only)} {word(c.state)}", tone(c.state)),
            "must" if c.must else "should",
            c.name,
            c.value_text or (number(c.value, c.unit) if c.value is not None else ""),
            c.limit_text,
            c.commit[:12] if c.commit else "",
            iso(c.at) or "",
            (c.waits_for and f"waits for {c.waits_for}")
            or (f"waived by {c.waived_by}: {c.waiver}" if c.waived_by else "")
            or (f"signed by {c.signed_by}" if c.signed_by else c.detail),
        )
        for c in criteria
    ]
    return table(
        ("STATE", "", "CRITERION", "VALUE", "LIMIT", "COMMIT", "MEASURED", "NOTE"),
        rows,
        right=frozenset({3}),
        paint=paint,
    )
