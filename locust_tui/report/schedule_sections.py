"""The report's sections about time: forecast, earned value, schedule, gates, needs between orchestrators."""

from __future__ import annotations

from collections.abc import Iterator

from ..domain.snapshot import ForecastView
from ..domain.states import Verdict
from ..domain.studies.figures import EarnedValue, Figure, Flow, Share
from ..domain.studies.forecast import change_words
from ..domain.studies.report import ReportGround
from ..domain.studies.timeline import Bar, Mark, Timeline
from .figures import UNKNOWN, dollars, percent, week
from .gate_blocks import gate_blocks
from .glyphs import glyph, tone, word
from .page import Block, Bullets, Cell, Chart, Grid, Item, Section, Words, row
from .when import between, weeks, when

MOST_ROWS = 60
"""Of more workstreams, those that nothing is to be said of are only counted."""
MOST_NAMED = 12
_RIGHT = frozenset({1, 2, 3, 4, 5, 6, 7, 8})


def schedule_sections(ground: ReportGround) -> Iterator[Section]:
    if ground.snapshot.dated:
        yield Section(2, "Forecast", (Bullets(tuple(_forecast(ground))),))
    if ground.earned is not None and ground.snapshot.dated:
        yield Section(2, "Earned Value", tuple(_earned(ground)))
    if ground.timeline is not None and ground.timeline.bars and ground.snapshot.dated:
        yield Section(2, "Schedule", tuple(_schedule(ground.timeline)))
    if ground.snapshot.gates:
        yield Section(2, "Gates", tuple(gate_blocks(ground)))
    if ground.flow is not None and ground.flow.cross_domain.whole and ground.snapshot.started is not None:
        yield Section(2, "Cross-Domain Dependencies", (Bullets(tuple(_cross(ground.flow))),))


def _forecast(ground: ReportGround) -> Iterator[Item]:
    told = ground.snapshot.forecast
    if ground.snapshot.verdict is Verdict.COMPLETE and told.p50_week is not None:
        yield Item("Finish", f"it ended at week {week(told.p50_week)}")
        yield from _window(ground, None)
        return
    if told.p50_week is None:
        yield Item("Finish", f"{UNKNOWN}: {told.reason}" if told.reason else UNKNOWN)
    else:
        yield Item(
            "Finish", f"P50 week {week(told.p50_week)}, P85 week {week(told.p85_week)}, P95 week {week(told.p95_week)}"
        )  # fmt: skip
    yield from _window(ground, told)
    moved = change_words(ground.forecast) if ground.forecast is not None else ""
    if moved:
        yield Item("Change", moved)
    earned = ground.earned.project if ground.earned is not None else None
    if earned is not None and earned.finish.value is not None:
        yield Item(
            "At This Pace",
            f"week {week(earned.finish.value)} by earned schedule (SPI(t) {_index(earned.spi_t)})",
        )
    for line in ground.basis:
        yield Item("Basis", line)


def _window(ground: ReportGround, told: ForecastView | None) -> Iterator[Item]:
    window = ground.plan.project.window
    if window is None:
        return
    chance = (
        f"; chance to end by week {week(window[1])}: {percent(told.in_window)}"
        if told is not None and told.in_window is not None
        else ""
    )
    yield Item("Window", f"weeks {week(window[0])} to {week(window[1])}{chance}")


def _earned(ground: ReportGround) -> Iterator[Block]:
    assert ground.earned is not None
    study = ground.earned
    header = ("Scope", "Planned", "Earned", "SPI", "SPI(t)", "Cost", "CPI", "EAC")
    parts = (study.project, *study.phases, *study.orchestrators)
    rows = []
    for part in parts:
        name = ground.plan.project.short if part.kind == "project" else f"{part.name} ({part.kind})"
        rows.append(row(name, *_earned_cells(part)))
    yield Grid("Earned value", header, tuple(rows), _RIGHT, heard=True)
    if study.cost_basis and study.project.ac.value:
        yield Words(f"What it was to cost: {study.cost_basis}.")


def _earned_cells(part: EarnedValue) -> Iterator[str]:
    yield _points(part.expected_percent)
    yield _points(part.percent)
    yield _index(part.spi)
    yield _index(part.spi_t)
    yield dollars(part.ac.value) if part.ac.value else ""
    yield _index(part.cpi) if part.ac.value else ""
    yield dollars(part.eac.value) if part.eac.value is not None and part.ac.value else ""


def _points(figure: Figure) -> str:
    return UNKNOWN if figure.value is None else f"{figure.value:.1f} %"


def _index(figure: Figure) -> str:
    return UNKNOWN if figure.value is None else f"{figure.value:.2f}"


def _schedule(timeline: Timeline) -> Iterator[Block]:
    yield Chart("gantt")
    bars = shown_bars(timeline)
    rows = tuple(_bar(timeline, bar) for bar in bars)
    header = ("Workstream", "State", "Done", "Weeks", "Actual", "Expected", "Float wk", "Note")
    yield Grid("Schedule of the workstreams", header, rows, frozenset({2, 6}), heard=True)
    if len(bars) < len(timeline.bars):
        yield Words(f"{len(timeline.bars) - len(bars)} more have not begun, are not late and have float.")
    milestones = [m for m in timeline.marks if m.kind == "milestone"]
    if milestones:
        head = ("Milestone", "Due", "Reached", "Expected", "")
        yield Grid("Milestones", head, tuple(_milestone(timeline, m) for m in milestones))


def shown_bars(timeline: Timeline) -> list[Bar]:
    """All of them; in a plan of many those that have begun and are not done, are critical, or end later than planned."""
    if len(timeline.bars) <= MOST_ROWS:
        return list(timeline.bars)
    told = [b for b in timeline.bars if not b.done and (b.critical or b.actual is not None)]
    late = [b for b in timeline.bars if (b.deviation_days or 0) > 0 and not b.done and b not in told]
    kept = {b.id for b in (told + late)[:MOST_ROWS]}
    return [b for b in timeline.bars if b.id in kept]


def _bar(timeline: Timeline, bar: Bar) -> tuple[Cell, ...]:
    name = bar.id if bar.name == bar.id else f"{bar.id} {bar.name}"
    look = bar.state.value
    return row(
        name,
        Cell(f"{glyph(look)} {word(look)}", tone(look)),
        percent(bar.verified),
        weeks(bar.planned),
        between(timeline, bar.actual, open_end=not bar.done),
        "" if bar.done else between(timeline, bar.expected),
        f"{bar.float_weeks:.1f}" if bar.float_weeks is not None and not bar.done else "",
        "; ".join(_notes(bar)),
    )


def _notes(bar: Bar) -> Iterator[str]:
    if bar.critical and not bar.done:
        yield "critical"
    if bar.deviation_days is not None and abs(bar.deviation_days) >= 0.5:
        days = abs(round(bar.deviation_days, 1))
        yield f"{days:g} d {'late' if bar.deviation_days > 0 else 'early'}"


def _milestone(timeline: Timeline, mark: Mark) -> tuple[Cell, ...]:
    late = mark.on_time is False
    return row(
        mark.name,
        when(timeline, mark.due, end=True) if mark.due is not None else "",
        when(timeline, mark.reached, end=True) if mark.reached is not None else "",
        when(timeline, mark.expected, end=True) if mark.expected is not None else "",
        Cell("late", tone("failed")) if late else Cell("on time" if mark.on_time else ""),
    )


def _cross(flow: Flow) -> Iterator[Item]:
    yield Item("Resolved", _share(flow.cross_domain))
    yield Item("On Time", _share(flow.cross_domain_on_time))
    late = list(flow.cross_domain_overdue)
    if len(late) > MOST_NAMED:
        late = [*late[:MOST_NAMED], f"{len(late) - MOST_NAMED} more"]
    yield Item("Overdue", ", ".join(late) or "None")


def _share(share: Share) -> str:
    if share.figure.value is None:
        return f"{UNKNOWN} ({share.figure.reason})" if share.figure.reason else UNKNOWN
    return f"{share.part:g} of {share.whole:g} ({percent(share.figure.value)})"
