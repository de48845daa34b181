"""Are we getting there: key figures with their targets, the forecast, the phases, the open risks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from locust_tui.domain.snapshot import ForecastView, KpiView, PhaseView, RiskView

from .pane import Pane
from .row import Row
from .sparkline import sparkline
from .view import View
from .words import PHASE, bar, points

WIDEST = 72
"""Figures stand no farther apart than this many cells, for the eye to keep the line."""


@dataclass(frozen=True, slots=True)
class Figure:
    key: str
    value: KpiView | ForecastView | PhaseView | RiskView


def amount(value: float | None, unit: str) -> str:
    """ "1.3 /wk", "86%"; "—" when unknown."""
    if value is None:
        return "—"
    number = f"{value:.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.1f}"
    if unit in ("%", "points", "pts"):
        return f"{number}%"
    return f"{number} {unit}" if unit else number


class KpiStrip(Pane[Figure]):
    about = (
        "Whether the plan gets there: each key figure with its last weeks, its target and whether it is met, then "
        "the forecast of the finish, the phases and the open risks. enter opens the overview of the plan."
    )

    def show(self, view: View) -> None:
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

    def rows(self, item: Figure, width: int) -> Sequence[Row]:
        value = item.value
        width = min(width, WIDEST)
        if isinstance(value, KpiView):
            return (_kpi_row(value, width).ending_at(width),)
        if isinstance(value, ForecastView):
            return (_forecast_row(value),)
        if isinstance(value, PhaseView):
            return (_phase_row(value, width).ending_at(width),)
        pressing = value.level in ("high", "critical")
        row = Row("⚠ ", "you" if pressing else "dim").add(value.risk)
        return (row.end(f"{value.level} risk", "you" if pressing else "dim").ending_at(width),)

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


def _kpi_row(kpi: KpiView, width: int) -> Row:
    row = Row().column(kpi.name, max(10, min(16, width // 4))).add(" ")
    row.column(amount(kpi.value, kpi.unit), 8, align_right=True).add("  ")
    if kpi.value is None and kpi.reason:
        return row.add(kpi.reason, "dim")
    wide = min(8, max(0, width - 46))
    if wide:
        row.column(sparkline(kpi.trend, wide), wide, "dim").add("  ")
    row.add(f"target {kpi.target}" if kpi.target else "", "dim")
    if kpi.ok is not None:
        row.end("✓ met   " if kpi.ok else "✗ missed", "done" if kpi.ok else "bad")
    return row


def _forecast_row(forecast: ForecastView) -> Row:
    row = Row("finish  ")
    if forecast.p50_week is None:
        return row.add(forecast.reason or "no forecast yet", "dim")
    row.add("P50 ", "dim").add(f"wk {forecast.p50_week:.1f}   ")
    if forecast.p85_week is not None:
        row.add("P85 ", "dim").add(f"wk {forecast.p85_week:.1f}   ")
    if forecast.in_window is not None:
        row.add("in window ", "dim").add(points(forecast.in_window))
    return row


def _phase_row(phase: PhaseView, width: int) -> Row:
    look = PHASE[phase.state]
    row = Row(f"{look.glyph} ", look.tone).column(f"{phase.id} {phase.name}", max(10, width // 3)).add(" ")
    full, rest = bar(phase.progress, min(12, max(4, width // 6)))
    row.add(full, look.tone if look.tone != "wait" else "dim").add(rest, "dim").add(
        f" {points(phase.progress):>4}"
    )
    if phase.expected_progress is not None:
        row.add(f"  plan {points(phase.expected_progress)}", "dim")
    return row.end(look.word, look.tone)
