"""The Line-API base of every pane: a frame, a list of equally high items, a cursor that keeps its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from rich.segment import Segment
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from .charset import drawn
from .row import BLANK, Row, cell_len, crop
from .tones import STYLES, Tone

Item = TypeVar("Item")


class Pane(Widget, Generic[Item], can_focus=True, inherit_bindings=False):
    """A list of items drawn line by line; only lines that look different are painted again.

    Subclasses give `key`, `rows`, `title` and `empty`; `show_items` takes new items and keeps the cursor on
    the same key and the same line of the screen.
    """

    DEFAULT_CSS = "Pane { height: 1fr; width: 1fr; }"
    item_height = 1
    about = ""
    """Help for the pane in two or three sentences."""

    class Moved(Message):
        """The person moved the cursor of `pane`."""

        def __init__(self, pane: Pane[Any]) -> None:
            super().__init__()
            self.pane = pane

        @property
        def control(self) -> Pane[Any]:
            return self.pane

    def __init__(self, *, id: str | None = None, framed: bool = True) -> None:  # noqa: A002
        super().__init__(id=id)
        self.items: Sequence[Item] = ()
        self.cursor = 0
        self.top = 0
        self.framed = framed
        self._lines: dict[int, Strip] = {}
        self._built: dict[int, Sequence[Row]] = {}

    # what a subclass says

    def key(self, item: Item) -> str:
        raise NotImplementedError

    def rows(self, item: Item, width: int) -> Sequence[Row]:
        """`item_height` rows for this item."""
        raise NotImplementedError

    def title(self) -> Row:
        return BLANK

    def empty(self) -> Sequence[Row]:
        """What stands in a pane without items; it names a key."""
        return ()

    def selectable(self, item: Item) -> bool:
        return True

    def marks(self) -> bool:
        """Whether the item under the cursor is marked at all."""
        return True

    # items and cursor

    @property
    def current(self) -> Item | None:
        return self.items[self.cursor] if 0 <= self.cursor < len(self.items) else None

    def show_items(self, items: Sequence[Item]) -> None:
        old = self.current
        before = self.cursor
        self.items = items
        if old is not None:
            wanted = self.key(old)
            found = before if before < len(items) and self.key(items[before]) == wanted else self.index_of(wanted)
            if found is None:
                self.cursor = max(0, min(before, len(items) - 1))
            else:
                self.cursor = found
                self.top += (found - before) * self.item_height
        self._clamp()
        self.repaint()

    def index_of(self, key: str) -> int | None:
        return next((i for i, item in enumerate(self.items) if self.key(item) == key), None)

    def select_key(self, key: str) -> bool:
        """Put the cursor on the item with this key, without a message; False when it is not here."""
        found = self.index_of(key)
        if found is None:
            return False
        if found != self.cursor:
            self.cursor = found
            self.reveal()
            self.repaint()
        return True

    def move(self, delta: int) -> None:
        """Move the cursor by `delta` selectable items, as far as it goes."""
        step = 1 if delta > 0 else -1
        at, left = self.cursor, abs(delta)
        probe = at
        while left and 0 <= probe + step < len(self.items):
            probe += step
            if self.selectable(self.items[probe]):
                at, left = probe, left - 1
        if at == self.cursor:
            self.scroll_lines(delta)
            return
        self.cursor = at
        self.reveal()
        self.repaint()
        self.post_message(self.Moved(self))

    @property
    def room(self) -> int:
        """Lines for items."""
        return max(1, self.size.height - (2 if self.framed else 1))

    @property
    def inner_width(self) -> int:
        return max(1, self.size.width - (4 if self.framed else 1))

    def page(self, fraction: float) -> None:
        self.move(round(fraction * max(1, self.room // self.item_height)) or (1 if fraction > 0 else -1))

    def scroll_lines(self, lines: int) -> None:
        before = self.top
        self.top += lines
        self._clamp()
        if self.top != before:
            self.repaint()

    def reveal(self) -> None:
        """Scroll so that the cursor's item is in view."""
        first = self.cursor * self.item_height
        if first < self.top:
            self.top = first
        elif first + self.item_height > self.top + self.room:
            self.top = first + self.item_height - self.room
        self._clamp()

    def _clamp(self) -> None:
        self.top = max(0, min(self.top, len(self.items) * self.item_height - self.room))

    # drawing

    def repaint(self) -> None:
        """Paint again the lines that look different from what is on the screen."""
        if not self.size.height:
            return
        self._built.clear()
        width = self.size.width
        for y in range(self.size.height):
            line = self._compose_line(y)
            if self._lines.get(y) != line:
                self._lines[y] = line
                self.refresh(Region(0, y, width, 1))

    def redraw(self) -> None:
        """Forget every painted line: the size, the focus or the charset changed."""
        self._lines.clear()
        self._built.clear()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        line = self._lines.get(y)
        if line is None:
            line = self._lines[y] = self._compose_line(y)
        return line

    def _compose_line(self, y: int) -> Strip:
        width, height = self.size
        if y == 0:
            return Strip(self._head(width), width)
        if self.framed and y == height - 1:
            return Strip(self._foot(width), width)
        row, over = self._content(y - 1)
        tone: Tone = "focus" if self.has_focus else "frame"
        side = STYLES["text" if self.has_focus else "frame"]
        if not self.framed:
            mark = Segment(drawn("▎") if over == "here" else " ", STYLES[tone])
            return Strip([mark, *row.segments(width - 1, over)], width)
        mark = Segment(drawn("▎") if over == "here" else " ", STYLES["here"])
        edge = drawn("│")
        body = row.segments(max(0, width - 4), over)
        return Strip([Segment(edge, side), mark, *body, Segment(" "), Segment(edge, side)], width)

    def _content(self, y: int) -> tuple[Row, Tone | None]:
        line = self.top + y
        index, part = divmod(line, self.item_height)
        if not self.items:
            rows = self.empty()
            return (rows[y] if y < len(rows) else BLANK), None
        if index >= len(self.items):
            return BLANK, None
        rows = self._built.get(index) or self.rows(self.items[index], self.inner_width)
        self._built[index] = rows
        row = rows[part] if part < len(rows) else BLANK
        if index != self.cursor or not self.marks() or not self.selectable(self.items[index]):
            return row, None
        if self.has_focus:
            return row, "cursor" if part == 0 else "here"
        return row, "here"

    def _head(self, width: int) -> list[Segment]:
        title = self.title()
        rule, style = drawn("─"), STYLES["text" if self.has_focus else "frame"]
        if self.framed:
            parts = Row()
            parts.left = list(title.left)
            parts.right = list(title.right)
            room = width - 4
            used = sum(cell_len(t) for t, _ in parts.left + parts.right) + (1 if parts.right else 0)
            if used >= room - 1:
                body = parts.segments(max(0, room))
                return [Segment(drawn("╭") + " ", style), *body, Segment(" " + drawn("╮"), style)]
            left, right = Row(), Row()
            left.left, right.left = parts.left, parts.right
            end = [Segment(" "), *self._bare(right), Segment(" ")] if parts.right else []
            gap = width - 2 - 2 - self._width(left) - (self._width(right) + 2 if parts.right else 0)
            return [
                Segment(drawn("╭") + " ", style),
                *self._bare(left),
                Segment(" " + rule * gap, style),
                *end,
                Segment(drawn("╮"), style),
            ]
        hint = self._hint()
        left = Row()
        left.left = list(title.left) + ([("  ", "text"), *title.right] if title.right else [])
        room = width - 1 - (len(hint) + 1 if hint else 0)
        if self._width(left) > room:
            body = left.segments(max(0, room))
            return [Segment(" "), *body, *([Segment(" " + hint, STYLES["dim"])] if hint else [])]
        gap = room - self._width(left)
        line = (" " + rule * (gap - 1)) if gap > 1 else " " * gap
        tail = [Segment(" " + hint, STYLES["dim"])] if hint else []
        return [Segment(" "), *self._bare(left), Segment(line, style), *tail]

    def _foot(self, width: int) -> list[Segment]:
        style = STYLES["text" if self.has_focus else "frame"]
        hint = self._hint()
        hint = f" {hint} " if hint and len(hint) + 6 < width else ""
        rule = drawn("─") * max(0, width - 3 - len(hint))
        return [Segment(drawn("╰") + rule, style), Segment(hint, STYLES["dim"]), Segment(drawn("─╯"), style)]

    def _hint(self) -> str:
        """ "3-9 of 24" when not everything is in view."""
        count, height = len(self.items), self.item_height
        if count * height <= self.room:
            return ""
        first, last = self.top // height + 1, min(count, (self.top + self.room) // height)
        return crop(drawn(f"{first}–{last} of {count}"), 20)

    @staticmethod
    def _bare(row: Row) -> list[Segment]:
        return [Segment(t, STYLES[tone] if isinstance(tone, str) else tone) for t, tone in row.left]

    @staticmethod
    def _width(row: Row) -> int:
        return sum(cell_len(t) for t, _ in row.left)

    # events

    def on_resize(self) -> None:
        self._clamp()
        self.reveal()
        self.redraw()

    def on_focus(self) -> None:
        self.redraw()

    def on_blur(self) -> None:
        self.redraw()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.scroll_lines(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.scroll_lines(-3)

    def on_click(self, event: events.Click) -> None:
        """A click selects; it never decides anything."""
        event.stop()
        index = (self.top + event.y - 1) // self.item_height
        if event.y >= 1 and 0 <= index < len(self.items) and self.selectable(self.items[index]):
            self.cursor = index
            self.repaint()
            self.post_message(self.Moved(self))
