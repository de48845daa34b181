"""What is told of one row of a timeline: its dates in weeks and days, its float, what drives it, what it delays."""

from __future__ import annotations

from collections.abc import Iterator

from locust_tui.domain.studies.timeline import Bar, Link, Mark, Span, Timeline
from locust_tui.report.timeline_text import (
    NOTICEABLE_DAYS,
    date,
    dates,
    days,
    delays_words,
    driver_words,
    float_words,
    frontier_words,
    mark_state,
    named,
    near_path,
    path_words,
    span_weeks,
    week,
)

from .row import Row
from .sheet import SheetLine, paragraph
from .tones import Tone
from .words import GATE, WORKSTREAM, age, points

WIDE = 11


def bar_lines(line: Timeline, bar: Bar, width: int) -> Iterator[SheetLine]:
    look = WORKSTREAM[bar.state]
    head = Row(f" {look.glyph} {look.word}", look.tone).add(f"  {points(bar.verified)} verified", "dim")
    head.add("  critical" if bar.critical else ("  near-critical" if bar.near else ""), "strong")
    yield SheetLine(head.add("  on the path that drives the end" if bar.driving else "", "dim"))
    if bar.planned is not None:
        yield _dates("planned", line, bar.planned)
    if bar.actual is not None:
        words = "took" if bar.done else "so far"
        yield _dates(words, line, bar.actual, _deviation(bar) if bar.done else "", _tone(bar))
    if bar.expected is not None and not bar.done:
        yield _dates("expected", line, bar.expected, _deviation(bar), _tone(bar))
        ending = f", may end wk {week(bar.latest.end)}" if bar.latest is not None else ""
        yield _fact("float", float_words(bar) + ending)
    if line.reason:
        yield _fact("dates", f"{line.reason}: no float, nothing expected")
        return
    yield _fact("driven by", driver_words(line, bar))
    told = delays_words(line, bar)
    if told:
        yield from _folded("delays", told, width, "you")
    yield from _needs(line, bar)


def mark_lines(line: Timeline, mark: Mark, width: int) -> Iterator[SheetLine]:
    if mark.state is not None:
        look = GATE[mark.state]
        yield SheetLine(Row(f" {look.glyph} {look.word}", look.tone))
    if mark.due is not None:
        yield _fact("due", f"end of week {week(mark.due)}", date(line, mark.due, ends=True))
    at = mark.expected if mark.reached is None else mark.reached
    late = mark.on_time is False or (mark.late_days or 0.0) > NOTICEABLE_DAYS
    yield _fact("is", mark_state(mark), date(line, at, ends=True), "you" if late else "text")
    if mark.band is not None and mark.reached is None:
        yield _fact("forecast", f"P50 wk {week(mark.band.p50)}, P85 wk {week(mark.band.p85)}")
    if mark.driven_by and mark.reached is None:
        last = ", ".join(named(line, id) for id in mark.driven_by)
        yield from _folded("waits for", f"{last} last", width)


def end_lines(line: Timeline, width: int) -> Iterator[SheetLine]:
    yield _fact("expected", f"wk {week(line.end)}", date(line, line.end, ends=True))
    if line.band is not None:
        last = date(line, line.band.p85, ends=True)
        yield _fact("forecast", f"P50 wk {week(line.band.p50)}, P85 wk {week(line.band.p85)}", last)
    if line.planned_end is not None:
        yield _fact("planned", f"wk {week(line.planned_end)}", date(line, line.planned_end, ends=True))
    yield from _folded("path", path_words(line), width)
    near = near_path(line)
    if near:
        yield from _folded("near", f"{near} (a week of float or less)", width)
    for number, words in enumerate(frontier_words(line)):
        yield from _folded("ready" if not number else "", words, width)


def _needs(line: Timeline, bar: Bar) -> Iterator[SheetLine]:
    """Each need, and each thing that waits for it."""
    for name, links in (
        ("needs", [link for link in line.links if link.target == bar.id]),
        ("then", [link for link in line.links if link.source == bar.id]),
    ):
        for number, link in enumerate(links):
            other = link.source if name == "needs" else link.target
            yield SheetLine(_need(line, link, other, name if not number else ""))


def _need(line: Timeline, link: Link, other: str, name: str) -> Row:
    row = Row(" ").column(name, WIDE, "dim").add("✓ " if link.met else "⊘ ", "done" if link.met else "wait")
    row.add(f"{named(line, other)} {link.condition}")
    if link.drives:
        row.add("  drives the start", "strong")
    if link.float_weeks is not None:
        row.add(f"  float {week(link.float_weeks)} wk", "dim")
    if link.delay_days is not None and link.delay_days > NOTICEABLE_DAYS:
        row.add(f"  {days(link.delay_days)}", "you")
    return row


def _dates(name: str, line: Timeline, span: Span, words: str = "", tone: Tone = "text") -> SheetLine:
    words_of_span = age(span.weeks * line.calendar.week_s) if line.reason else span_weeks(span)
    row = Row(" ").column(name, WIDE, "dim").column(words_of_span, 15).add(f" {dates(line, span)}", "dim")
    return SheetLine(row.add(f"  {words}" if words else "", tone))


def _deviation(bar: Bar) -> str:
    return days(bar.deviation_days) if bar.deviation_days is not None else ""


def _tone(bar: Bar) -> Tone:
    return "you" if (bar.deviation_days or 0.0) > NOTICEABLE_DAYS else "dim"


def _fact(name: str, words: str, when: str = "", tone: Tone = "text") -> SheetLine:
    return SheetLine(
        Row(" ").column(name, WIDE, "dim").add(words, tone).add(f"  {when}" if when else "", "dim")
    )


def _folded(name: str, words: str, width: int, tone: Tone = "text") -> Iterator[SheetLine]:
    """As many lines as the words take, the name before the first."""
    lines = list(paragraph(words, width, tone, indent=" " * (WIDE + 1)))
    for number, found in enumerate(lines):
        if number == 0 and name:
            row = Row(" ").column(name, WIDE, "dim")
            row.left += found.row.left[1:]
            yield SheetLine(row)
        else:
            yield found
