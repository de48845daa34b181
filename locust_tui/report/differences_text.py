"""What changed between two moments: for people as lines grouped by importance, for scripts as one document."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from ..domain.states import AlertState, CriterionState, GateState, RunState, WorkstreamState
from ..domain.studies.moments import Change, Differences, FigureChange, Group, Moment, Sense
from ..safe_text import safe
from .figures import UNKNOWN, age, amount, count, dollars, iso, number, percent, week
from .glyphs import Tone, glyph, word
from .table import Paint, cut, plain

TITLES = {
    Group.GATES: "Gates",
    Group.FAILURES: "Failed, or waiting for you",
    Group.WORK: "Workstreams",
    Group.WAITING: "New in the inbox",
    Group.PLAN: "The plan",
    Group.FIGURES: "Figures",
    Group.KPIS: "KPIs",
    Group.CRITERIA: "Criteria",
    Group.RISKS: "Risks",
    Group.EXCHANGE: "Said and answered",
    Group.RUNS: "Runs",
    Group.WORKER: "Worker",
}
FIGURES = {
    "progress": "progress",
    "expected_progress": "expected by plan",
    "p50_week": "finish P50",
    "p85_week": "finish P85",
    "in_window": "in window",
    "accepted": "accepted",
    "cost_usd": "spent",
    "tokens": "tokens",
}
TONES = {
    Sense.GOOD: Tone.DONE,
    Sense.BAD: Tone.FAILED,
    Sense.YOU: Tone.PERSON,
    Sense.PLAIN: Tone.PLAIN,
}
_STATES: dict[Group, type[WorkstreamState] | type[GateState] | type[CriterionState] | type[RunState]] = {
    Group.GATES: GateState,
    Group.FAILURES: WorkstreamState,
    Group.WORK: WorkstreamState,
    Group.CRITERIA: CriterionState,
    Group.RUNS: RunState,
}
MOST = 20
"""Lines of a group; of more the rest is told in number."""


def moment_words(moment: Moment) -> str:
    """ "wk 3 2025-12-05T14:30:00Z r812"."""
    weeks = f"wk {moment.week} " if moment.week else ""
    return f"{weeks}{iso(moment.at)} r{moment.revision}"


def state_word(group: Group, value: str) -> str:
    """What people call a recorded state, alone or before ", attempt 2"; other words stay as they are."""
    name, comma, rest = value.partition(",")
    kind = _STATES.get(group)
    try:
        return word(kind(name)) + comma + rest if kind is not None and name else value
    except ValueError:
        return value


def sign(change: Change) -> str:
    """The state it stands for, as `glyph` takes it."""
    kind: type[StrEnum] | None = _STATES.get(change.group)
    if change.subject.startswith("alert:"):
        kind = AlertState
    name = change.after.partition(",")[0]
    try:
        if kind is not None:
            return kind(name)
    except ValueError:
        pass
    return {Sense.BAD: "fail", Sense.YOU: "asks", Sense.GOOD: "pass", Sense.PLAIN: "info"}[change.sense]


def change_words(change: Change) -> str:
    """ "pending → go, by ana: looks fine": how it came to stand, without the subject."""
    old, new = state_word(change.group, change.before), state_word(change.group, change.after)
    words = f"{old} → {new}" if old and new else new or f"{old} no more"
    if change.by and change.by != "worker":
        words += f", by {change.by}"
    note = change.note if change.group is not Group.WAITING else ""
    return f"{words}: {note}" if note and note not in words else words


def subject_words(change: Change) -> str:
    """ "g1 Keel to rigging", "WS-03", "the plan"."""
    if not change.subject or ":" in change.subject or change.group is Group.EXCHANGE:
        return change.words
    name = change.words if change.words != change.subject else ""
    return f"{change.subject} {name}".rstrip()


def figure_words(one: FigureChange) -> tuple[str, str]:
    """(name, "12% → 40%") of a figure."""
    name = FIGURES.get(one.name, one.name)
    return name, f"{_value(one, one.before)} → {_value(one, one.after)}"


def _value(one: FigureChange, value: float | None) -> str:
    if value is None:
        return UNKNOWN
    if one.unit == "points":
        return percent(value)
    if one.unit == "week":
        return f"week {week(value)}"
    if one.unit == "$":
        return dollars(value)
    return amount(value) if one.unit == "tokens" else number(round(value, 2), one.unit)


def differences_text(
    d: Differences, *, paint: Paint = plain, ascii_only: bool = False, width: int | None = None
) -> str:
    """All of it as lines of text, the important first; nothing different: one line that says so."""
    span = age(d.after.at - d.before.at)
    lines = [f"from {moment_words(d.before)}", f"to   {moment_words(d.after)}  ({span})"]
    lines += [paint(safe(w, oneline=True), Tone.PERSON) for w in d.warnings]
    if d.verdict_before != d.verdict_after:
        was, now = (
            glyph(v, ascii_only=ascii_only) + " " + word(v) for v in (d.verdict_before, d.verdict_after)
        )
        lines.append(f"verdict {was} → {now}")
    for group in Group:
        if group is Group.FIGURES:
            lines += _figures("Figures", d.figures, paint)
        elif group is Group.KPIS:
            lines += _figures("KPIs", d.kpis, paint)
        elif found := d.of(group):
            lines += ["", f"{TITLES[group]} ({len(found)})"]
            lines += [_line(c, paint, ascii_only, width) for c in found[:MOST]]
            if len(found) > MOST:
                lines.append(f"    and {len(found) - MOST} more: --json has them all")
    if d.empty:
        lines += ["", "nothing happened: only time has passed"]
    text = "\n".join(lines) + "\n"
    return text.replace("→", "->").replace(UNKNOWN, "-") if ascii_only else text


def _line(change: Change, paint: Paint, ascii_only: bool, width: int | None) -> str:
    head = paint(glyph(sign(change), ascii_only=ascii_only), TONES[change.sense])
    revision = f"r{change.revision}" if change.revision is not None else ""
    words = safe(f"{subject_words(change)}  {change_words(change)}", limit=400, oneline=True)
    if width is not None:
        words = cut(words, max(20, width - 11))
    return f"  {head} {revision:<7} {words}"


def _figures(title: str, figures: tuple[FigureChange, ...], paint: Paint) -> list[str]:
    moved = [f for f in figures if _value(f, f.before) != _value(f, f.after)]
    if not moved:
        return []
    told = [(*figure_words(one), one) for one in moved]
    wide = max(len(name) for name, _, _ in told)
    return ["", title] + [
        f"    {safe(name, oneline=True):<{wide}}  {paint(safe(words, oneline=True), TONES[one.sense])}"
        + (f"  target {safe(one.target, oneline=True)}" if one.target else "")
        for name, words, one in told
    ]


def in_short(d: Differences) -> str:
    """One line: "2 gates, 3 workstreams, 1 failed"; empty where nothing is different."""
    nouns = {
        Group.GATES: "gate", Group.FAILURES: "failure", Group.WORK: "workstream", Group.CRITERIA: "criterion",
        Group.RUNS: "run", Group.RISKS: "risk",
    }  # fmt: skip
    parts = []
    for group, noun in nouns.items():
        subjects = {c.subject for c in d.of(group)}
        if subjects:
            parts.append(count(len(subjects), noun, "criteria" if noun == "criterion" else None))
    return ", ".join(parts)


def differences_document(d: Differences) -> dict[str, Any]:
    """before, after, verdict, figures, kpis and changes; a figure that could not be computed is null."""
    return {
        "before": _moment(d.before),
        "after": _moment(d.after),
        "verdict": {"before": d.verdict_before or None, "after": d.verdict_after or None},
        "figures": [_figure(f) for f in d.figures],
        "kpis": [_figure(f) for f in d.kpis],
        "changes": [_change(c) for c in d.changes],
        "warnings": list(d.warnings),
    }


def _moment(moment: Moment) -> dict[str, Any]:
    return {"revision": moment.revision, "at": iso(moment.at), "week": moment.week}


def _figure(one: FigureChange) -> dict[str, Any]:
    values = {
        side: None if value is None else round(value, 4)
        for side, value in (("before", one.before), ("after", one.after), ("delta", one.delta))
    }
    reasons = {
        f"{side}_reason": "it could not be computed then"
        for side in ("before", "after")
        if values[side] is None
    }
    return {"id": one.name, "unit": one.unit or None, **values, **reasons, "sense": one.sense.value}


def _change(change: Change) -> dict[str, Any]:
    return {
        "group": change.group.value,
        "subject": change.subject or None,
        "name": change.words,
        "before": change.before or None,
        "after": change.after or None,
        "sense": change.sense.value,
        "by": change.by or None,
        "at": iso(change.at),
        "revision": change.revision,
        "note": change.note or None,
    }
