"""A timeline as tables for a terminal: the critical path, the needs, and what caps on agents cost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from locust_tui.analysis.levelling import Levelled
from locust_tui.domain.studies.timeline import Bar, Link, Timeline

from ..safe_text import safe
from .figures import UNKNOWN, percent
from .glyphs import Tone, glyph
from .table import Paint, plain, table
from .timeline_text import NOTICEABLE_DAYS, days, delays_words, mark_state, week

HALF_A_DAY = 0.5
"""Less of later starts is no delay to tell of."""
Cell = str | tuple[str, Tone]


def path_table(line: Timeline, *, paint: Paint = plain, width: int | None = None) -> list[str]:
    """Every workstream with its dates in plan weeks, float, what drives it."""
    names = any(bar.name != bar.id for bar in line.bars)
    rows: list[tuple[Cell, ...]] = [
        (
            bar.id,
            bar.name if names else "",
            _weeks(bar.planned.start, bar.planned.end) if bar.planned else UNKNOWN,
            _expected(bar),
            "" if bar.done else week(bar.float_weeks),
            "" if bar.done else week(bar.free_weeks),
            _room(bar),
            _after(bar.deviation_days),
            ", ".join(bar.driven_by),
        )
        for bar in line.bars
    ]
    header = ("WORKSTREAM", "NAME", "PLANNED", "EXPECTED", "FLOAT", "FREE", "", "DAYS", "DRIVEN BY")
    return table(header, rows, right=frozenset({4, 5, 7}), paint=paint, width=width, yields=1)


def float_table(line: Timeline, floats: Mapping[str, float], *, paint: Paint = plain) -> list[str]:
    """Of a plan without dates: how many workstreams each may wait for without lengthening the longest chain."""
    rows: list[tuple[Cell, ...]] = [
        (
            bar.id,
            bar.name if bar.name != bar.id else "",
            week(floats[bar.id]),
            "" if floats[bar.id] else ("critical", Tone.PERSON),
        )
        for bar in line.bars
    ]
    return table(("WORKSTREAM", "NAME", "FLOAT", ""), rows, right=frozenset({2}), paint=paint)


def _weeks(start: float, end: float) -> str:
    return f"{week(start)}–{week(end)}"


def _expected(bar: Bar) -> str:
    if bar.expected is None:
        return UNKNOWN
    return f"{_weeks(bar.expected.start, bar.expected.end)}{' done' if bar.done else ''}"


def _room(bar: Bar) -> Cell:
    if bar.critical:
        return ("critical", Tone.PERSON)
    return "near" if bar.near else ""


def _after(value: float | None) -> str:
    if value is None:
        return UNKNOWN
    return "0" if abs(value) < NOTICEABLE_DAYS else f"{value:+.1f}".removesuffix(".0")


def delay_lines(line: Timeline) -> Iterator[str]:
    """Whose delays reach others, in words."""
    for bar in line.bars:
        if bar.moves or bar.caused_days >= HALF_A_DAY:
            yield safe(f"  {bar.id} ({days(bar.deviation_days)}): {delays_words(line, bar)}", oneline=True)


def mark_lines(line: Timeline) -> Iterator[str]:
    """Gates and milestones, each with when it is due and expected."""
    for mark in line.marks:
        due = f"due wk {week(mark.due)}, " if mark.due is not None else ""
        name = mark.name if mark.kind == "milestone" else mark.id
        yield safe(f"  {mark.kind} {name}: {due}{mark_state(mark)}", oneline=True)


def needs_table(
    line: Timeline, *, paint: Paint = plain, ascii_only: bool = False, width: int | None = None
) -> list[str]:
    """Every need: whether it is met, its lag, float and delay, and why it stands so."""
    rows: list[tuple[Cell, ...]] = [
        (
            link.target,
            link.source,
            link.condition,
            _state(link, ascii_only),
            week(link.lag_weeks) if link.lag_weeks else "",
            "" if link.met or link.float_weeks is None else week(link.float_weeks),
            _after(link.delay_days)
            if link.delay_days is not None and link.delay_days > NOTICEABLE_DAYS
            else "",
            "drives" if link.drives else "",
            link.why,
        )
        for link in line.links
    ]
    header = ("WORKSTREAM", "NEEDS", "CONDITION", "", "LAG", "FLOAT", "DAYS LATE", "", "STATE")
    return table(header, rows, right=frozenset({4, 5, 6}), paint=paint, width=width)


def _state(link: Link, ascii_only: bool) -> Cell:
    if link.met:
        return (f"{glyph('pass', ascii_only=ascii_only)} met", Tone.DONE)
    if link.dead:
        return (f"{glyph('fail', ascii_only=ascii_only)} dead", Tone.FAILED)
    return (f"{glyph('blocked', ascii_only=ascii_only)} open", Tone.QUIET)


def caps_table(levelled: Iterable[Levelled], smallest: int | None) -> list[str]:
    """What each number of agents at a time comes to."""
    rows = [
        (
            str(found.cap),
            week(found.weeks),
            f"+{week(found.delay)}" if found.delay > NOTICEABLE_DAYS else "",
            percent(found.utilisation),
            "smallest cap that delays nothing" if found.cap == smallest else "",
        )
        for found in levelled
    ]
    return table(("AGENTS", "WEEKS", "LATER", "USED", ""), rows, right=frozenset({0, 1, 2, 3}))


def smallest_words(by_type: Mapping[str, int], by_owner: Mapping[str, int]) -> Iterator[str]:
    """ "of each agent type: coder 4" and "of each orchestrator: core 2, plugins 3"."""
    for name, found in (("agent type", by_type), ("orchestrator", by_owner)):
        if found:
            each = ", ".join(f"{k} {n}" for k, n in found.items())
            yield safe(f"fewest of each {name} that delay nothing: {each}", oneline=True)
