"""Filtering tree and board, or the log, from one line over the footer; esc lets go one level at a time."""

from __future__ import annotations

from textual import on

from locust_tui.widgets.entry import Entry
from locust_tui.widgets.log import LogPane

from .panes import Panes


class Filtering(Panes):
    """The filter line of the main screen and what it does to the panes."""

    def do_filter(self) -> None:
        in_log = self.at == "log"
        self.filter_line.hint = "words of the log's lines" if in_log else "words of id, name or state"
        self.filter_line.value = self.log_pane.filter if in_log else self.host.filter_words
        self.filter_line.display = True
        self.set_focus(self.filter_line)

    @on(Entry.Changed)
    def _filter_changed(self, message: Entry.Changed) -> None:
        self._apply(message.value)

    @on(Entry.Submitted)
    def _filter_kept(self) -> None:
        self._leave_line()

    @on(Entry.Left)
    def _filter_left(self) -> None:
        self._apply("")
        self._leave_line()

    def do_back(self) -> None:
        if self.log_pane.filter and self.at == "log":
            self.log_pane.set_filter("")
        elif self.host.filter_words:
            self._apply("")
        elif self.log_pane.filter:
            self.log_pane.set_filter("")
        else:
            self.hush()

    def do_next(self) -> None:
        self._hit(1)

    def do_previous(self) -> None:
        self._hit(-1)

    def _hit(self, step: int) -> None:
        """The filter leaves only matches, so the next match is the next line; round at the ends."""
        pane = self.focused_pane
        if isinstance(pane, LogPane):
            pane.move(step)
            return
        before = pane.cursor
        pane.move(step)
        if pane.cursor == before:
            pane.move(-step * 1_000_000)

    def _apply(self, words: str) -> None:
        if self.at == "log":
            self.log_pane.set_filter(words)
        else:
            self.host.filter_words = words
            self._go_to_match()
            self.host.present()

    def _go_to_match(self) -> None:
        """The selection goes with the filter: to the first match, unless it is one."""
        view = self.host.view
        if view is None or not view.filter:
            return
        selected = view.workstreams.get(self.selected)
        if selected is None or not view.matches(selected):
            self.selected = self.first_match(view)

    def _leave_line(self) -> None:
        self.filter_line.display = False
        self.focus_pane(self.at)
