"""The figures of a plan as lines to read: earned value, flow, KPIs, the scoreboard; what is opened shows what it rests on."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from locust_tui.domain.studies.figures import (
    EarnedStudy,
    EarnedValue,
    Figure,
    Flow,
    FlowItem,
    KpiFigure,
    KpiStudy,
)
from locust_tui.domain.studies.success import Met, Scoreboard, SuccessLine, WatchLine, WatchState
from locust_tui.report import figures_text as said
from locust_tui.report import success_text as told
from locust_tui.report.figures import UNKNOWN, percent, week
from locust_tui.report.flow_text import days, flow_facts
from locust_tui.report.glyphs import Tone as ReportTone

from .burn_up import burn_up, legend
from .kpis import amount
from .row import Row
from .sheet import SheetLine, heading, paragraph
from .sparkline import sparkline
from .tones import Tone
from .words import plural, since

WORK, SCOPE, KPI, CHECK, WATCH = "work:", "scope:", "kpi:", "check:", "watch:"
"""What keys of lines begin with."""
_TONES: dict[ReportTone, Tone] = {
    ReportTone.DONE: "done",
    ReportTone.RUNNING: "run",
    ReportTone.PERSON: "you",
    ReportTone.FAILED: "bad",
    ReportTone.QUIET: "dim",
    ReportTone.PLAIN: "text",
}
_SIGNS: dict[Tone, str] = {"done": "✓ ", "you": "◐ ", "bad": "✗ "}


def earned(study: EarnedStudy, opened: Collection[str], width: int, height: int) -> Iterator[SheetLine]:
    """The project in a line, the burn-up, and a line for each scope."""
    project = study.project
    word, tone = said.schedule_word(project)
    row = Row(f"{_SIGNS.get(_TONES[tone], '')}{word}  ", _TONES[tone]) if word else Row()
    row.add(f"{percent(project.percent.value)} earned", "strong")
    row.add(f"   {percent(project.expected_percent.value)} planned", "dim")
    if project.finish.value is not None and (project.percent.value or 0.0) < 100.0:
        row.add(f"   at this rate done in week {week(project.finish.value)}", "dim")
    yield SheetLine(row)
    for line in burn_up(study.curve, width, height):
        yield SheetLine(line)
    yield SheetLine(legend() if study.curve.points else Row(study.curve.reason, "dim"))
    for change in study.curve.changes:
        text = f"wk {week(change.week)}: {change.what} {change.state}, scope {change.bac_before:.4g} → {change.bac_after:.4g}"
        yield SheetLine(Row(f"  ┬ {text}", "dim").end(f"r{change.revision}", "dim"))
    yield SheetLine(Row())
    yield SheetLine(_scope_header(width))
    for scope in (project, *study.phases, *study.orchestrators):
        key = f"{SCOPE}{scope.kind}:{scope.id}"
        yield SheetLine(_scope(scope, width), key)
        if key in opened:
            yield from _scope_figures(scope, study.cost_basis, width)


_COLUMNS = (("EV", 6), ("PV", 6), ("BAC", 6), ("SPI", 6), ("CPI", 6), ("ES", 6), ("SPI(t)", 7), ("finish", 7))


def _scope_header(width: int) -> Row:
    row = Row().column("", _name_width(width))
    for title, wide in _COLUMNS:
        row.column(title, wide, "dim", align_right=True)
    return row


def _name_width(width: int) -> int:
    return max(10, min(34, width - sum(wide for _, wide in _COLUMNS) - 14))


def _scope(e: EarnedValue, width: int) -> Row:
    word, tone = said.schedule_word(e)
    row = Row().column(said.scope_name(e), _name_width(width), "strong" if e.kind == "project" else "text")
    values = (
        said.points(e.ev), said.points(e.pv), said.points(e.bac), said.ratio(e.spi), said.ratio(e.cpi),
        week(e.es.value), said.ratio(e.spi_t), week(e.finish.value),
    )  # fmt: skip
    for text, (_, wide) in zip(values, _COLUMNS, strict=True):
        row.column(text, wide, align_right=True)
    return row.add(f"  {_SIGNS.get(_TONES[tone], '')}{word}" if word else "", _TONES[tone])


def _scope_figures(e: EarnedValue, basis: str, width: int) -> Iterator[SheetLine]:
    """Every figure of a scope with what it rests on, or why there is none."""
    for name, title in said.TITLES.items():
        figure: Figure = getattr(e, name)
        yield SheetLine(_figure(title, _shown(name, figure), figure))
    if basis:
        yield SheetLine(Row(f"    budget from {basis}", "dim"))


_MONEY = frozenset({"budget", "earned", "ac", "cv", "eac", "etc", "vac"})
_RATIOS = frozenset({"spi", "spi_t", "cpi", "tcpi"})
_WEEKS = frozenset({"es", "finish", "planned_finish"})


def _shown(name: str, figure: Figure) -> str:
    if figure.value is None:
        return UNKNOWN
    if name in _MONEY:
        return said.money(figure)
    if name in _RATIOS:
        return said.ratio(figure)
    return f"wk {week(figure.value)}" if name in _WEEKS else said.points(figure)


def _figure(title: str, value: str, figure: Figure) -> Row:
    row = Row("    ").column(title, 16, "dim").column(value, 10, align_right=True).add("  ")
    if figure.value is None:
        return row.add(figure.reason, "dim")
    events = told.rests_words(figure.rests) if figure.rests.count else ""
    return row.add("; ".join(filter(None, (events, figure.rests.note))), "dim")


def flow(found: Flow, width: int) -> Iterator[SheetLine]:
    """The figures, what is under way, and what is finished or not begun with its own figures."""
    for name, value in flow_facts(found):
        yield SheetLine(Row("  ").column(name, 18, "dim").add(value))
    under_way = [i for i in found.items if i.age is not None]
    if under_way:
        yield from heading("Under way")
        for item in under_way:
            yield SheetLine(_item(item, width), f"{WORK}{item.id}")
    yield from heading("Workstreams")
    names = max(12, width - 50)
    header = Row("  ").column("", names)
    for title, wide in (("done", 7), ("reviews", 9), ("dates", 13), ("held up", 10)):
        header.column(title, wide, "dim", align_right=True)
    yield SheetLine(header)
    for w in found.workstreams:
        late = w.schedule.value
        dates = UNKNOWN if late is None else _dates(late)
        row = Row("  ").column(f"{w.id} {w.name}", names)
        row.column(percent(w.completion.value), 7, align_right=True)
        row.column(percent(w.review_pass.value), 9, align_right=True)
        row.column(dates, 13, "you" if late is not None and late > 2.0 else "text", align_right=True)
        row.column(days(w.delay_caused.value) if w.delay_caused.value else "", 10, align_right=True)
        yield SheetLine(row, f"{WORK}{w.id}")


def _dates(late: float) -> str:
    if abs(late) < 0.05:
        return "on time"
    return f"{days(abs(late))} {'late' if late > 0 else 'early'}"


def _item(item: FlowItem, width: int) -> Row:
    row = Row("  ").column(f"{item.id} {item.name}", max(12, width - 40))
    row.column(item.state, 12, "dim").column(days(item.age), 9, align_right=True)
    return row.add("  ◐ aging" if item.aging else "", "you")


def kpis(study: KpiStudy, opened: Collection[str], width: int) -> Iterator[SheetLine]:
    names = max(12, min(34, width - 46))
    for kpi in study.kpis:
        key = f"{KPI}{kpi.view.id}"
        yield SheetLine(_kpi(kpi, names, width), key)
        if key in opened:
            for line in told.explained(kpi)[1:]:
                yield from paragraph(line, width, "dim", indent="    ")
            yield SheetLine(Row())
        elif kpi.view.second or kpi.view.reason:
            yield SheetLine(
                Row("    ").add(kpi.view.second if kpi.view.value is not None else kpi.view.reason, "dim")
            )


def _kpi(kpi: KpiFigure, names: int, width: int) -> Row:
    view = kpi.view
    tone: Tone = "dim" if view.ok is None else "done" if view.ok else "bad"
    word = "" if view.ok is None else "✓ met" if view.ok else "✗ missed"
    row = (
        Row("  ")
        .column(view.name, names, "strong")
        .column(amount(view.value, view.unit), 9, align_right=True)
    )
    row.add("  ").column(view.target, 7, "dim").column(word, 9, tone)
    return row.add(sparkline(view.trend, max(8, width - names - 32)), "run")


def success(board: Scoreboard, opened: Collection[str], now: float, width: int) -> Iterator[SheetLine]:
    names = max(16, min(40, width // 3))
    if board.lines:
        yield SheetLine(Row(f"{board.met} of {plural(len(board.lines), 'check')} met", "strong"))
    for line in board.lines:
        key = f"{CHECK}{line.name}"
        yield SheetLine(_check(line, names, now), key)
        if key in opened:
            yield from _checked(line, now, width)
    if board.watches:
        yield from heading("After the release")
        yield SheetLine(Row("  ").add(board.release, "dim"))
    for watch in board.watches:
        key = f"{WATCH}{watch.name}"
        yield SheetLine(_watch(watch, names), key)
        if key in opened:
            yield from _watched(watch, width)


def _check(line: SuccessLine, names: int, now: float) -> Row:
    sign, _, word, tone = told.SIGNS[line.met]
    row = Row("  ").add(f"{sign} ", _TONES[tone]).column(line.name, names).add(" ")
    row.column(word, 15, _TONES[tone]).add(line.reason, "dim")
    return row.end(told.measured(line, now), "dim")


def _checked(line: SuccessLine, now: float, width: int) -> Iterator[SheetLine]:
    yield from paragraph(line.check, width, "text", indent="      ")
    for fact in line.facts:
        yield SheetLine(Row("      ").add(told.fact_words(fact, now), "you" if fact.stale else "dim"))
    if line.by:
        ago = f" {since(line.at, now)} ago" if line.at is not None else ""
        yield SheetLine(Row("      ").add(f"said by {line.by}{ago} {line.note}".rstrip(), "dim"))
    if line.met is not Met.MET:
        yield from paragraph(line.reason, width, "text", indent="      ")
    yield SheetLine(Row("      ").add(f"rests on {told.rests_words(line.rests)}", "dim"))


def _watch(watch: WatchLine, names: int) -> Row:
    sign, _, word, tone = told.WATCHES[watch.state]
    row = (
        Row("  ")
        .add(f"{sign} ", _TONES[tone])
        .column(watch.name, names)
        .add(" ")
        .column(word, 15, _TONES[tone])
    )
    if watch.state is WatchState.RECORDED:
        met_sign, _, met, met_tone = told.SIGNS[watch.met]
        row.add(f"{met_sign} {met}  ", _TONES[met_tone])
    return row.add(watch.value or watch.reason, "dim").end(watch.due, "dim")


def _watched(watch: WatchLine, width: int) -> Iterator[SheetLine]:
    yield from paragraph(watch.what, width, "text", indent="      ")
    yield from paragraph(watch.reason, width, "dim", indent="      ")
    if watch.note:
        yield from paragraph(watch.note, width, "dim", indent="      ")
    yield SheetLine(Row("      ").add(f'locust-tui success record "{watch.name}" met --value …', "dim"))
