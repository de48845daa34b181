"""Everything that waits for a person, oldest first, and the way to each."""

from __future__ import annotations

from collections.abc import Iterable

from textual.binding import Binding

from locust_tui.widgets.row import Row
from locust_tui.widgets.sheet import SheetLine
from locust_tui.widgets.view import View
from locust_tui.widgets.words import since

from .panel import Panel


class WaitingScreen(Panel):
    BINDINGS = [Binding("enter,l,right", "take", "open"), Binding("exclamation_mark", "close", "back")]

    def __init__(self) -> None:
        super().__init__(id="waiting")

    def present(self, view: View) -> None:
        items = view.snapshot.waiting
        lines = [
            SheetLine(
                Row("◐ ", "you")
                .column(item.kind, 11)
                .column(since(item.since, view.now), 5, "dim", align_right=True)
                .add("  ")
                .add(item.what or item.item)
                .end(f"for {item.wanted}" if item.wanted else "", "dim"),
                item.item,
            )
            for item in items
        ]
        title = Row("Waits for you", "strong").add(f" {len(items)}" if items else "", "dim")
        self.sheet.put(title, lines, empty=(Row("Nothing waits for you."), Row("esc goes back.", "dim")))
        self.fit(max(len(lines), 2) + 2)
        self.show_footer()

    def footer_keys(self) -> Iterable[tuple[str, str, bool]]:
        return (("enter", "open", bool(self.sheet.chosen)), ("esc", "back", True))

    def action_take(self) -> None:
        kind, _, name = self.sheet.chosen.partition(":")
        if kind:
            self.app.pop_screen()
            self.host.main.go_to(kind, name)
