"""Are we getting there: key figures with their targets, the forecast, the phases, the open risks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.snapshot import ForecastView, KpiView, PhaseView, RiskView

from .cards import named
from .pane import Pane
from .row import Row, shown
from .sparkline import sparkline
from .view import View
from .words import PHASE, bar, points

SPARK = 8
"""Most cells of a sparkline."""
NEAT = 72
"""Figures stand no farther apart than this many cells where the key figures need no more."""


@dataclass(frozen=True, slots=True)
class Figure:
    key: str
    value: KpiView | ForecastView | PhaseView | RiskView


def amount(value: float | None, unit: str) -> str:
    """ "1.3 /wk", "86%"; "—" when unknown. A percentage is rounded down: 99.97 is not 100."""
    if value is None:
        return "—"
    if unit in ("%", "points", "pts"):
        cut = math.floor(value * 10 + 1e-9) / 10
        return f"{cut:.0f}%" if cut == int(cut) else f"{cut:.1f}%"
    number = f"{value:.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.1f}"
    return f"{number} {unit}" if unit else number


class _Columns(NamedTuple):
    """Cells of each column of the pane: values, targets and words whole, then names, then what is left."""

    name: int
    value: int
    spark: int
    target: int
    met: bool
    """Whether "met" and "missed" stand beside their sign."""

    @property
    def width(self) -> int:
        spark = self.spark + 2 if self.spark else 0
        return self.name + 1 + self.value + 2 + spark + self.target + 2 + (8 if self.met else 1)


def _columns(kpis: Sequence[KpiView], width: int) -> _Columns:
    known = [k for k in kpis if k.value is not None]
    name = max((cell_len(shown(k.name)) for k in kpis), default=0)
    value = max((cell_len(shown(amount(k.value, k.unit))) for k in kpis), default=1)
    target = max((cell_len(shown(f"target {k.target}")) for k in known if k.target), default=0)
    spark = min(SPARK, max((len(k.trend) for k in known), default=0))
    columns = _Columns(name, value, spark, target, True)
    over = columns.width - width
    if over > 0 and name > 12:
        columns = columns._replace(name=max(12, name - over))
    if (over := columns.width - width) > 0 and spark:
        left = spark - over
        columns = columns._replace(spark=left if left >= 3 else 0)
    if columns.width > width:
        columns = columns._replace(met=False)
    if (over := columns.width - width) > 0:
        columns = columns._replace(name=max(0, columns.name - over))
    return columns


class KpiStrip(Pane[Figure]):
    about = (
        "Whether the plan gets there: each key figure with its last weeks, its target and whether it is met, then "
        "the forecast of the finish, the phases and the open risks. enter opens the overview of the plan."
    )

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._kpis: Sequence[KpiView] = ()
        self._phase_names = self._phase_words = 0

    def show(self, view: View) -> None:
        if view.snapshot.kpis != self._kpis:
            self._kpis = view.snapshot.kpis
        self._phase_names = max((cell_len(shown(_phase_name(p))) for p in view.snapshot.phases), default=0)
        self._phase_words = max((len(PHASE[p.state].word) for p in view.snapshot.phases), default=0)
        self.show_items(list(self._figures(view)))

    def key(self, item: Figure) -> str:
        return item.key

    def title(self) -> Row:
        return Row("KPIs", "strong" if self.has_focus else "text")

    def empty(self) -> Sequence[Row]:
        return (
            Row("No figures yet."),
            Row("They begin with the first accepted workstream; s starts one.", "dim"),
        )

    def facts(self, item: Figure) -> object:
        return item, self._kpis, self._phase_names, self._phase_words

    def rows(self, item: Figure, width: int) -> Sequence[Row]:
        value = item.value
        columns = _columns(self._kpis, width)
        widest = max(min(width, columns.width), min(width, NEAT))
        if isinstance(value, KpiView):
            return (_kpi_row(value, columns),)
        if isinstance(value, ForecastView):
            return (_forecast_row(value, width),)
        if isinstance(value, PhaseView):
            names, words = self._phase_names, self._phase_words
            return (_phase_row(value, names, words, widest).ending_at(widest),)
        pressing = value.level in ("high", "critical")
        row = Row("⚠ ", "you" if pressing else "dim").add(value.risk)
        return (row.end(f"{value.level} risk", "you" if pressing else "dim").ending_at(widest),)

    @staticmethod
    def _figures(view: View) -> Iterator[Figure]:
        snapshot = view.snapshot
        for kpi in snapshot.kpis:
            yield Figure(f"kpi:{kpi.id}", kpi)
        yield Figure("forecast", snapshot.forecast)
        for phase in snapshot.phases:
            yield Figure(f"phase:{phase.id}", phase)
        for risk in snapshot.risks:
            if risk.state in ("open", "triggered"):
                yield Figure(f"risk:{risk.id}", risk)


def _kpi_row(kpi: KpiView, columns: _Columns) -> Row:
    row = Row().column(kpi.name, columns.name).add(" ")
    row.column(amount(kpi.value, kpi.unit), columns.value, align_right=True).add("  ")
    if kpi.value is None and kpi.reason:
        return row.add(kpi.reason, "dim")
    if columns.spark:
        row.column(sparkline(kpi.trend, columns.spark), columns.spark, "dim").add("  ")
    row.column(f"target {kpi.target}" if kpi.target else "", columns.target, "dim").add("  ")
    if kpi.ok is not None:
        word = (" met" if kpi.ok else " missed") if columns.met else ""
        row.add(f"{'✓' if kpi.ok else '✗'}{word}", "done" if kpi.ok else "bad")
    return row


def _forecast_row(forecast: ForecastView, width: int) -> Row:
    if forecast.p50_week is None:
        return Row("finish  ").add(forecast.reason or "no forecast yet", "dim")
    gap, within = ("   ", "in window ") if width >= 50 else ("  ", "window ")
    row = Row("finish  ").add("P50 ", "dim").add(f"wk {forecast.p50_week:.1f}{gap}")
    if forecast.p85_week is not None:
        row.add("P85 ", "dim").add(f"wk {forecast.p85_week:.1f}{gap}")
    if forecast.in_window is not None:
        row.add(within, "dim").add(points(forecast.in_window))
    return row


def _phase_name(phase: PhaseView) -> str:
    return f"{phase.id} {phase.name}" if named(phase.id, phase.name) else phase.id


def _phase_row(phase: PhaseView, names: int, words: int, width: int) -> Row:
    """Name, bar, progress, plan, word: the name and the bar give way."""
    look = PHASE[phase.state]
    fixed = 2 + 1 + 1 + 4 + (11 if phase.expected_progress is not None else 0) + 2 + words
    room = width - fixed
    bars = max(4, min(16, room - names))
    row = (
        Row(f"{look.glyph} ", look.tone).column(_phase_name(phase), max(4, min(names, room - bars))).add(" ")
    )
    full, rest = bar(phase.progress, bars)
    row.add(full, look.tone if look.tone != "wait" else "dim").add(rest, "dim")
    row.add(f" {points(phase.progress):>4}")
    if phase.expected_progress is not None:
        row.add(f"  plan {points(phase.expected_progress):>4}", "dim")
    return row.end(f"{look.word:<{words}}", look.tone)
