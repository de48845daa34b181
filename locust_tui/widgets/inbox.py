"""What waits for a person as a list, and the whole of one thing: what an agent wrote stands apart from our own words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from rich.cells import cell_len

from locust_tui.domain.snapshot import AnsweredView, WaitingView
from locust_tui.safe_text import safe

from .charset import drawn, forgetting
from .pane import Pane
from .row import Row, shown
from .sheet import SheetLine
from .tones import Tone
from .words import ASKED, Look, since

CHOICE = 9
"""Cells of what was answered: "withdrawn" is the longest of our own words."""
SUBJECT = 14
"""Cells that a subject takes at most."""
Item = WaitingView | AnsweredView
GUTTER = "┃ "
"""Before every line that an agent wrote, and before no line of ours."""
_UNKNOWN = Look("?", "other", "you")


def look_of_kind(kind: str) -> Look:
    """Sign, word and tone of a kind of thing that waits."""
    return ASKED.get(kind, _UNKNOWN)


def key_of(item: Item) -> str:
    """What the cursor is pinned by."""
    return item.item if isinstance(item, WaitingView) else f"{item.item}@{item.at}"


class InboxList(Pane[Item]):
    """`show` gives it the items; `marked` are those that are answered together."""

    about = (
        "Everything that waits for a person: what holds up the critical path first, then the oldest. a allows once, "
        "A always, d denies; digits choose; enter opens gates and reviews. space marks several to answer together."
    )

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._title: Row = Row()
        self._empty: Sequence[Row] = ()
        self._marked: frozenset[str] = frozenset()
        self._now = 0.0
        self._subjects = 0
        """Cells of the widest subject."""

    def show(
        self, title: Row, items: Sequence[Item], empty: Sequence[Row], marked: frozenset[str], now: float
    ) -> None:
        self._title, self._empty, self._marked, self._now = title, empty, marked, now
        self._subjects = min(SUBJECT, max((cell_len(shown(i.subject or i.item)) for i in items), default=0))
        self.show_items(items)

    def key(self, item: Item) -> str:
        return key_of(item)

    def title(self) -> Row:
        return self._title

    def empty(self) -> Sequence[Row]:
        return self._empty

    def facts(self, item: Item) -> object:
        return item, key_of(item) in self._marked, self._age(item), self._subjects

    def _age(self, item: Item) -> str:
        return since(item.since if isinstance(item, WaitingView) else item.at, self._now)

    def rows(self, item: Item, width: int) -> Sequence[Row]:
        look = look_of_kind(item.kind)
        row = Row("■ " if key_of(item) in self._marked else "  ", "key")
        if isinstance(item, AnsweredView):
            return (self._answered_row(row, item, width),)
        row.add(f"{look.glyph} ", look.tone).column(
            look.word, 11, "strong" if item.kind == "gate" else look.tone
        )
        row.column(self._age(item), 4, "dim", align_right=True).add("  ")
        row.column(item.subject or item.item, self._subjects)
        row.add(f"  {item.what or item.item}", "dim" if item.rank == 2 else "text")
        if item.rank == 0:
            row.end("critical ", "strong")
        if item.wanted and (width >= 60 or item.rank) and item.wanted not in ("operator", item.subject):
            row.end(f"for {item.wanted}", "dim")
        return (row,)

    def _answered_row(self, row: Row, item: AnsweredView, width: int) -> Row:
        look = look_of_kind(item.kind)
        choice, tone = answer_words(item)
        row.add(f"{look.glyph} ", "dim").column(look.word, 11, "dim")
        row.column(self._age(item), 4, "dim", align_right=True)
        row.add("  ").column(choice, CHOICE, tone).add("  ").column(item.subject or item.item, self._subjects)
        row.add(f"  {item.what}", "dim")
        return row.end(f"by {item.by}" if item.by else "", "text" if width >= 60 else "dim")


def answer_words(item: AnsweredView) -> tuple[str, Tone]:
    """What was answered, in a word: the choice, "in words", "withdrawn"."""
    if item.withdrawn and not item.choice:
        return "withdrawn", "dim"
    tone: Tone = "bad" if item.choice in ("deny", "kill", "stop") else "done"
    return item.choice or "in words", tone


@lru_cache(16)
def quoted(text: str, width: int) -> tuple[SheetLine, ...]:
    """What an agent wrote, whole, each line behind the gutter and harmless: nothing is left out, no blank is lost.

    Additions and removals of a diff have their colours.
    """
    lines = text.split("\n")
    changes = sum(line[:1] in ("+", "-") for line in lines)
    is_diff = changes > 1 and changes * 2 >= len(lines)
    found: list[SheetLine] = []
    for line in lines:
        tone: Tone = "text"
        if is_diff and line[:1] in ("+", "-"):
            tone = "done" if line[0] == "+" else "bad"
        line = line.replace("\t", "    ")
        harmless = drawn(safe(line, limit=max(1, len(line)), oneline=True))
        found += [
            SheetLine(Row(GUTTER, "dim").add(part, tone))
            for part in _cut(harmless, max(8, width - len(GUTTER)))
        ]
    return tuple(found)


forgetting.append(quoted.cache_clear)


def _cut(line: str, width: int) -> Iterator[str]:
    """Pieces of at most `width` cells."""
    if line.isascii():
        yield line[:width]
        for start in range(width, len(line), width):
            yield line[start : start + width]
        return
    part, room = "", width
    for char in line:
        size = cell_len(char)
        if size > room:
            yield part
            part, room = "", width
        part, room = part + char, room - size
    yield part
