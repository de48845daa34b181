"""What-if in words: all strategies side by side, one with all its changes, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ..domain.studies.strategies import Outcome, Preview, Refusal, StrategyStudy
from .figures import UNKNOWN, count, dollars, iso, known, percent, week
from .glyphs import Tone
from .table import Paint, fold, plain, table

SUBJECTS = 6
"""Named in one refusal; the others are counted."""
_HEAD = ("STRATEGY", "FINISH", "SAVES", "P50", "P85", "IN WINDOW", "AGENT-WEEKS", "COST", "")


def signed(value: float | None, digits: int = 1) -> str:
    """ "+7.6", "-7.0", "0.0"."""
    if value is None:
        return UNKNOWN
    shown = f"{value:+.{digits}f}"
    return shown.lstrip("+-") if float(shown) == 0 else shown


def money(value: float | None) -> str:
    """ "+$12.40", "-$3.00", "$0.00"; more than nothing and less than a cent is "<$0.01"."""
    if value is None:
        return UNKNOWN
    text = dollars(abs(value)) if abs(value) < 100 else f"${abs(value):,.0f}"
    return f"{'+' if value > 0 else '-'}{text}" if value and text != "$0.00" else text


def headline(preview: Preview) -> str:
    """ "saves 0.0 weeks, frees 7 agent-weeks"."""
    if preview.reason:
        return preview.reason
    saved = preview.saved
    words = "saves an unknown number of weeks" if saved is None else f"saves {_plain(saved)} weeks"
    if saved is not None and saved < -0.05:
        words = f"costs {_plain(-saved)} weeks"
    if preview.agent_weeks > 0.05:
        words += f", takes {_agent_weeks(preview.agent_weeks, 'more ')}"
    elif preview.agent_weeks < -0.05:
        words += f", frees {_agent_weeks(-preview.agent_weeks)}"
    return words


def _agent_weeks(value: float, more: str = "") -> str:
    text = week(value)
    return f"{text} {more}agent-week{'' if text == '1' else 's'}"


def _plain(value: float) -> str:
    return f"{abs(value):.1f}" if abs(value) < 0.05 else f"{value:.1f}"


def finish(outcome: Outcome) -> float | None:
    """The finish with the agents that the plan allows."""
    return outcome.levelled if outcome.levelled is not None else outcome.weeks


def _cells(outcome: Outcome) -> tuple[str, str, str, str]:
    return week_of(finish(outcome)), week_of(outcome.p50), week_of(outcome.p85), percent(outcome.in_window)


def week_of(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.1f}"


def strategies_table(study: StrategyStudy, *, paint: Paint = plain, width: int | None = None) -> list[str]:
    """The plan as it is, then each strategy."""
    end, p50, p85, chance = _cells(study.now)
    rows: list[Sequence[str | tuple[str, Tone]]] = [("now", end, "", p50, p85, chance, "", "", "")]
    for p in study.previews:
        if p.reason:
            rows.append((p.id, UNKNOWN, "", UNKNOWN, UNKNOWN, "", "", "", p.reason))
            continue
        end, p50, p85, chance = _cells(p.then)
        saved = p.saved
        gain = ("" if saved is None else _plain(saved), Tone.DONE if saved and saved > 0.05 else Tone.QUIET)
        rows.append((p.id, end, gain, p50, p85, chance, signed(p.agent_weeks), money(p.money), ""))
    return table(_HEAD, rows, right=frozenset(range(1, 8)), paint=paint, width=width)


def strategy_lines(preview: Preview, diff: str = "", width: int | None = None) -> Iterator[str]:
    """One strategy in full; its words, though not the diff's lines, fit `width` columns."""
    for number, line in enumerate(_words_of(preview)):
        yield from fold(line, width, 11 if number else 4)
    if diff:
        yield ""
        yield from (f"  {line}" for line in diff.split("\n"))


def _words_of(preview: Preview) -> Iterator[str]:
    kinds = ", ".join(preview.kinds)
    yield f"{preview.id} ({kinds}): {preview.name} · {headline(preview)}"
    if preview.description:
        yield f"  {preview.description}"
    for change in preview.changes:
        yield f"  changes  {change.words}"
    if preview.risk:
        yield f"  risk     {preview.risk}"
    if preview.money_reason:
        yield f"  cost     unknown: {preview.money_reason}"
    for note in preview.notes:
        yield f"  note     {note}"
    for words in refusals(preview.refused):
        yield f"  refused  {words}"


def refusals(refused: Iterable[Refusal]) -> Iterator[str]:
    """Those with one reason together: "WS-03, WS-04: has float (2.0 weeks)"."""
    by_why: dict[str, list[str]] = {}
    for one in refused:
        by_why.setdefault(one.why, []).append(one.subject)
    for why, subjects in by_why.items():
        more = len(subjects) - SUBJECTS
        names = ", ".join(subjects[:SUBJECTS]) + (f" and {more} more" if more > 0 else "")
        yield f"{names}: {why}"


def applied_lines(study: StrategyStudy) -> Iterator[str]:
    """Strategies that were applied, oldest first."""
    for one in study.applied:
        undone = f"; taken back by {one.undone_by}" if not one.standing else ""
        yield f"{one.id}  {' + '.join(one.strategies)} by {one.by}, {iso(one.at)}: {one.words}; {one.note}{undone}"


def _outcome(outcome: Outcome) -> dict[str, Any]:
    why = outcome.reason or "cannot be computed"
    return {
        **known("weeks", outcome.weeks, why),
        **known("levelled_weeks", outcome.levelled, "nothing limits the agents"),
        **known("p50_week", outcome.p50, why),
        **known("p85_week", outcome.p85, why),
        **known("in_window", outcome.in_window, outcome.reason or "the plan has no window"),
    }


def preview_document(preview: Preview, diff: str) -> dict[str, Any]:
    return {
        "id": preview.id,
        "strategies": list(preview.ids),
        "kinds": list(preview.kinds),
        "name": preview.name,
        "possible": not preview.reason,
        "reason": preview.reason or None,
        **_outcome(preview.then),
        **known("saved_weeks", _rounded(preview.saved), "a finish cannot be computed"),
        **known("saved_p50", _rounded(preview.saved_p50), "a finish cannot be computed"),
        **known("saved_p85", _rounded(preview.saved_p85), "a finish cannot be computed"),
        "agent_weeks": round(preview.agent_weeks, 2),
        **known("cost_usd", _rounded(preview.money), preview.money_reason or "unknown"),
        "risk": preview.risk,
        "changes": [
            {"subject": c.subject, "field": c.field, "before": c.before, "after": c.after}
            for c in preview.changes
        ],
        "refused": [{"subject": one.subject, "why": one.why} for one in preview.refused],
        "notes": list(preview.notes),
        "diff": diff,
        "digest": preview.digest or None,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def study_document(study: StrategyStudy, **settings: Any) -> dict[str, Any]:
    return {
        "at": iso(study.at),
        **settings,
        "now": _outcome(study.now),
        "strategies": [preview_document(p, study.diffs.get(p.id, "")) for p in study.previews],
        "applied": applied_document(study),
    }


def applied_document(study: StrategyStudy) -> list[dict[str, Any]]:
    return [
        {
            "id": one.id,
            "strategies": list(one.strategies),
            "by": one.by,
            "at": iso(one.at),
            "note": one.note,
            "changes": one.words,
            "plan_before": one.plan_before,
            "plan_after": one.plan_after,
            "undone_at": iso(one.undone_at),
            "undone_by": one.undone_by or None,
        }
        for one in study.applied
    ]


def summary_line(runs: int, seed: int, *, gates: bool, strict: bool) -> str:
    """What the figures rest on."""
    path = "every need read as done" if strict else "needs as they are"
    held = "gates included" if gates else "without gates"
    return (
        f"finish in plan weeks: critical path, {path}; P50 and P85: {count(runs, 'run')}, seed {seed}, {held}"
    )
