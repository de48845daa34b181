"""A list, and below or beside it the whole of the thing under the cursor, with a line to filter by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from textual import events, on
from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.widget import Widget

from locust_tui.widgets.entry import Entry
from locust_tui.widgets.pane import Pane
from locust_tui.widgets.row import Row
from locust_tui.widgets.sheet import Sheet, SheetLine

from .base import CockpitScreen

WIDE = 160
NO_MATCH = (Row("no match"), Row("esc clears the filter", "dim"))


class TwoPanes(CockpitScreen):
    """The cursor is pinned to its thing while others come and go. `words` is the filter."""

    DEFAULT_CSS = """
    TwoPanes #both { height: 1fr; layout: vertical; }
    TwoPanes #items { height: 8; }
    TwoPanes.-wide #both { layout: horizontal; }
    TwoPanes.-wide #items { width: 5fr; height: 1fr; }
    TwoPanes.-wide #detail { width: 6fr; }
    TwoPanes #answering { height: auto; }
    """
    BINDINGS = [
        Binding("escape", "back", "back"),
        Binding("q", "close", "close"),
        Binding("down,j", "move(1)"),
        Binding("up,k", "move(-1)"),
        Binding("g,home", "move(-1000000)"),
        Binding("G,end", "move(1000000)"),
        Binding("ctrl+d,pagedown", "page(0.5)"),
        Binding("ctrl+u,pageup", "page(-0.5)"),
        Binding("slash", "filter", "filter"),
    ]
    share = 2 / 5
    """Of the height, that the list takes at most where it stands over the detail."""

    def __init__(self, items: Pane[Any], *, hint: str, id: str) -> None:
        """`hint`: what the filter looks into."""
        super().__init__(id=id)
        self.list_pane = items
        self.detail = Sheet(id="detail")
        self.filter_line = Entry(prompt=" / ", hint=hint, id="filter")
        self.words = ""
        self._shown = ""

    def body(self) -> Iterable[Widget]:
        self.filter_line.display = False
        yield Container(self.list_pane, self.detail, id="both")
        yield Vertical(id="answering")
        yield self.filter_line

    def ready(self) -> None:
        self.fit(self.app.size.width, self.app.size.height)
        super().ready()
        self.list_pane.focus()

    def resized(self, event: events.Resize) -> None:
        self.fit(event.size.width, event.size.height)
        self._present_now()

    def fit(self, width: int, height: int) -> None:
        """Side by side where there is room, else one over the other, the list no higher than it needs; an empty one alone."""
        wide = width >= WIDE
        self.set_class(wide, "-wide")
        boxed = wide or height >= 30
        for pane in (self.list_pane, self.detail):
            pane.set_boxed(boxed)
        empty = not self.list_pane.items
        self.detail.display = not empty
        lines = max(2, len(self.list_pane.items)) + (2 if boxed else 1)
        self.list_pane.styles.height = (
            "1fr" if wide or empty else max(4, min(lines, int(height * self.share)))
        )

    def put_detail(self, shown: str, title: Row, lines: Sequence[SheetLine]) -> None:
        """Show the whole of what `shown` names; of another thing than before, from its beginning."""
        if shown != self._shown:
            self._shown, self.detail.top, self.detail.cursor = shown, 0, 0
        self.detail.put(title, lines)

    @property
    def detail_width(self) -> int:
        if self.detail.size.width:
            return max(20, self.detail.inner_width)
        return max(20, (self.size.width * 6 // 11 if self.has_class("-wide") else self.size.width) - 6)

    def fits_filter(self, text: str) -> bool:
        """Whether every word of the filter stands in `text`."""
        text = text.casefold()
        return all(word in text for word in self.words.casefold().split())

    # moving about

    @on(Pane.Moved)
    def _moved(self, message: Pane.Moved) -> None:
        message.stop()
        self._present_now()

    def action_move(self, delta: int) -> None:
        self.list_pane.move(delta)

    def action_page(self, fraction: float) -> None:
        self.detail.page(fraction)

    def action_close(self) -> None:
        self.go_back()

    def action_back(self) -> None:
        """One level: the filter, then the screen."""
        if self.words:
            self.words = ""
            self._present_now()
        else:
            self.go_back()

    def action_filter(self) -> None:
        self.filter_line.value = self.words
        self.filter_line.display = True
        self.set_focus(self.filter_line)

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
        self.list_pane.focus()
        self._present_now()
