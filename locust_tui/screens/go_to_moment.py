"""A line to type a moment into: by the clock, the week, a revision, or what happened then."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from textual import on
from textual.widget import Widget

from locust_tui.widgets.entry import Entry
from locust_tui.widgets.row import Row
from locust_tui.widgets.sheet import SheetLine
from locust_tui.widgets.view import View

from .panel import Panel

FORMS = (
    ("2025-12-05T14:30", "by the clock here, or 2025-12-05, yesterday, 14:30"),
    ("90m ago", "also 15m, 3h, 2 days ago"),
    ("week 3", "the end of a plan week"),
    ("r812", "a revision of the record"),
    ("gate g2", "when a gate was decided last"),
    ("WS-03 accepted", "when a workstream came into a state last"),
    ("start", "when the plan was started; plan: its last change"),
)


class GoToMomentScreen(Panel):
    in_past = True

    def __init__(self, go: Callable[[str], None]) -> None:
        super().__init__(id="go-to-moment")
        self.entry = Entry(prompt=" go to: ", hint="2025-12-05T14:30, 90m ago, week 3, r812, gate g2")
        self._go = go

    def parts(self) -> Iterable[Widget]:
        yield self.entry
        yield self.sheet

    def ready(self) -> None:
        super().ready()
        self.fit(len(FORMS) + 3)
        self.set_focus(self.entry)

    def present(self, view: View) -> None:
        lines = [SheetLine(Row("  ").column(form, 18).add(words, "dim")) for form, words in FORMS]
        self.sheet.put(Row("Moments", "strong"), lines)

    def footer_keys(self) -> Iterable[tuple[str, str, bool]]:
        return (("enter", "go there", True), ("esc", "back", True))

    @on(Entry.Left)
    def _left(self) -> None:
        self.go_back()

    @on(Entry.Submitted)
    def _typed(self) -> None:
        words = self.entry.value.strip()
        if self.go_back() and words:
            self._go(words)
