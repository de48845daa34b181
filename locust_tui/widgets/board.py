"""Where each piece stands: five columns by state, one widget per column however many cards it holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal

from locust_tui.domain.snapshot import WorkstreamView

from .cards import COLUMNS, Column, card, card_rows
from .frame import Sides
from .pane import Pane
from .row import Row
from .view import View


class BoardColumn(Pane[WorkstreamView]):
    about = (
        "Where each workstream stands. Cards keep their place; ←→ change the column, enter opens a card, "
        "s starts, p pauses, R retries, x cancels, A accepts and X rejects the one under the cursor."
    )

    def __init__(self, column: Column) -> None:
        super().__init__(id=f"column-{column.id}")
        self.column = column
        self.item_height = column.height
        self.holds_selected = False
        self._view: View | None = None
        self.sides = self.box()

    def box(self) -> Sides:
        return Sides(left=self.column is COLUMNS[0], joins=self.column is not COLUMNS[-1], padded=False)

    def show(self, view: View, items: Sequence[WorkstreamView]) -> None:
        self._view = view
        self.show_items(items)

    def key(self, item: WorkstreamView) -> str:
        return item.id

    def title(self) -> Row:
        return Row(self.column.name, "strong" if self.has_focus else "text").add(f" {len(self.items)}", "dim")

    def empty(self) -> Sequence[Row]:
        return tuple(Row(line, "dim") for line in self.column.empty)

    def rows(self, item: WorkstreamView, width: int) -> Sequence[Row]:
        assert self._view is not None
        return card_rows(self.column.id, card(self._view, item), width)

    def marks(self) -> bool:
        return self.holds_selected


class Board(Horizontal):
    """The columns side by side; on a narrow screen three of them, around the one with the cursor."""

    DEFAULT_CSS = "Board { height: 1fr; width: 1fr; layout: horizontal; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.columns = [BoardColumn(column) for column in COLUMNS]
        self.active = 2
        self._shown = len(COLUMNS)
        self._selected = ""

    def compose(self) -> ComposeResult:
        yield from self.columns

    @property
    def current(self) -> BoardColumn:
        """The column with the cursor."""
        return self.columns[self.active]

    def show(self, view: View) -> None:
        groups: list[list[WorkstreamView]] = [[] for _ in COLUMNS]
        by_state = {state: groups[i] for i, c in enumerate(COLUMNS) for state in c.states}
        for workstream in view.snapshot.workstreams:
            if not view.filter or view.matches(workstream):
                by_state[workstream.state].append(workstream)
        for column, items in zip(self.columns, groups, strict=True):
            column.show(view, items)
        self.select(self._selected)

    def select(self, subject: str) -> None:
        """Mark the card of this workstream; the cursor goes with a card that changes its column."""
        self._selected = subject
        focused = self.has_focus_within
        for index, column in enumerate(self.columns):
            held = column.current_key == subject or column.index_of(subject) is not None
            if held:
                column.select_key(subject)
                if index != self.active:
                    self._activate(index, focus=focused)
            if column.holds_selected != held:
                column.holds_selected = held
                column.repaint()

    def turn(self, step: int) -> bool:
        """Go to the next column with cards in this direction; False when there is none."""
        index = self.active + step
        while 0 <= index < len(self.columns) and not self.columns[index].items:
            index += step
        if not 0 <= index < len(self.columns):
            return False
        here, there = self.current, self.columns[index]
        line = here.cursor * here.item_height - here.top
        there.cursor = min(len(there.items) - 1, (there.top + max(0, line)) // there.item_height)
        there.reveal()
        self._activate(index, focus=True)
        there.post_message(Pane.Moved(there))
        return True

    def focus_current(self) -> None:
        if not self.current.items:
            filled = [i for i, column in enumerate(self.columns) if column.items]
            if filled:
                self._activate(min(filled, key=lambda i: abs(i - self.active)), focus=False)
        self.current.focus()

    def set_columns_shown(self, count: int) -> None:
        self._shown = count
        self._arrange()

    def _activate(self, index: int, *, focus: bool) -> None:
        self.active = index
        self._arrange()
        if focus:
            self.current.focus()

    def _arrange(self) -> None:
        visible = set(self._window())
        for index, column in enumerate(self.columns):
            if column.display != (index in visible):
                column.display = index in visible

    def _window(self) -> Iterator[int]:
        first = max(0, min(self.active - self._shown // 2, len(self.columns) - self._shown))
        yield from range(first, first + self._shown)
