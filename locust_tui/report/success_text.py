"""KPIs and the scoreboard of success as text: a sign, a word, what it rests on and how old that is."""

from __future__ import annotations

from collections.abc import Sequence

from ..domain.studies.figures import KpiFigure, KpiStudy
from ..domain.studies.rests import Rests
from ..domain.studies.success import FactReading, Met, Scoreboard, SuccessLine, WatchLine, WatchState
from ..safe_text import safe
from .figures import UNKNOWN, age, count, number, rounded
from .glyphs import Tone
from .table import Paint, plain, table
from .trend import sparkline

SIGNS: dict[Met, tuple[str, str, str, Tone]] = {
    Met.MET: ("✓", "+", "met", Tone.DONE),
    Met.NOT_MET: ("✗", "x", "not met", Tone.FAILED),
    Met.UNKNOWN: ("?", "?", "cannot be told", Tone.QUIET),
}
WATCHES: dict[WatchState, tuple[str, str, str, Tone]] = {
    WatchState.NOT_RELEASED: ("·", ".", "not released", Tone.QUIET),
    WatchState.AHEAD: ("○", "o", "ahead", Tone.QUIET),
    WatchState.DUE: ("◐", "!", "due", Tone.PERSON),
    WatchState.RECORDED: ("✓", "+", "recorded", Tone.DONE),
}
TREND = 16


def rests_words(rests: Rests) -> str:
    """ "3 events, revisions 12, 40, 41", "120 events, revisions 3 to 812"."""
    if not rests.count:
        return "no event"
    events = count(rests.count, "event")
    if rests.revisions and len(rests.revisions) <= 6:
        return f"{events}, revision{'s' if rests.count > 1 else ''} {', '.join(map(str, rests.revisions))}"
    return f"{events}, revisions {rests.first} to {rests.last}"


def kpi_lines(
    study: KpiStudy, *, paint: Paint = plain, ascii_only: bool = False, width: int | None = None
) -> list[str]:
    """One line a KPI; below it what stands beside it, or why it has no value."""
    rows: list[tuple[str | tuple[str, Tone], ...]] = []
    for kpi in study.kpis:
        view = kpi.view
        trend = sparkline(view.trend, TREND, ascii_only=ascii_only)
        rows.append(
            (
                view.id,
                view.name,
                rounded(view.value, view.unit or None),
                view.target,
                kpi_word(kpi, ascii_only),
                fraction(kpi),
                trend,
            )
        )
    header = ("KPI", "NAME", "VALUE", "TARGET", "", "FROM", "TREND")
    lines = table(header, rows, right=frozenset({2}), paint=paint, width=width, yields=1)
    for kpi in study.kpis:
        said = kpi.view.second if kpi.view.value is not None else kpi.view.reason
        lines += [safe(f"{kpi.view.id}: {said}", oneline=True)] if said else []
    return lines


def kpi_word(kpi: KpiFigure, ascii_only: bool = False) -> tuple[str, Tone]:
    if kpi.view.ok is None:
        return (UNKNOWN if kpi.view.value is None else "", Tone.QUIET)
    sign, plain_sign, _, tone = SIGNS[Met.MET if kpi.view.ok else Met.NOT_MET]
    return f"{plain_sign if ascii_only else sign} {'met' if kpi.view.ok else 'missed'}", tone


def fraction(kpi: KpiFigure) -> str:
    if kpi.part is None or kpi.whole is None:
        return ""
    return f"{kpi.part:.4g} / {kpi.whole:.4g}"


def explained(kpi: KpiFigure) -> list[str]:
    """What one KPI was computed from."""
    view = kpi.view
    value = rounded(view.value, view.unit or None)
    lines = [
        f"{view.name}: {value}" + (f", target {view.target}" if view.target else ""),
        f"measure: {kpi.measure}",
    ]
    if view.value is None:
        lines.append(f"no value: {view.reason}")
    if kpi.part is not None and kpi.whole is not None:
        lines.append(f"computed from: {fraction(kpi)}")
    lines += [
        f"  {name} = {v:.6g}" if isinstance(v, float) else f"  {name} = {v or UNKNOWN}"
        for name, v in kpi.inputs
    ]
    lines += [f"beside it: {name} {UNKNOWN if v is None else f'{v:.4g}'}" for name, v in kpi.second]
    return [*lines, f"rests on: {rests_words(kpi.rests)}"]


def success_lines(
    board: Scoreboard, *, paint: Paint = plain, ascii_only: bool = False, width: int | None = None
) -> list[str]:
    """The end conditions, then what is looked at after the release."""
    lines = [f"{board.met} of {count(len(board.lines), 'success check')} met"] if board.lines else []
    lines += table(
        ("SUCCESS", "", "WHY", "MEASURED"),
        [
            (line.name, _sign(SIGNS[line.met], ascii_only), line.reason, measured(line, board.at))
            for line in board.lines
        ],
        paint=paint,
        width=width,
    )
    if board.watches:
        lines += ["", safe(board.release, oneline=True)]
        lines += table(
            ("AFTER RELEASE", "DUE", "", "", "FOUND"),
            [_watch(w, ascii_only) for w in board.watches],
            paint=paint,
            width=width,
        )
    return lines


def _sign(look: tuple[str, str, str, Tone], ascii_only: bool) -> tuple[str, Tone]:
    sign, plain_sign, word, tone = look
    return f"{plain_sign if ascii_only else sign} {word}", tone


def _watch(w: WatchLine, ascii_only: bool) -> Sequence[str | tuple[str, Tone]]:
    met = _sign(SIGNS[w.met], ascii_only) if w.state is WatchState.RECORDED else ("", Tone.QUIET)
    said = w.reason if not w.value or w.state is not WatchState.RECORDED else w.value
    by = f" ({w.by})" if w.by and w.by not in said else ""
    return w.name, w.due, _sign(WATCHES[w.state], ascii_only), met, f"{said}{by}"


def measured(line: SuccessLine, now: float) -> str:
    """How old the oldest of what it rests on is."""
    if line.at is not None:
        return f"{age(now - line.at)} ago"
    moments = [f.at for f in line.facts if f.at is not None]
    return f"{age(now - min(moments))} ago" if moments else ""


def fact_words(fact: FactReading, now: float) -> str:
    """ "coverage 91.4 %, measured 3h ago, counts for 1d"."""
    value = fact.value
    if isinstance(value, bool):
        shown = "yes" if value else "no"
    elif isinstance(value, (int, float)):
        shown = number(float(value), fact.unit or None)
    else:
        shown = value or f"{UNKNOWN} {fact.reason}"
    old = f", measured {age(now - fact.at)} ago" if fact.at is not None else ""
    limit = f", counts for {age(fact.max_age)}" if fact.max_age is not None else ""
    return f"{fact.name} {shown}{old}{limit}"
