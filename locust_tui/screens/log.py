"""A run's log on the whole screen: earlier attempts, search, wrapping, following."""

from __future__ import annotations

from collections.abc import Iterable

from textual import on
from textual.binding import Binding
from textual.widget import Widget

from locust_tui.domain.snapshot import RunView
from locust_tui.report.run_words import limit_words
from locust_tui.widgets.entry import Entry
from locust_tui.widgets.log import LogPane
from locust_tui.widgets.view import View

from .base import CockpitScreen
from .log_clock import LogClock


class LogScreen(CockpitScreen):
    about = (
        "Everything the run wrote. It follows the end until you scroll up; f follows again, W wraps long lines, w says why it stands, "
        "/ leaves the lines with your words, left and right go through the attempts."
    )
    BINDINGS = [
        Binding("escape,q", "close", "back"),
        Binding("down,j", "move(1)"),
        Binding("up,k", "move(-1)"),
        Binding("ctrl+d,pagedown,space", "page(0.5)"),
        Binding("ctrl+u,pageup", "page(-0.5)"),
        Binding("g,home", "start"),
        Binding("G,end,f", "follow"),
        Binding("W", "wrap"),
        Binding("w", "why"),
        Binding("enter,t", "attach"),
        Binding("slash", "filter"),
        Binding("n", "move(1)"),
        Binding("N", "move(-1)"),
        Binding("left,h", "attempt(-1)"),
        Binding("right,l", "attempt(1)"),
    ]

    def __init__(self, subject: str, run: str | None = None) -> None:
        super().__init__(id="log-screen")
        self.subject = subject
        self._run = run
        self.log_pane = LogPane(id="log", more="earlier lines: g")
        self.filter_line = Entry(prompt=" / ", hint="words of the log's lines", id="filter")
        self.clock = LogClock(self.log_pane, lambda: self.is_current)

    def body(self) -> Iterable[Widget]:
        yield self.log_pane
        self.filter_line.display = False
        yield self.filter_line

    def ready(self) -> None:
        super().ready()
        self.log_pane.focus()
        self.clock.start()

    def on_unmount(self) -> None:
        self.clock.stop()

    def _runs(self, view: View) -> list[RunView]:
        return [run for run in view.snapshot.runs if run.subject == self.subject]

    def present(self, view: View) -> None:
        run = view.runs.get(self._run or "") or view.latest_run(self.subject)
        path = self.host.port.log_path(run.id) if run is not None else None
        limit = limit_words(run, view.snapshot, view.now) if run is not None else ""
        self.log_pane.show(self.subject, run, path, view.now, limit)
        self.show_footer()

    def footer_keys(self) -> Iterable[tuple[str, str, bool]]:
        view = self.host.view
        several = view is not None and len(self._runs(view)) > 1
        return (
            ("f", "follow", not self.log_pane.follow),
            ("W", "cut lines" if self.log_pane.wrap else "wrap", True),
            ("w", "why", self.log_pane.run is not None),
            ("t", "terminal", self.log_pane.run is not None),
            ("/", "filter", True),
            ("←→", "attempt", several),
            ("g G", "start, end", True),
            ("!", "inbox", True),
            ("?", "help", True),
            ("esc", "back", True),
        )

    def action_close(self) -> None:
        if self.log_pane.filter:
            self.log_pane.set_filter("")
        else:
            self.go_back()

    def action_move(self, delta: int) -> None:
        self.log_pane.move(delta)
        self.show_footer()

    def action_page(self, fraction: float) -> None:
        self.log_pane.page(fraction)
        self.show_footer()

    def action_start(self) -> None:
        self.log_pane.to_start()
        self.show_footer()

    def action_follow(self) -> None:
        self.log_pane.set_follow(True)
        self.show_footer()

    def action_wrap(self) -> None:
        self.log_pane.set_wrap(not self.log_pane.wrap)
        self.show_footer()

    def action_why(self) -> None:
        if self.log_pane.run is not None:
            self.host.main.open_why(self.log_pane.run.id)

    def action_attach(self) -> None:
        if self.log_pane.run is not None:
            self.host.main.open_terminal(self.log_pane.run.id)

    def action_attempt(self, step: int) -> None:
        view, shown = self.host.view, self.log_pane.run
        if view is None or shown is None:
            return
        runs = self._runs(view)
        ids = [run.id for run in runs]
        index = ids.index(shown.id) + step if shown.id in ids else -1
        if 0 <= index < len(runs):
            self._run = runs[index].id
            self.present(view)
        else:
            self.host.say("there is no later attempt" if step > 0 else "there is no earlier attempt")

    def action_filter(self) -> None:
        self.filter_line.value = self.log_pane.filter
        self.filter_line.display = True
        self.set_focus(self.filter_line)

    @on(Entry.Changed)
    def _changed(self, message: Entry.Changed) -> None:
        self.log_pane.set_filter(message.value)

    @on(Entry.Submitted)
    @on(Entry.Left)
    def _done(self, message: Entry.Submitted | Entry.Left) -> None:
        if isinstance(message, Entry.Left):
            self.log_pane.set_filter("")
        self.filter_line.display = False
        self.log_pane.focus()
