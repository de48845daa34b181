"""The inbox as it is seen: the ranked list, the whole of the chosen thing, the filter and the history."""

from __future__ import annotations

from collections.abc import Sequence

from textual.binding import Binding

from locust_tui.domain.snapshot import WaitingView
from locust_tui.widgets.inbox import InboxList, Item, key_of
from locust_tui.widgets.row import Row
from locust_tui.widgets.sheet import SheetLine
from locust_tui.widgets.tabs import filter_words
from locust_tui.widgets.view import View

from .inbox_detail import detail_lines, title_of
from .two_panes import NO_MATCH, TwoPanes

_EMPTY = (Row("Nothing waits for you."), Row("h shows what was answered, esc goes back.", "dim"))
_NO_HISTORY = (Row("Nothing was answered yet."), Row("h goes back to what waits.", "dim"))
_OPENED = ("gate", "review", "input", "failed", "blocked", "plan", "run")


class InboxPanes(TwoPanes):
    """The list of what waits, or of what was answered."""

    BINDINGS = [
        Binding("exclamation_mark", "close", "close"),
        Binding("enter,l,right", "open", "open"),
        Binding("h", "history", "history"),
        Binding("L", "log", "log"),
        Binding("w", "why", "why"),
    ]

    def __init__(self, item: str = "") -> None:
        """`item` is under the cursor at first."""
        self.items = InboxList(id="items")
        super().__init__(self.items, hint="words of kind, workstream or text", id="inbox-screen")
        self.in_history = False
        self._first = item

    @property
    def marks(self) -> frozenset[str]:
        """Items that are answered together."""
        return frozenset()

    def about_items(self) -> Sequence[Item]:
        """What the detail shows."""
        return () if self.items.current is None else (self.items.current,)

    def present(self, view: View) -> None:
        everything: Sequence[Item] = view.snapshot.answered if self.in_history else view.snapshot.waiting
        found = [item for item in everything if self._matches(item)]
        self.items.show(self._title(len(found), len(everything)), found, self._empty(), self.marks, view.now)
        if self._first and self.items.select_key(self._first):
            self._first = ""
        self.fit(self.app.size.width, self.app.size.height)
        self.show_detail(view)
        self.show_footer()

    def _title(self, found: int, count: int) -> Row:
        name = "Answered" if self.in_history else "Waits for you"
        view = self.host.view
        if self.in_history and view is not None:
            gone = sum(1 for item in view.snapshot.answered if item.withdrawn and not item.choice)
            count -= gone
            row = Row(name, "strong").add(f" {count}" if count else "", "dim")
            row.add(f" · {gone} withdrawn" if gone else "", "dim")
        else:
            row = Row(name, "strong").add(f" {count}" if count else "", "dim")
        if self.marks:
            row.add(f" · {len(self.marks)} marked", "key")
        if self.words:
            row.right = [*filter_words(self.words, 40).left, (f" {found}", "dim")]
        return row

    def _empty(self) -> Sequence[Row]:
        if self.words:
            return NO_MATCH
        return _NO_HISTORY if self.in_history else _EMPTY

    def _matches(self, item: Item) -> bool:
        if not self.words:
            return True
        wanted = item.wanted if isinstance(item, WaitingView) else f"{item.by} {item.choice}"
        return self.fits_filter(f"{item.item} {item.kind} {item.subject} {wanted} {item.what}")

    @property
    def current(self) -> WaitingView | None:
        """The thing under the cursor that waits."""
        item = self.items.current
        return item if isinstance(item, WaitingView) else None

    def show_detail(self, view: View) -> None:
        items = self.about_items()
        width = self.detail_width
        lines: list[SheetLine] = []
        for item in items:
            if len(items) > 1:
                lines.append(SheetLine(title_of([item]).add(f"  {key_of(item)}", "dim")))
            lines += detail_lines(item, view, width)
        self.put_detail(" ".join(key_of(item) for item in items), title_of(items), lines)

    # moving about

    def action_back(self) -> None:
        """One level: the filter, the history, the screen."""
        if self.in_history and not self.words:
            self.in_history = False
            self._present_now()
        else:
            super().action_back()

    def action_history(self) -> None:
        self.in_history = not self.in_history
        self._present_now()

    def action_open(self) -> None:
        """Where the thing under the cursor is decided, or what it is about."""
        item = self.items.current
        if item is None:
            return
        kind, _, name = item.item.partition(":")
        if kind in _OPENED:
            self.host.main.go_to(kind, name)
        else:
            self.host.main.go_to("log" if item.run else "workstream", item.run or item.subject)

    def action_log(self) -> None:
        item = self.items.current
        if item is not None and item.run:
            self.host.main.go_to("log", item.run)
        elif item is not None:
            self.host.say("no run is behind it", "you")

    def action_why(self) -> None:
        item = self.items.current
        view = self.host.view
        if item is None or view is None:
            return
        known = [id for id in (item.run, item.subject) if id and (id in view.runs or id in view.workstreams)]
        if known:
            self.host.main.open_why(known[0])
        else:
            self.host.say("no workstream or run is behind it", "you")
