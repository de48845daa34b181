"""The plan's figures on four tabs: earned value with its burn-up, flow, KPIs, the scoreboard of success."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from textual.binding import Binding
from textual.widget import Widget

from locust_tui.domain.studies.figures import FiguresStudy
from locust_tui.widgets import figures as drawn
from locust_tui.widgets.row import Row
from locust_tui.widgets.sheet import Sheet, SheetLine
from locust_tui.widgets.view import View
from locust_tui.widgets.words import since

from .base import Reading
from .record_success import record_success
from .studying import Study

TABS = ("earned value", "flow", "KPIs", "success")
_EMPTY = {
    2: (
        "The plan has no kpis.",
        "kpis: {velocity: {measure: workstreams_completed / week, target: 2-3}} adds one.",
    ),
    3: ("The plan has no success checks.", 'success: [{name: Done, check: "phases_done == 4"}] adds one.'),
}


class FiguresScreen(Reading):
    about = (
        "What the plan's numbers come to. Earned value: planned, verified and spent, and when it ends at this rate. Flow: how "
        "work comes through. KPIs against their targets. Success: the end conditions and what is looked at after the release. "
        "1 to 4 or left and right choose; enter shows what a figure rests on, or opens the workstream; r records what a person found."
    )
    BINDINGS = [
        Binding("e", "close", "close"),
        Binding("enter", "open", "open"),
        Binding("r", "record", "record"),
        Binding("right,l,tab", "turn(1)", "next"),
        Binding("left,h,shift+tab", "turn(-1)", "previous"),
        *(Binding(str(n + 1), f"tab({n})", name) for n, name in enumerate(TABS)),
    ]

    def __init__(self, tab: int = 0) -> None:
        super().__init__(id="figures-screen")
        self.sheet = Sheet(id="lines", about=self.about)
        self.tab = tab
        self.opened: set[str] = set()
        """Keys of lines that show what they rest on."""
        self.study: Study[FiguresStudy] = Study(self)
        self._places: dict[int, tuple[int, int]] = {}
        """Tab → cursor and first line, as they were left."""

    def body(self) -> Iterable[Widget]:
        yield self.sheet

    def pane(self) -> Sheet:
        return self.sheet

    def ready(self) -> None:
        super().ready()
        self.sheet.focus()

    def present(self, view: View) -> None:
        self.study.ask_when_due(view.snapshot.revision, lambda: self.host.port.studies.figures())
        self.sheet.set_boxed(self.app.size.height >= 30)
        title, study = self._title(), self.study.value
        if study is None:
            self.sheet.put(title, [SheetLine(self.study.waiting())])
        else:
            title.right = [(f"{since(study.at, view.now)} ago", "dim")] if self.app.size.width >= 90 else []
            lines = list(self._lines(study, view.now))
            self.sheet.put(title, lines, empty=self._empty())
        self.show_footer()

    def _title(self) -> Row:
        row = Row()
        for number, name in enumerate(TABS):
            here = number == self.tab
            row.add(f" {number + 1} ", "cursor" if here else "key").add(
                f"{name} ", "strong" if here else "dim"
            )
        return row

    def _empty(self) -> tuple[Row, ...]:
        why, how = _EMPTY.get(self.tab, ("", ""))
        return (Row(why), Row(how, "dim")) if why else ()

    def _lines(self, study: FiguresStudy, now: float) -> Iterator[SheetLine]:
        width, height = max(20, self.sheet.inner_width or self.app.size.width - 6), self.app.size.height
        if self.tab == 0:
            return drawn.earned(study.earned, self.opened, width, max(5, height // 3))
        if self.tab == 1:
            return drawn.flow(study.flow, width)
        if self.tab == 2:
            return drawn.kpis(study.kpis, self.opened, width)
        return drawn.success(study.success, self.opened, now, width)

    def action_turn(self, step: int) -> None:
        self.action_tab((self.tab + step) % len(TABS))

    def action_tab(self, tab: int) -> None:
        """Show another tab, where it was left."""
        self._places[self.tab] = self.sheet.cursor, self.sheet.top
        self.tab = tab
        self.sheet.cursor, self.sheet.top = self._places.get(tab, (0, 0))
        self._present_now()

    def action_open(self) -> None:
        """The workstream or orchestrator under the cursor; of every other figure, what it rests on."""
        key = self.sheet.chosen
        if key.startswith(drawn.WORK):
            self.host.main.open_workstream(key.removeprefix(drawn.WORK))
        elif key:
            self.opened ^= {key}
            self._present_now()

    def action_record(self) -> None:
        """What a person found of the line under the cursor."""
        asked = self._to_record()
        if asked is not None:
            record_success(self.host, *asked)
        elif self.tab == TABS.index("success") and self.sheet.chosen:
            self.host.say("that is measured: no word of a person meets it", "you")

    def _to_record(self) -> tuple[str, str] | None:
        """(name, question) of the line under the cursor where a person's word counts."""
        key, study = self.sheet.chosen, self.study.value
        if study is None or self.tab != TABS.index("success"):
            return None
        asking = [
            (f"{drawn.CHECK}{line.name}", line.name, line.check) for line in study.success.lines if line.asks
        ]
        asking += [(f"{drawn.WATCH}{w.name}", w.name, w.what) for w in study.success.watches]
        return next(((name, what) for known, name, what in asking if known == key), None)

    def footer_keys(self) -> Iterable[tuple[str, str, bool]]:
        yield "↑↓", "move", True
        yield "←→", "tab", True
        yield "enter", "open" if self.tab == 1 else "what it rests on", bool(self.sheet.chosen)
        if self.tab == TABS.index("success"):
            yield "r", "record", self._to_record() is not None
        yield "?", "help", True
        yield "esc", "back", True
