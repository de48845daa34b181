"""The plan in time: every workstream, gate and milestone as planned, as it went and as it is expected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from textual.binding import Binding
from textual.widget import Widget

from locust_tui.domain.snapshot import Snapshot
from locust_tui.domain.studies.timeline import END, Timeline
from locust_tui.report.timeline_text import end_words, week
from locust_tui.widgets.gantt import Gantt, GanttRow
from locust_tui.widgets.gantt_detail import bar_lines, end_lines, mark_lines
from locust_tui.widgets.gantt_rows import GROUPS, ORDERS, arranged, group_of
from locust_tui.widgets.line import Line
from locust_tui.widgets.row import Row
from locust_tui.widgets.sheet import SheetLine
from locust_tui.widgets.tabs import filter_words
from locust_tui.widgets.view import View

from .studying import Study
from .two_panes import NO_MATCH, TwoPanes

STEP = 0.25
_EMPTY = (
    Row("The plan has no workstreams."),
    Row(
        "Workstreams with weeks: 1-2 and needs: stand here in time; locust-tui new writes a first plan.",
        "dim",
    ),
)
_NO_CRITICAL = (Row("Nothing that is left is critical."), Row("c shows everything again.", "dim"))


class TimelineScreen(TwoPanes):
    about = (
        "Time goes to the right. █ what happened, ━ expected and critical, ─ expected, ░ planned, · float, [ and ] where "
        "the plan begins and ends under them, │ now, ◇ due, ◆ expected, ✓ reached, ├┄┤ P50 to P85 of a forecast. ▶ drives "
        "the end. ← → move, + - zoom, 0 shows everything, t puts now in the middle, c leaves the critical path alone, "
        "s sorts, v groups, x counts phase gates or not. Below: the dates of the row under the cursor, what drives it and "
        "what it delays."
    )
    DEFAULT_CSS = """
    TimelineScreen #both { layout: vertical; }
    TimelineScreen.-wide #both { layout: vertical; }
    TimelineScreen #gantt { height: 1fr; }
    TimelineScreen.-wide #gantt { width: 1fr; height: 1fr; }
    TimelineScreen.-wide #detail { width: 1fr; }
    """
    BINDINGS = [
        Binding("T", "close", "close"),
        Binding("left,h", "pan(-1)"),
        Binding("right,l", "pan(1)"),
        Binding("plus,equals_sign", "zoom(1)"),
        Binding("minus,underscore", "zoom(-1)"),
        Binding("0", "everything"),
        Binding("t", "now"),
        Binding("c", "critical"),
        Binding("s", "order"),
        Binding("v", "group"),
        Binding("x", "gates"),
        Binding("enter", "open"),
    ]

    def __init__(self) -> None:
        self.gantt = Gantt()
        self.gantt.about = self.about
        super().__init__(
            self.gantt,
            hint="words of an id, a name, an orchestrator, a phase or a state",
            id="timeline-screen",
        )
        self.headline = Line(id="headline")
        self.study: Study[Timeline] = Study(self)
        self.group, self.order = GROUPS[0], ORDERS[0]
        self.critical_only = False
        self.with_gates = True
        self._rows: tuple[object, list[GanttRow]] = (None, [])

    def body(self) -> Iterable[Widget]:
        yield self.headline
        yield from super().body()

    def fit(self, width: int, height: int) -> None:
        """The chart over the detail, which gets what it needs and no more than a third."""
        self.set_class(False, "-wide")
        self.gantt.set_boxed(False)
        self.detail.set_boxed(False)
        self.detail.display = bool(self.gantt.items)
        self.detail.styles.height = min(11, max(7, height * 3 // 10))

    def present(self, view: View) -> None:
        self._ask(view.snapshot)
        line = self.study.value
        if line is None:
            self.gantt.show(None, (), "", (self.study.waiting(),))
        else:
            rows = self._arranged(line)
            empty = NO_MATCH if self.words else (_NO_CRITICAL if line.bars else _EMPTY)
            corner = group_of(line, self.group) if self.order == ORDERS[0] else self.order
            self.gantt.show(line, rows, corner, empty)
        self.fit(self.app.size.width, self.app.size.height)
        self.call_after_refresh(self._put_headline)  # it tells which rows are in sight
        self._tell(line)
        self.show_footer()

    def _arranged(self, line: Timeline) -> list[GanttRow]:
        """The rows; made anew only where what they rest on changed."""
        rests_on = (line, self.group, self.order, self.critical_only, self.words)
        if self._rows[0] != rests_on:
            found = arranged(line, self.group, self.order, self.critical_only, self.fits_filter)
            self._rows = (rests_on, found)
        return self._rows[1]

    def _put_headline(self) -> None:
        self.headline.put(self._headline(self.study.value))

    def _headline(self, line: Timeline | None) -> Row:
        row = Row(" Timeline", "strong")
        if line is None:
            return row
        if line.now is not None and not line.reason:
            row.add(f"  wk {week(line.now)}", "run")
        late = line.end is not None and line.window is not None and line.end > line.window[1]
        narrow = self.app.size.width < 100
        row.add(f"  {end_words(line, short=narrow)}", "you" if late else "text")
        critical = sum(bar.critical for bar in line.bars)
        if critical and not narrow:
            row.add(f"  {critical} critical", "dim")
        if not line.gates:
            row.add("  without gates", "you")
        if self.words:
            row.right = list(filter_words(self.words, 30).left)
        elif self.gantt.place:
            row.end(f"{self.gantt.place} ", "dim")
        return row

    def _tell(self, line: Timeline | None) -> None:
        item = self.gantt.current
        if line is None or item is None or not item.key:
            self.put_detail("", Row(), ())
            return
        title = Row(item.key, "strong")
        lines: list[SheetLine]
        if item.bar is not None:
            title.add(f" {item.bar.name}" if item.bar.name != item.bar.id else "")
            lines = list(bar_lines(line, item.bar, self.detail_width))
        elif item.mark is not None:
            title = Row(f"{item.mark.kind} {item.mark.id}", "strong").add(f" {item.mark.name}")
            lines = list(mark_lines(line, item.mark, self.detail_width))
        else:
            title = Row("The end of the plan", "strong")
            lines = list(end_lines(line, self.detail_width))
        self.put_detail(item.key, title, lines)

    def _ask(self, snapshot: Snapshot) -> None:
        gates, forecast = self.with_gates, snapshot.forecast
        self.study.ask_when_due(
            snapshot.revision,
            lambda: self.host.port.studies.timeline(gates=gates, forecast=forecast),
            of=gates,
        )

    # keys

    def action_pan(self, direction: int) -> None:
        self.gantt.pan(direction * STEP)

    def action_zoom(self, direction: int) -> None:
        self.gantt.zoom(2.0**direction)
        self._present_now()

    def action_everything(self) -> None:
        self.gantt.show_all()

    def action_now(self) -> None:
        line = self.study.value
        if line is not None and line.now is None:
            self.host.say("the plan has not been started: there is no now on it yet", "you")
        self.gantt.show_now()

    def action_critical(self) -> None:
        self.critical_only = not self.critical_only
        self._present_now()

    def action_order(self) -> None:
        self.order = _after(ORDERS, self.order)
        self._present_now()

    def action_group(self) -> None:
        self.group = _after(GROUPS, self.group)
        self._present_now()

    def action_gates(self) -> None:
        self.with_gates = not self.with_gates
        self._present_now()

    def action_open(self) -> None:
        item = self.gantt.current
        if item is None or item.key == END:
            return
        if item.bar is not None:
            self.host.main.open_workstream(item.key)
        elif item.mark is not None and item.mark.state is not None:
            self.host.main.open_gate(item.key)

    def footer_keys(self) -> Iterator[tuple[str, str, bool]]:
        there = bool(self.gantt.items)
        item: Any = self.gantt.current
        yield "↑↓", "row", there
        yield "+-", "zoom", there
        yield "←→", "time", self.gantt.per_week is not None
        yield "c", "everything" if self.critical_only else "critical", True
        yield "s", "sort", there
        yield "v", "group", there
        yield "enter", "open", item is not None and (item.bar is not None or item.mark is not None)
        yield "?", "help", True
        yield "x", "gates", there
        yield "/", "filter", there
        yield "esc", "back", True


def _after(choices: tuple[str, ...], one: str) -> str:
    return choices[(choices.index(one) + 1) % len(choices)]
