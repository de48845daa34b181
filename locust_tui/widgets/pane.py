"""The Line-API base of every pane: a frame, a list of equally high items, a cursor that keeps its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from . import frame
from .frame import BOX, RULED, Sides, hint_of
from .painted import Painted
from .row import BLANK, Row
from .tones import Tone

Item = TypeVar("Item")
Said = tuple[Row, Tone | None, str]
"""What a line says: its row (of content or of the frame's title), the tone over it, the frame's hint."""


class Pane(Painted, Generic[Item], can_focus=True, inherit_bindings=False):
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

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.items: Sequence[Item] = ()
        self.cursor = 0
        self.top = 0
        self.sides = BOX
        self._wide = self._high = 0
        self._lines: dict[int, Strip] = {}
        self._said: dict[int, Said] = {}
        """What each of `_lines` was composed of."""
        self._built: dict[int, tuple[object, Sequence[Row]]] = {}
        self._before: dict[int, tuple[object, Sequence[Row]]] = {}

    # what a subclass says

    def key(self, item: Item) -> str:
        raise NotImplementedError

    def rows(self, item: Item, width: int) -> Sequence[Row]:
        """`item_height` rows for this item."""
        raise NotImplementedError

    def facts(self, item: Item) -> object:
        """All that the rows of this item rest on beside the width: rows are built anew only where it is unequal
        to what it was. None where the pane cannot say."""
        return None

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

    @property
    def current_key(self) -> str:
        return "" if self.current is None else self.key(self.current)

    def show_items(self, items: Sequence[Item]) -> None:
        old = self.current
        before = self.cursor
        self.items = items
        if old is not None:
            wanted = self.key(old)
            same = before < len(items) and self.key(items[before]) == wanted
            found = before if same else (self.index_of(wanted) if wanted else None)
            if found is None:
                self.cursor = max(0, min(before, len(items) - 1))
            else:
                self.cursor = found
                if self._high:
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
        return max(1, self._high - self.sides.rows)

    @property
    def inner_width(self) -> int:
        return max(1, self._wide - self.sides.before - self.sides.after)

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
        if not self._high:
            return
        first = self.cursor * self.item_height
        if first < self.top:
            self.top = first
        elif first + self.item_height > self.top + self.room:
            self.top = first + self.item_height - self.room
        self._clamp()

    def _clamp(self) -> None:
        if self._high:
            self.top = max(0, min(self.top, len(self.items) * self.item_height - self.room))

    # drawing

    def repaint(self) -> None:
        """Paint again the lines that look different from what is on the screen."""
        if not self._high:
            return
        self._before, self._built = self._built, {}
        width = self._wide
        for y in range(self._high):
            said = self._line(y)
            if self._said.get(y) == said:
                continue
            self._said[y] = said
            line = self._compose_line(y, said)
            if self._lines.get(y) != line:
                self._lines[y] = line
                self.refresh(Region(0, y, width, 1))

    def hint(self) -> str:
        """What part of the items is in view; "" when all of them are."""
        return hint_of(self.top, self.item_height, len(self.items), self.room)

    def set_boxed(self, boxed: bool) -> None:
        """Draw in a box, or under a ruled title where room is scarce."""
        sides = self.box() if boxed else RULED
        if sides != self.sides:
            self.sides = sides
            self._clamp()
            self.redraw()

    def box(self) -> Sides:
        """How the box looks when there is one."""
        return BOX

    def redraw(self) -> None:
        """Forget every painted line: the size, the focus or the charset changed."""
        for kept in (self._lines, self._said, self._built, self._before):
            kept.clear()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        line = self._lines.get(y)
        if line is None:
            said = self._said[y] = self._line(y)
            line = self._lines[y] = self._compose_line(y, said)
        return line

    def _line(self, y: int) -> Said:
        if y == 0:
            return self.title(), None, self.hint()
        if self.sides.boxed and y == self._high - 1:
            return BLANK, None, self.hint()
        return *self._content(y - 1), ""

    def _compose_line(self, y: int, said: Said) -> Strip:
        width, (row, over, hint) = self._wide, said
        if y == 0:
            return frame.top(self.sides, row, hint, width, focused=self.has_focus)
        if self.sides.boxed and y == self._high - 1:
            return frame.bottom(self.sides, hint, width, focused=self.has_focus)
        return frame.between(self.sides, row, over, width, focused=self.has_focus)

    def _content(self, y: int) -> tuple[Row, Tone | None]:
        line = self.top + y
        index, part = divmod(line, self.item_height)
        if not self.items:
            rows = self.empty()
            return (rows[y] if y < len(rows) else BLANK), None
        if index >= len(self.items):
            return BLANK, None
        rows = self._rows(index)
        row = rows[part] if part < len(rows) else BLANK
        if index != self.cursor or not self.marks() or not self.selectable(self.items[index]):
            return row, None
        if self.has_focus:
            return row, "cursor" if part == 0 else "here"
        return row, "here"

    @property
    def outdated(self) -> bool:
        """Whether an item in view would be drawn from other facts than it was."""
        return any(
            i >= len(self.items) or facts is None or facts != self.facts(self.items[i])
            for i, (facts, _) in self._built.items()
        )

    def _rows(self, index: int) -> Sequence[Row]:
        built = self._built.get(index)
        if built is None:
            item = self.items[index]
            facts, built = self.facts(item), self._before.get(index)
            if built is None or facts is None or built[0] != facts:
                built = facts, self.rows(item, self.inner_width)
            self._built[index] = built
        return built[1]

    # events

    def _size_updated(
        self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True
    ) -> bool:
        """Resized as soon as there is room: the event comes only after a frame without lines was drawn."""
        changed = super()._size_updated(size, virtual_size, container_size, layout)
        if (self._wide, self._high) != self.size:
            self._wide, self._high = self.size
            self.resized()
        return changed

    def resized(self) -> None:
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
