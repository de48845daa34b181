"""Earned value as tables for a terminal. What cannot be computed is a dash, and why stands below."""

from __future__ import annotations

from collections.abc import Iterable

from ..domain.studies.figures import (
    Curve,
    EarnedStudy,
    EarnedValue,
    Figure,
)
from ..safe_text import safe
from .figures import UNKNOWN, count, dollars, week
from .glyphs import Tone
from .table import Paint, plain, table

AHEAD, ON_PLAN, BEHIND = 1.05, 0.95, 0.85
"""Indices from which work is called ahead, on plan, and behind; below the last, far behind."""
Cell = str | tuple[str, Tone]


def index_word(index: float | None) -> tuple[str, Tone]:
    """What a schedule or cost index says in a word."""
    if index is None:
        return "", Tone.QUIET
    if index >= AHEAD:
        return "ahead", Tone.DONE
    if index >= ON_PLAN:
        return "on plan", Tone.DONE
    return ("behind", Tone.PERSON) if index >= BEHIND else ("far behind", Tone.FAILED)


def schedule_word(earned: EarnedValue) -> tuple[str, Tone]:
    """By the index of points; once all is earned by that of time, for the other comes to 1 however late it is."""
    if earned.percent.value is None or earned.percent.value < 100.0 - 1e-9:
        return index_word(earned.spi.value)
    word, tone = index_word(earned.spi_t.value)
    ended = {"ahead": ("early", tone), "on plan": ("on time", tone)}
    return ended.get(word, ("late", Tone.PERSON)) if word else (word, tone)


def cost_word(index: float | None) -> tuple[str, Tone]:
    word, tone = index_word(index)
    said = {
        "ahead": "under budget",
        "on plan": "on budget",
        "behind": "over budget",
        "far behind": "far over budget",
    }
    return said.get(word, ""), tone


def earned_lines(
    study: EarnedStudy, *, curve: bool = False, paint: Paint = plain, width: int | None = None
) -> list[str]:
    """Schedule, cost, and with `curve` the project week by week."""
    scopes = (study.project, *study.phases, *study.orchestrators)
    header = ("SCOPE", "BAC", "PV", "EV", "SV", "SPI", "ES", "SPI(t)", "FINISH", "PLAN", "")
    rows: list[tuple[Cell, ...]] = [
        (
            scope_name(e),
            *(points(f) for f in (e.bac, e.pv, e.ev)),
            signed(e.sv),
            ratio(e.spi),
            week(e.es.value),
            ratio(e.spi_t),
            week(e.finish.value),
            week(e.planned_finish.value),
            schedule_word(e),
        )
        for e in scopes
    ]
    lines = [
        safe(_headline(study), oneline=True),
        "",
        *table(header, rows, right=frozenset(range(1, 10)), paint=paint, width=width, yields=0),
    ]
    lines += _reasons(study.project, ("bac", "pv", "ev", "spi", "spi_t", "finish"))
    lines += ["", *_cost(scopes, study.cost_basis, paint, width)]
    if curve:
        lines += ["", *curve_lines(study.curve, paint=paint, width=width)]
    return lines


def _headline(study: EarnedStudy) -> str:
    project = study.project
    when = "before the start" if project.at_week is None else f"week {week(project.at_week)} passed"
    left = f", {count(project.removed, 'workstream')} out of scope" if project.removed else ""
    earned, planned = share(project.percent), share(project.expected_percent)
    return f"{project.name}: {earned} earned, {planned} planned; {when}{left}"


def share(figure: Figure) -> str:
    """Points of 100 as exact as the figures below them; what is not all of it is never 100%."""
    if figure.value is None:
        return UNKNOWN
    value = figure.value if figure.value >= 100.0 - 1e-9 else min(figure.value, 99.9)
    return f"{value:.1f}".removesuffix(".0") + "%"


def scope_name(earned: EarnedValue) -> str:
    if earned.kind == "project":
        return "project"
    named = f"{earned.id} {earned.name}" if earned.name not in ("", earned.id) else earned.id
    return named if len(named) <= 28 else f"{named[:27].rstrip()}…"


def points(figure: Figure) -> str:
    return UNKNOWN if figure.value is None else f"{figure.value:.1f}"


def signed(figure: Figure) -> str:
    return UNKNOWN if figure.value is None else f"{figure.value + 0.0:+.1f}"


def ratio(figure: Figure) -> str:
    return UNKNOWN if figure.value is None else f"{figure.value:.2f}"


def money(figure: Figure) -> str:
    value = figure.value
    if value is None:
        return UNKNOWN
    return f"-{dollars(-value)}" if value < 0 else dollars(value)


def _cost(scopes: Iterable[EarnedValue], basis: str, paint: Paint, width: int | None) -> list[str]:
    scopes = list(scopes)
    header = ("COST", "BUDGET", "EARNED", "AC", "CV", "CPI", "EAC", "ETC", "VAC", "TCPI", "")
    rows: list[tuple[Cell, ...]] = [
        (
            scope_name(e),
            *(money(f) for f in (e.budget, e.earned, e.ac, e.cv)),
            ratio(e.cpi),
            *(money(f) for f in (e.eac, e.etc, e.vac)),
            ratio(e.tcpi),
            cost_word(e.cpi.value),
        )
        for e in scopes
        if e.budget.value is not None or e.ac.value
    ]
    project = scopes[0]
    if not rows:
        return [safe(f"cost {UNKNOWN}  {project.budget.reason}", oneline=True)]
    lines = table(header, rows, right=frozenset(range(1, 10)), paint=paint, width=width, yields=0)
    lines += _reasons(project, ("budget", "ac", "cpi", "eac", "tcpi"))
    return [*lines, safe(f"budget: {basis}", oneline=True)] if basis else lines


def _reasons(earned: EarnedValue, names: Iterable[str]) -> list[str]:
    """ "SPI —  nothing was planned …" for the project's own figures, each reason once."""
    found: dict[str, list[str]] = {}
    for name in names:
        figure: Figure = getattr(earned, name)
        if figure.value is None and figure.reason:
            found.setdefault(figure.reason, []).append(TITLES[name])
    return [safe(f"{', '.join(titles)} {UNKNOWN}  {why}", oneline=True) for why, titles in found.items()]


TITLES = {
    "bac": "BAC", "pv": "PV", "ev": "EV", "sv": "SV", "spi": "SPI", "es": "ES", "spi_t": "SPI(t)",
    "finish": "finish", "planned_finish": "planned finish", "budget": "budget", "earned": "earned", "ac": "AC",
    "cv": "CV", "cpi": "CPI", "eac": "EAC", "etc": "ETC", "vac": "VAC", "tcpi": "TCPI",
}  # fmt: skip


def curve_lines(curve: Curve, *, paint: Paint = plain, width: int | None = None) -> list[str]:
    if not curve.points:
        return [f"curve {UNKNOWN}  {curve.reason}"]
    rows = [
        (
            week(p.week),
            f"{p.pv:.1f}",
            UNKNOWN if p.ev is None else f"{p.ev:.1f}",
            f"{p.bac:.1f}",
            "" if p.ac is None else dollars(p.ac),
        )
        for p in curve.points
    ]
    lines = table(
        ("WEEK", "PV", "EV", "BAC", "AC"), rows, right=frozenset(range(5)), paint=paint, width=width
    )
    lines += [
        f"week {week(c.week)}: {safe(c.what, oneline=True)} {c.state}, BAC {c.bac_before:.4g} to {c.bac_after:.4g} (revision {c.revision})"
        for c in curve.changes
    ]
    if curve.forecast:
        lines.append(f"at this rate all of it is earned in week {week(curve.forecast[-1][0])}")
    return lines
