"""Monitors as dashboards: each measurement with its value now and how it went."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from textual.binding import Binding

from locust_tui.domain.looking_back import MetricSeries, MonitorReading
from locust_tui.domain.plan import Monitor
from locust_tui.report.figures import amount as shortened
from locust_tui.report.figures import dollars
from locust_tui.widgets.kpis import amount
from locust_tui.widgets.listing import Listing
from locust_tui.widgets.row import Row
from locust_tui.widgets.sheet import SheetLine
from locust_tui.widgets.sparkline import chart, sparkline
from locust_tui.widgets.tabs import filter_words
from locust_tui.widgets.view import View
from locust_tui.widgets.words import age, plural, since

from .studying import LEAST_S, Study
from .two_panes import NO_MATCH, TwoPanes

LOWEST, HIGHEST = 2, 6
"""Lines of a chart: with fewer a metric has one line for all."""
_EMPTY = (
    Row("The plan has no monitors."),
    Row("locust-tui monitor create --name main --metrics progress,velocity,blockers adds one.", "dim"),
)


class MonitorsScreen(TwoPanes):
    about = (
        "The plan's monitors, and below the one under the cursor as a dashboard: each metric with its value now, how it "
        "went, its least and greatest value, and how often it was measured. The worker measures while it runs."
    )
    BINDINGS = [Binding("d", "close", "close")]
    share = 1 / 4

    def __init__(self, name: str = "") -> None:
        """`name` is under the cursor at first."""
        self.items = Listing(lambda m: m.name, monitor_row, lambda m, now: m, about=self.about)
        super().__init__(self.items, hint="words of a monitor or its metrics", id="monitors-screen")
        self._first = name
        self.study: Study[MonitorReading | None] = Study(self, good_for=LEAST_S)

    @property
    def current(self) -> Monitor | None:
        item = self.items.current
        return item if isinstance(item, Monitor) else None

    def present(self, view: View) -> None:
        everything = view.snapshot.monitors
        found = [m for m in everything if self.fits_filter(f"{m.name} {' '.join(m.metrics)}")]
        title = Row("Monitors", "strong").add(f" {len(everything)}" if everything else "", "dim")
        if self.words:
            title.right = [*filter_words(self.words, 40).left, (f" {len(found)}", "dim")]
        self.items.show(title, found, NO_MATCH if self.words else _EMPTY, view.now)
        if self._first and self.items.select_key(self._first):
            self._first = ""
        self.fit(self.app.size.width, self.app.size.height)
        self._show_dashboard(view)
        self.show_footer()

    def _show_dashboard(self, view: View) -> None:
        monitor = self.current
        if monitor is None:
            self.put_detail("", Row(), ())
            return
        name = monitor.name
        self.study.ask_when_due(view.snapshot.revision, lambda: self.host.port.monitor(name), of=name)
        reading = self.study.value
        title = Row(monitor.name, "strong").add(f" every {age(monitor.refresh)}", "dim")
        lines = (
            list(dashboard(reading, view.now, self.detail_width, self.detail.room))
            if reading is not None and reading.name == name
            else [SheetLine(self.study.waiting("measuring"))]
        )
        self.put_detail(monitor.name, title, lines)

    def footer_keys(self) -> Iterable[tuple[str, str, bool]]:
        yield "↑↓", "monitor", len(self.items.items) > 1
        yield "/", "filter", bool(self.items.items)
        yield "ctrl+d", "scroll", len(self.detail.items) > self.detail.room
        yield "?", "help", True
        yield "esc", "back", True


def monitor_row(monitor: Monitor, width: int, now: float) -> Row:
    row = Row(monitor.name).end(f"every {age(monitor.refresh)} ", "dim")
    return row.add(f"  {', '.join(monitor.metrics) or 'progress, quality, velocity, blockers'}", "dim")


def value_words(value: float | None, unit: str) -> str:
    """ "46%", "1.3 /wk", "$12.40", "412k tokens"."""
    if value is not None and unit == "$":
        return dollars(value)
    if value is not None and unit == "tokens":
        return f"{shortened(value)} tokens"
    return amount(value, unit)


def dashboard(reading: MonitorReading, now: float, width: int, room: int) -> Iterator[SheetLine]:
    """A line for each metric, or a chart where `room` lines are enough for all of them."""
    series = reading.series
    high = min(HIGHEST, (room + 1) // len(series) - 2) if series else 0
    names = min(max((len(s.name) for s in series), default=0), max(12, width // 3))
    values = max((len(value_words(s.now, s.unit)) for s in series), default=0)
    for number, one in enumerate(series):
        if high >= LOWEST:
            if number:
                yield SheetLine(Row())
            yield SheetLine(_headed(one, names, values, now, width))
            for line in chart(one.trend, width - 4, high):
                yield SheetLine(Row("  ").add(line, "run"))
        else:
            yield SheetLine(_in_one_line(one, names, values, now, width))


def _headed(one: MetricSeries, names: int, values: int, now: float, width: int) -> Row:
    row = Row().column(one.name, names, "strong").add("  ")
    row.column(value_words(one.now, one.unit), values, "strong", align_right=True)
    return row.add(f"  {_range(one, width - 4)}", "dim").end(_count(one, now), "dim")


def _in_one_line(one: MetricSeries, names: int, values: int, now: float, width: int) -> Row:
    row = Row().column(one.name, names).add("  ")
    row.column(value_words(one.now, one.unit), values, "strong", align_right=True).add("  ")
    end = _count(one, now) if width >= 70 else ""
    room = max(0, width - names - values - len(end) - 6)
    return row.add(sparkline(one.trend, room), "run").end(end, "dim")


def _range(one: MetricSeries, shown: int) -> str:
    """Between what the chart's last `shown` points go."""
    known = [value for value in one.trend[-shown:] if value is not None]
    if not known:
        return "unknown in every sample" if one.points else "the curve begins with the first sample"
    low, high = value_words(min(known), one.unit), value_words(max(known), one.unit)
    return f"always {low}" if low == high else f"{low.removesuffix(f' {one.unit}')} to {high}"


def _count(one: MetricSeries, now: float) -> str:
    if not one.points:
        return "0 samples"
    return f"{plural(one.count, 'sample')}, {since(one.points[-1][0], now)} ago"
