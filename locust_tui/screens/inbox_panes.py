"""The inbox as it is seen: the ranked list, the whole of the chosen thing, the filter and the history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual import events, on
from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.widget import Widget

from locust_tui.domain.snapshot import WaitingView
from locust_tui.widgets.entry import Entry
from locust_tui.widgets.inbox import InboxList, Item, key_of
from locust_tui.widgets.pane import Pane
from locust_tui.widgets.row import Row
from locust_tui.widgets.sheet import Sheet, SheetLine
from locust_tui.widgets.tabs import filter_words
from locust_tui.widgets.view import View

from .base import CockpitScreen
from .inbox_detail import detail_lines, title_of

WIDE = 160
_EMPTY = (Row("Nothing waits for you."), Row("h shows what was answered, esc goes back.", "dim"))
_NO_HISTORY = (Row("Nothing was answered yet."), Row("h goes back to what waits.", "dim"))
_NO_MATCH = (Row("no match"), Row("esc clears the filter", "dim"))
_OPENED = ("gate", "review", "input", "failed", "blocked", "plan", "run")


class InboxPanes(CockpitScreen):
    """List and detail; the cursor is pinned to its thing while others come and go."""

    DEFAULT_CSS = """
    InboxPanes #inbox { height: 1fr; layout: vertical; }
    InboxPanes #items { height: 8; }
    InboxPanes.-wide #inbox { layout: horizontal; }
    InboxPanes.-wide #items { width: 5fr; height: 1fr; }
    InboxPanes.-wide #detail { width: 6fr; }
    InboxPanes #answering { height: auto; }
    """
    BINDINGS = [
        Binding("escape", "back", "back"),
        Binding("q,exclamation_mark", "close", "close"),
        Binding("down,j", "move(1)"),
        Binding("up,k", "move(-1)"),
        Binding("g,home", "move(-1000000)"),
        Binding("G,end", "move(1000000)"),
        Binding("ctrl+d,pagedown", "page(0.5)"),
        Binding("ctrl+u,pageup", "page(-0.5)"),
        Binding("enter,l,right", "open", "open"),
        Binding("slash", "filter", "filter"),
        Binding("h", "history", "history"),
        Binding("L", "log", "log"),
        Binding("w", "why", "why"),
    ]

    def __init__(self, item: str = "") -> None:
        """`item` is under the cursor at first."""
        super().__init__(id="inbox-screen")
        self.items = InboxList(id="items")
        self.detail = Sheet(id="detail")
        self.filter_line = Entry(prompt=" / ", hint="words of kind, workstream or text", id="filter")
        self.in_history = False
        self.words = ""
        self._first = item
        self._shown = ""

    def body(self) -> Iterable[Widget]:
        self.filter_line.display = False
        yield Container(self.items, self.detail, id="inbox")
        yield Vertical(id="answering")
        yield self.filter_line

    def ready(self) -> None:
        self._fit(self.app.size.width, self.app.size.height)
        super().ready()
        self.items.focus()

    def resized(self, event: events.Resize) -> None:
        self._fit(event.size.width, event.size.height)
        self._present_now()

    def _fit(self, width: int, height: int) -> None:
        """Side by side where there is room, else one over the other, the list no higher than it needs."""
        wide = width >= WIDE
        self.set_class(wide, "-wide")
        boxed = wide or height >= 30
        for pane in (self.items, self.detail):
            pane.set_boxed(boxed)
        lines = max(2, len(self.items.items)) + (2 if boxed else 1)
        self.items.styles.height = "1fr" if wide else max(4, min(lines, height * 2 // 5))

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
        self._fit(self.app.size.width, self.app.size.height)
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
            return _NO_MATCH
        return _NO_HISTORY if self.in_history else _EMPTY

    def _matches(self, item: Item) -> bool:
        if not self.words:
            return True
        wanted = item.wanted if isinstance(item, WaitingView) else f"{item.by} {item.choice}"
        text = f"{item.item} {item.kind} {item.subject} {wanted} {item.what}".casefold()
        return all(word in text for word in self.words.casefold().split())

    @property
    def current(self) -> WaitingView | None:
        """The thing under the cursor that waits."""
        item = self.items.current
        return item if isinstance(item, WaitingView) else None

    def show_detail(self, view: View) -> None:
        items = self.about_items()
        shown = " ".join(key_of(item) for item in items)
        if shown != self._shown:
            self._shown, self.detail.top, self.detail.cursor = shown, 0, 0
        width = max(20, self.detail.inner_width if self.detail.size.width else self.size.width - 6)
        lines: list[SheetLine] = []
        for item in items:
            if len(items) > 1:
                lines.append(SheetLine(title_of([item]).add(f"  {key_of(item)}", "dim")))
            lines += detail_lines(item, view, width)
        self.detail.put(title_of(items), lines)

    # moving about

    @on(Pane.Moved)
    def _moved(self, message: Pane.Moved) -> None:
        message.stop()
        self._present_now()

    def action_move(self, delta: int) -> None:
        self.items.move(delta)

    def action_page(self, fraction: float) -> None:
        self.detail.page(fraction)

    def action_close(self) -> None:
        self.app.pop_screen()

    def action_back(self) -> None:
        """One level: the filter, the history, the screen."""
        if self.words:
            self.words = ""
        elif self.in_history:
            self.in_history = False
        else:
            self.app.pop_screen()
            return
        self._present_now()

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

    def action_filter(self) -> None:
        self.filter_line.value = self.words
        self.filter_line.display = True
        self.filter_line.focus()

    @on(Entry.Changed)
    def _filter_changed(self, message: Entry.Changed) -> None:
        self.words = message.value
        self._present_now()

    @on(Entry.Submitted)
    @on(Entry.Left)
    def _filter_done(self, message: Entry.Submitted | Entry.Left) -> None:
        if isinstance(message, Entry.Left):
            self.words = ""
        self.filter_line.display = False
        self.items.focus()
        self._present_now()
