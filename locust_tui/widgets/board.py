"""Where each piece stands: five columns by state, one widget per column however many cards it holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from locust_tui.domain.snapshot import WorkstreamView
from locust_tui.domain.states import WorkstreamState

from .card_details import HIGHEST, LEAST, CardDetails
from .cards import COLUMNS, Column, card, card_rows
from .frame import Sides
from .pane import Pane
from .row import Row
from .view import View
from .words import WORKSTREAM

NARROW = 12
"""Cells of a column without cards."""
ROOMY = 120
"""Cells of a board on which the columns share the room by their names."""
CARD = 20
"""Cells that a column with cards has at least on a narrow screen."""
_APART = (
    WorkstreamState.NEEDS_INPUT,
    WorkstreamState.FAILED,
    WorkstreamState.REWORK,
    WorkstreamState.PAUSED,
    WorkstreamState.CANCELLED,
    WorkstreamState.DEFERRED,
)
"""States that are counted by their own words beside the column's name."""


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
        self.width_wanted = "1fr"
        self._view: View | None = None
        self.total = 0
        """Cards it has without the filter."""
        self._longest = 0
        self.out_of_view: tuple[Sequence[BoardColumn], Sequence[BoardColumn]] = ((), ())
        """The columns before and after it that there is no room for, counted in its title."""
        self.sides = self.box()

    def box(self) -> Sides:
        return Sides(left=self.column is COLUMNS[0], joins=self.column is not COLUMNS[-1], padded=False)

    def show(self, view: View, items: Sequence[WorkstreamView]) -> None:
        """`items` without the filter; its width does not follow what is typed."""
        self._view, self.total = view, len(items)
        self._longest = max((len(w.id) + len(w.name) for w in items), default=0)
        self.show_items([w for w in items if view.matches(w)] if view.filter else items)

    def grow_older(self, view: View) -> None:
        self._view = view
        if self.outdated:
            self.repaint()

    def share(self, room: int) -> str:
        """Its width on a board of `room` cells: little without cards, and what its names want where there is much."""
        if not self.total:
            return str(NARROW + (1 if self.sides.left else 0))
        least = 5 if self.column.id == "running" else 4
        if room < ROOMY:
            return f"{least}fr"
        return f"{max(least * 5, min(40, self._longest + 9))}fr"

    def key(self, item: WorkstreamView) -> str:
        return item.id

    def title(self) -> Row:
        row = self._own_title()
        before, after = self.out_of_view
        if before:
            row.left = [*Row(f"‹{len(before)} ", "dim").left, *row.left]
        return row.end(f"{len(after)}›", "dim") if after else row

    def _own_title(self) -> Row:
        row = Row(self.column.name, "strong" if self.has_focus else "text")
        if self._view is not None and self._view.filter:
            count = f" {len(self.items)} of {self.total}"
            if len(self.column.name) + len(count) > self._wide - 3:
                count = f" {len(self.items)}/{self.total}"
            return row.add(count, "dim")
        counts = Counter(w.state for w in self.items)
        apart = [s for s in _APART if counts[s]] if self.column.counted is not None else []
        plain = len(self.items) - sum(counts[s] for s in apart)
        row.add(f" {plain}", "dim")
        room = self._wide - 5 - cell_len(row.text)
        words = [f" · {counts[s]} {_word(s, counts[s])}" for s in apart]
        if sum(map(len, words)) > room:
            words = [f" {WORKSTREAM[s].glyph}{counts[s]}" for s in apart]
        for state, text in zip(apart, words, strict=True):
            tone = WORKSTREAM[state].tone
            row.add(text, tone if tone in ("bad", "you") else "dim")
        return row

    def hint(self) -> str:
        """On the line of the title there is room for the lines in view only; the title says of how many."""
        return super().hint() if self.sides.boxed else super().hint().partition(" ")[0]

    def empty(self) -> Sequence[Row]:
        if self._view is not None and self._view.filter and self.total:
            return (Row("no match", "dim"),)
        return tuple(Row(line, "dim") for line in self.column.empty)

    def facts(self, item: WorkstreamView) -> object:
        return card(self._view, item) if self._view is not None else None

    def rows(self, item: WorkstreamView, width: int) -> Sequence[Row]:
        assert self._view is not None
        return card_rows(self.column.id, card(self._view, item), width)

    def marks(self) -> bool:
        return self.holds_selected


def _word(state: WorkstreamState, count: int) -> str:
    word = WORKSTREAM[state].word
    return word.replace("needs", "need") if count > 1 else word


class Board(Vertical):
    """The columns side by side; on a narrow screen those around the one with the cursor, and below them what
    does not fit on its card, where there is room."""

    DEFAULT_CSS = "Board { height: 1fr; width: 1fr; } Board Horizontal { height: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.columns = [BoardColumn(column) for column in COLUMNS]
        self.details = CardDetails()
        self.details.set_boxed(False)
        self.active = 2
        self._shown = len(COLUMNS)
        self._expected = 0
        self._selected = ""
        self._view: View | None = None

    def compose(self) -> ComposeResult:
        yield Horizontal(*self.columns)
        yield self.details

    @property
    def out_of_view(self) -> str:
        """The columns that there is no room for: "‹ Waiting 6 · Review 1, Done 3 ›"."""
        visible = self._window()

        def named(columns: Sequence[BoardColumn]) -> str:
            return ", ".join(f"{c.column.name} {len(c.items)}" for c in columns)

        before, after = named(self.columns[: visible.start]), named(self.columns[visible.stop :])
        return " · ".join(filter(None, (before and f"‹ {before}", after and f"{after} ›")))

    @property
    def current(self) -> BoardColumn:
        """The column with the cursor."""
        return self.columns[self.active]

    def show(self, view: View) -> None:
        self._view = view
        groups: list[list[WorkstreamView]] = [[] for _ in COLUMNS]
        by_state = {state: groups[i] for i, c in enumerate(COLUMNS) for state in c.states}
        for workstream in view.snapshot.workstreams:
            by_state[workstream.state].append(workstream)
        for column, items in zip(self.columns, groups, strict=True):
            column.show(view, items)
        self.select(self._selected)
        self._arrange()

    def grow_older(self, view: View) -> None:
        """Show the same snapshot as before at a later moment."""
        self._view = view
        for column in self.columns:
            column.grow_older(view)
        self._show_details()

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
        self._show_details()

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

    def expect(self, width: int) -> None:
        """The cells it will be given, for the columns to share before its first layout."""
        self._expected = width

    @property
    def _room(self) -> int:
        return self.size.width or self._expected

    def set_columns_shown(self, count: int) -> None:
        self._shown = count
        self._arrange()

    def _activate(self, index: int, *, focus: bool) -> None:
        self.active = index
        self._arrange()
        if focus:
            self.current.focus()

    def on_resize(self, event: events.Resize) -> None:
        self._arrange()

    def _arrange(self) -> None:
        visible = self._window()
        for index, column in enumerate(self.columns):
            if column.display != (index in visible):
                column.display = index in visible
            width = column.share(self._room)
            if column.width_wanted != width:
                column.width_wanted = width
                column.styles.width = width
            first, last = index == visible.start, index == visible.stop - 1
            hidden = (tuple(self.columns[: index * first]), tuple(self.columns[index + 1 :] if last else ()))
            if column.out_of_view != hidden or any(hidden):
                column.out_of_view = hidden
                column.repaint()
        self._show_details()

    def _window(self) -> range:
        """The columns in view: around the cursor, as many as there is room for."""
        if self._shown == len(self.columns):
            return range(len(self.columns))
        first = max(0, min(self.active - self._shown // 2, len(self.columns) - self._shown))
        last = first + self._shown
        while self._least(first, last + 1) <= self._room and last < len(self.columns):
            last += 1
        while first and self._least(first - 1, last) <= self._room:
            first -= 1
        return range(first, last)

    def _least(self, first: int, last: int) -> int:
        return sum(CARD if column.total else NARROW for column in self.columns[first:last])

    def _show_details(self) -> None:
        """Under narrow columns, in the lines that no card in view takes."""
        taken = max((len(c.items) * c.item_height for c in self.columns if c.display), default=0)
        lines = min(HIGHEST, self.size.height - max(2, taken) - 1)
        wanted = self._shown < len(self.columns) and lines >= LEAST and self._view is not None
        if wanted and self._view is not None:
            self.details.show(self._view, self._selected)
            if self.details.height_wanted != lines:
                self.details.height_wanted = lines
                self.details.styles.height = lines
        if self.details.display != wanted:
            self.details.display = wanted
