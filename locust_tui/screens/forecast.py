"""When the plan will probably end: the spread of its finish, its gates, what moves it, what it rests on, week by week."""

from __future__ import annotations

from collections.abc import Iterable

from textual.binding import Binding
from textual.containers import Container
from textual.widget import Widget

from locust_tui.domain.studies.forecast_study import ForecastStudy
from locust_tui.widgets import forecast as drawn
from locust_tui.widgets.row import Row
from locust_tui.widgets.sheet import Sheet, SheetLine
from locust_tui.widgets.view import View
from locust_tui.widgets.words import since

from .base import Reading
from .studying import Study

WIDE = 130
"""Columns from which charts stand beside the tables."""


class ForecastScreen(Reading):
    about = (
        "When the plan will probably end, by simulation: half of the outcomes end by P50, 85 of 100 by P85. Below it each "
        "gate with its chance of being in time, the workstreams that move the finish, the forecast by throughput, how "
        "the forecast stood at the ends of past weeks, and what it rests on. enter opens what is under the cursor."
    )
    DEFAULT_CSS = """
    ForecastScreen #both { height: 1fr; layout: horizontal; }
    ForecastScreen #charts { width: 1fr; }
    ForecastScreen #tables { width: 1fr; }
    """
    BINDINGS = [
        Binding("F", "close", "close"),
        Binding("enter,l,right", "open", "open"),
        Binding("tab,shift+tab", "other", "other pane"),
    ]

    def __init__(self) -> None:
        super().__init__(id="forecast-screen")
        self.tables = Sheet(id="tables", about=self.about)
        self.charts = Sheet(id="charts")
        self.study: Study[ForecastStudy] = Study(self)

    def body(self) -> Iterable[Widget]:
        yield Container(self.tables, self.charts, id="both")

    def pane(self) -> Sheet:
        return self.charts if self.charts.has_focus else self.tables

    def ready(self) -> None:
        super().ready()
        self.tables.focus()

    def present(self, view: View) -> None:
        self.study.ask_when_due(view.snapshot.revision, lambda: self.host.port.studies.forecast())
        width, height = self.app.size
        wide = width >= WIDE
        for pane in (self.tables, self.charts):
            pane.set_boxed(wide or height >= 30)
        if not wide and self.charts.has_focus:
            self.tables.focus()
        self.charts.display = wide
        title = Row("Forecast", "strong")
        study = self.study.value
        if study is None:
            self.tables.put(title, [SheetLine(self.study.waiting())])
            self.charts.put(Row(), ())
        else:
            age = since(study.standing.at, view.now)
            title.right = [(f"{study.runs} runs, {age} ago" if study.runs else "", "dim")]
            self._draw(study, title, wide)
        self.show_footer()

    def _draw(self, study: ForecastStudy, title: Row, wide: bool) -> None:
        room = max(20, (self.app.size.width // 2 if wide else self.app.size.width) - 6)
        lines = list(drawn.summary(study, room))
        if not wide:
            low = self.app.size.height < 30
            lines += [] if low else [SheetLine(Row())]
            lines += drawn.spread(study, room, 4 if low else 7)
        lines += drawn.gates(study)
        lines += drawn.moving(study, room)
        charts: list[SheetLine] = []
        if wide:
            charts += drawn.spread(study, room, max(5, self.app.size.height // 4))
        charts += drawn.over_the_weeks(study, room, drawn.MOST_WEEKS if self.app.size.height >= 30 else 6)
        charts += drawn.by_throughput(study.throughput, room)
        if wide:
            self.charts.put(Row("Spread and past", "strong"), charts)
        else:
            lines += charts
        self.tables.put(title, [*lines, *drawn.rests_on(study, room)])

    def action_other(self) -> None:
        """The keys move in the other pane, where there are two."""
        if self.charts.display:
            (self.tables if self.charts.has_focus else self.charts).focus()

    def action_open(self) -> None:
        kind, _, id = self.tables.chosen.partition(":")
        if kind == "gate":
            self.host.main.open_gate(id)
        elif kind == "work":
            self.host.main.open_workstream(id)

    def footer_keys(self) -> Iterable[tuple[str, str, bool]]:
        yield "↑↓", "move", True
        yield "enter", "open", bool(self.tables.chosen)
        if self.charts.display:
            yield "tab", "pane", True
        yield "?", "help", True
        yield "esc", "back", True
