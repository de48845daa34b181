"""The weekly report before it is sent: as it reads now, and as any week before stood at its end; kept as a file by a key."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from functools import partial

from textual import events
from textual.binding import Binding
from textual.widget import Widget

from locust_tui.domain.snapshot import Snapshot
from locust_tui.domain.studies.report import ReportGround
from locust_tui.errors import LocustTuiError
from locust_tui.report.build import report_of
from locust_tui.report.html import html
from locust_tui.report.markdown import markdown
from locust_tui.report.page import Page
from locust_tui.report.page_lines import Line, page_lines
from locust_tui.report.sections import page_of
from locust_tui.report.weekly import StatusReport
from locust_tui.widgets.row import Row
from locust_tui.widgets.sheet import Sheet, SheetLine
from locust_tui.widgets.tones import STYLES
from locust_tui.widgets.view import View

from .base import Reading
from .studying import FOR_EVER, Study

WIDEST = 110
"""Columns beyond which lines are no pleasure to read."""


class ReportScreen(Reading):
    about = (
        "The weekly status report: of this week as it stands, with ← of weeks before as they stood at their end, the same "
        "however often it is made. e keeps it as Markdown and s as a page for browsers and mail, beside the record; "
        "locust-tui report --out writes it anywhere else."
    )
    BINDINGS = [
        Binding("P", "close", "close"),
        Binding("left,h", "week(-1)", "week before"),
        Binding("right,l", "week(1)", "week after"),
        Binding("e", "keep('md')", "keep as Markdown"),
        Binding("s", "keep('html')", "keep as a page"),
    ]

    def __init__(self) -> None:
        super().__init__(id="report-screen")
        self.sheet = Sheet(id="report-lines", about=self.about)
        self.week: int | None = None
        """Which is shown; None: the present one."""
        self.study: Study[tuple[StatusReport, Page]] = Study(self, good_for=FOR_EVER)
        self._latest = 1
        """The latest week that a report was made of."""
        self._drawn: tuple[Page | None, int, bool] = (None, 0, False)

    def body(self) -> Iterable[Widget]:
        yield self.sheet

    def pane(self) -> Sheet:
        return self.sheet

    def ready(self) -> None:
        super().ready()
        self.sheet.focus()

    def resized(self, event: events.Resize) -> None:
        super().resized(event)
        self._present_now()

    @property
    def report(self) -> StatusReport | None:
        return self.study.value[0] if self.study.value is not None else None

    def present(self, view: View) -> None:
        self._ask(view.snapshot)
        self._draw(view)
        self.show_footer()

    def _draw(self, view: View) -> None:
        if self.study.value is None:
            self.sheet.put(self._title(view), (), empty=(self.study.waiting(), Row(self.study.help, "dim")))
            return
        page = self.study.value[1]
        width = min(WIDEST, max(30, self.sheet.inner_width - 1))
        shown = (page, width, self.study.under_way)
        if self._drawn == shown:
            return
        self._drawn = shown
        _title, _blank, *lines = page_lines(page, width, underline=False)  # the pane's title says it
        self.sheet.put(self._title(view), [SheetLine(row_of(line)) for line in lines])

    def _title(self, view: View) -> Row:
        report = self.report
        if report is None:
            return Row("Report", "strong")
        past = self.week is not None
        stood = f" as it stood at the end of week {report.week}" if past else " as it stands"
        row = Row(f"Report of week {report.week}", "strong").add(stood, "you" if past else "dim")
        return row.end("⋯ computing " if self.study.under_way else f"of {self._now(view)} ", "dim")

    def _now(self, view: View) -> int:
        return max(self._latest, view.snapshot.week)

    def action_week(self, delta: int) -> None:
        view = self.host.view
        if view is None:
            return
        now = self._now(view)
        shown = self.week if self.week is not None else now
        wanted = min(now, max(1, shown + delta))
        if wanted == shown:
            self.host.say("this is the present week" if delta > 0 else "this is the first week", "dim")
            return
        self.week = None if wanted == now else wanted
        self._present_now()

    def _ask(self, snapshot: Snapshot) -> None:
        """The week that is wanted: a past one once, the present one now and then while something happens."""
        week, worker_pid = self.week, snapshot.worker_pid
        revision = snapshot.revision if week is None else 0
        self.study.ask_when_due(revision, lambda: self._made(week, worker_pid), of=week)

    async def _made(self, week: int | None, worker_pid: int | None) -> tuple[StatusReport, Page]:
        ground = await self.host.port.studies.report(week, worker_pid)
        report, page = await asyncio.to_thread(_made, ground)
        self._latest = max(self._latest, report.week)
        return report, page

    def action_keep(self, kind: str) -> None:
        if self.report is not None:
            self.host.spawn(self._keep(self.report, kind))

    async def _keep(self, report: StatusReport, kind: str) -> None:
        render = html if kind == "html" else markdown
        try:
            text = await asyncio.to_thread(partial(render, report))
            path = await self.host.port.studies.keep_report(f"week-{report.week}.{kind}", text)
        except (LocustTuiError, OSError) as error:
            self.host.say(f"it could not be kept: {error}", "bad")
            return
        self.host.say(f"kept as {path}", "done")

    def footer_keys(self) -> Iterable[tuple[str, str, bool]]:
        view, made = self.host.view, self.report is not None
        shown = self.week or (self._now(view) if view is not None else 1)
        yield "↑↓", "scroll", True
        yield "←", "week before", shown > 1
        yield "→", "week after", self.week is not None
        yield "e", "save .md", made
        yield "s", "save .html", made
        yield "?", "help", True
        yield "esc", "back", True


def _made(ground: ReportGround) -> tuple[StatusReport, Page]:
    report = report_of(ground)
    return report, page_of(report)


def row_of(line: Line | Sequence[tuple[str, str]]) -> Row:
    row = Row()
    for text, tone in line:
        row.add(text, tone if tone in STYLES else "text")  # type: ignore[arg-type]
    return row
