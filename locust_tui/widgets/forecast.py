"""The forecast's study as lines to read: gates, what moves the finish, throughput, what it rests on."""

from __future__ import annotations

from collections.abc import Iterator

from locust_tui.domain.snapshot import GateForecast
from locust_tui.domain.studies.forecast import AT_RISK, EARLY, IN_WINDOW, LATE, change_words
from locust_tui.domain.studies.forecast_study import ForecastStudy, Mover, Throughput
from locust_tui.report.figures import percent, week
from locust_tui.report.forecast_text import OPEN, adds_words, caps_words, correlation_words, gate_word

from .forecast_chart import fan, histogram
from .row import Row
from .sheet import SheetLine, heading, paragraph
from .sparkline import sparkline
from .tones import Tone
from .words import plural

CLASSES: dict[str, tuple[str, Tone]] = {
    EARLY: ("✓", "done"),
    IN_WINDOW: ("✓", "done"),
    AT_RISK: ("◐", "you"),
    LATE: ("✗", "bad"),
}
MOST_WEEKS = 12
"""Past weeks in the fan; fewer where lines are scarce."""
NO_DATES = (
    "weeks: or estimate: on workstreams gives a forecast; locust-tui check says where they are missing."
)
GATE, WORK = "gate:", "work:"
"""What keys of lines begin with."""


def summary(found: ForecastStudy, width: int) -> Iterator[SheetLine]:
    """The finish in one line, and what changed since last week."""
    view = found.view
    if found.complete:
        yield SheetLine(Row("✓ complete", "done").add("  nothing is left to forecast", "dim"))
        return
    if view.p50_week is None:
        yield SheetLine(Row(view.reason or "no forecast"))
        yield from paragraph(NO_DATES, width, "dim", indent="")
        return
    row = Row()
    if view.window_class:
        glyph, tone = CLASSES[view.window_class]
        row.add(f"{glyph} {view.window_class}   ", tone)
    for name, value in (("P50", view.p50_week), ("P85", view.p85_week), ("P95", view.p95_week)):
        row.add(f"{name} ", "dim").add(f"wk {week(value)}   ", "strong")
    if found.window is not None:
        first, last = found.window
        row.add(f"window {first:g}–{last:g}  ", "dim").add(f"{percent(view.in_window)} by its end")
    yield SheetLine(row)
    words = change_words(found.change) if found.change is not None else ""
    if words:
        yield from paragraph(f"since last week: {words}", width, "text", indent="")


def spread(found: ForecastStudy, width: int, height: int) -> Iterator[SheetLine]:
    """How the simulated finishes lie."""
    view = found.view
    if found.complete or found.bins is None or view.p50_week is None:
        return
    marks = [(n, w) for n, w in (("P50", view.p50_week), ("P85", view.p85_week), ("P95", view.p95_week)) if w is not None]  # fmt: skip
    end = found.window[1] if found.window is not None else None
    for row in histogram(found.bins, marks, end, max(20, width - 4), height):
        yield SheetLine(row)


def gates(found: ForecastStudy) -> Iterator[SheetLine]:
    """Each gate with its weeks, when it is due, and the chance of that."""
    if not found.view.gates or found.complete:
        return
    yield from heading("Gates")
    header = Row("  ").column("", 14, "dim")
    for name in ("P50", "P85", "P95", "due", "by then"):
        header.column(name, 8, "dim", align_right=True)
    yield SheetLine(header)
    for gate in found.view.gates:
        yield SheetLine(_gate(found, gate), f"{GATE}{gate.id}")


def _gate(found: ForecastStudy, gate: GateForecast) -> Row:
    word = gate_word(found, gate)
    glyph: str
    tone: Tone
    glyph, tone = ("", "text") if not word else ("✓", "done") if word == OPEN else CLASSES[word]
    row = Row("  ").column(gate.id, 14)
    for value in (gate.p50_week, gate.p85_week, gate.p95_week):
        row.column(week(value), 8, align_right=True)
    row.column("—" if gate.due_week is None else f"wk {gate.due_week}", 8, align_right=True)
    chance = "—" if gate.by_due is None or word == OPEN else percent(gate.by_due)
    row.column(chance, 8, tone, align_right=True)
    return row.add(f"  {glyph} {word}" if word else "", tone)


def moving(found: ForecastStudy, width: int) -> Iterator[SheetLine]:
    """The workstreams that the finish hangs on, with how often they are critical and by how much they may delay it."""
    if not found.movers or found.complete:
        return
    yield from heading("What moves the finish")
    wide = width >= 76
    ids = max(8, *(min(16, len(m.id)) for m in found.movers)) + 1
    header = Row("  ").column("", ids).column("critical", 9, "dim", align_right=True)
    header.column("its P85 adds", 14, "dim", align_right=True)
    if wide:
        header.column("correlation", 13, "dim", align_right=True)
    yield SheetLine(header)
    most = max((m.adds or 0.0 for m in found.movers), default=0.0)
    for mover in found.movers:
        yield SheetLine(_mover(mover, ids, most, wide), f"{WORK}{mover.id}")


def _mover(mover: Mover, ids: int, most: float, wide: bool) -> Row:
    row = Row("  ").column(mover.id, ids, "strong")
    row.column(percent(mover.critical), 9, align_right=True).column(adds_words(mover), 14, align_right=True)
    if wide:
        row.column(correlation_words(mover), 13, align_right=True)
    cells = round(10 * max(0.0, mover.adds or 0.0) / most) if most > 0 else 0
    full, rest = "━" * cells, "─" * (10 - cells)
    row.add("  ").add(full, "run").add(rest, "dim")
    row.add("  near-critical" if mover.near else "", "dim")
    return row.add(f"  {mover.name}" if mover.name != mover.id else "", "dim")


def by_throughput(found: Throughput | None, width: int) -> Iterator[SheetLine]:
    """The other forecast: by how many were finished a week."""
    if found is None or not found.left:
        return
    yield from heading("By throughput")
    if found.counts:
        row = Row("  ").add(sparkline(found.counts, min(40, width - 30)), "run")
        yield SheetLine(
            row.add(f"  {sum(found.counts)} finished in {plural(len(found.counts), 'week')}", "dim")
        )
    if found.p50_week is None:
        yield from paragraph(found.reason, width, "dim")
        return
    row = Row("  ")
    for name, value in (("P50", found.p50_week), ("P85", found.p85_week), ("P95", found.p95_week)):
        row.add(f"{name} ", "dim").add(f"wk {week(value)}   ")
    yield SheetLine(row.add(f"{found.left} left", "dim"))
    for many in found.how_many[1:3]:
        words = (
            f"in {plural(many.weeks, 'week')} at least {many.p50} (50%), {many.p85} (85%), {many.p95} (95%)"
        )
        yield SheetLine(Row("  ").add(words, "dim"))


def over_the_weeks(found: ForecastStudy, width: int, most: int = MOST_WEEKS) -> Iterator[SheetLine]:
    """The forecast as it stood at the ends of past weeks."""
    if not found.past or found.complete:
        return
    yield from heading("Week by week")
    end = found.window[1] if found.window is not None else None
    for row in fan(found.past, found.standing, end, width, most):
        yield SheetLine(row)


def rests_on(found: ForecastStudy, width: int) -> Iterator[SheetLine]:
    """What durations were drawn from, with the record of each sample; the limit of agents."""
    yield from heading("Rests on")
    for words in found.basis.words:
        yield from paragraph(words, width)
    for sample in found.basis.finished:
        row = Row("  ").column(sample.workstream, 12).column(f"{sample.ratio:.2f} ×", 8, align_right=True)
        row.add(f"  {sample.took:.1f} of {sample.planned:g} wk", "dim")
        revisions = ", ".join(f"r{r}" for r in sample.rests.revisions)
        record = "  ".join(part for part in (", ".join(sample.runs), revisions) if part)
        yield SheetLine(row.add(f"  {record}" if record else "", "dim"), f"{WORK}{sample.workstream}")
    if found.basis.finished and not found.basis.used:
        yield from paragraph("not drawn from yet", width, "dim")
    if found.caps is not None:
        yield from paragraph(caps_words(found.caps), width, "you" if found.caps.binds else "text")
    if found.runs:
        gate_words = "gates included" if found.with_gates else "without gates"
        dates = ", nothing before its planned week" if found.as_planned else ""
        yield from paragraph(f"{found.runs} runs, seed {found.seed}, {gate_words}{dates}", width, "dim")
