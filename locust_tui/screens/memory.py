"""The shared memory to look through: every key, its value as it stands, and what stood there before."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from textual.binding import Binding

from locust_tui.domain.coordination import COMPUTED, MemoryEntry
from locust_tui.domain.looking_back import MemoryVersion
from locust_tui.errors import LocustTuiError
from locust_tui.widgets.inbox import quoted
from locust_tui.widgets.listing import Listing
from locust_tui.widgets.row import Row
from locust_tui.widgets.sheet import SheetLine, fact
from locust_tui.widgets.tabs import filter_words
from locust_tui.widgets.view import View
from locust_tui.widgets.words import plural, since

from .two_panes import NO_MATCH, TwoPanes

_EMPTY = (
    Row("Nothing is remembered yet."),
    Row("Agents store values under keys; so does: locust-tui memory store KEY --value VALUE", "dim"),
)
_WIDE = 10
_BEFORE = 12
"""Lines of an earlier value that are shown."""


class MemoryScreen(TwoPanes):
    about = (
        "What people and agents hand on to each other, by key: its version, who wrote it and when, and below the value. "
        "h shows what stood there before. It is only looked at here: locust-tui memory store and rm change it. "
        "Keys marked computed stand behind those that are stored: nobody writes them, they say what the plan and its state are now."
    )
    BINDINGS = [Binding("M", "close", "close"), Binding("h,enter,l,right", "history", "history")]

    def __init__(self) -> None:
        self.items = Listing(lambda e: e.key, memory_row, _facts, about=self.about)
        super().__init__(self.items, hint="words of key or author", id="memory-screen")
        self.in_history = False
        self._versions: tuple[tuple[str, int], tuple[MemoryVersion, ...]] | None = None
        """(key, version) → what `history` shows of it."""
        self._asked: tuple[str, int] | None = None
        self._computed: MemoryEntry | None = None
        """The computed entry that was looked up last, with its value."""
        self._computing: tuple[str, float] = "", 0.0
        """(key, moment) for which one was asked."""

    @property
    def current(self) -> MemoryEntry | None:
        item = self.items.current
        return item if isinstance(item, MemoryEntry) else None

    @property
    def has_history(self) -> bool:
        return self.current is not None and self.current.by != COMPUTED

    def present(self, view: View) -> None:
        keys = self.host.port.computed_keys
        entries = [*view.snapshot.memory, *(MemoryEntry(key, "", 0, view.now, COMPUTED) for key in keys)]
        found = [e for e in entries if self.fits_filter(f"{e.key} {e.by}")] if self.words else entries
        self.items.show(
            self._title(len(found), len(view.snapshot.memory), len(keys)),
            found,
            NO_MATCH if self.words else _EMPTY,
            view.now,
        )
        self.fit(self.app.size.width, self.app.size.height)
        self._show_detail(view)
        self.show_footer()

    def _title(self, found: int, count: int, computed: int) -> Row:
        row = Row("Memory", "strong").add(f" {plural(count, 'key')}" if count or computed else "", "dim")
        row.add(f", {computed} computed" if computed else "", "dim")
        if self.words:
            row.right = [*filter_words(self.words, 40).left, (f" {found}", "dim")]
        return row

    def _show_detail(self, view: View) -> None:
        entry = self.current
        if entry is None:
            self.put_detail("", Row(), ())
            return
        if entry.by == COMPUTED:
            self._show_computed(entry.key, view)
            return
        title = Row(entry.key, "strong").add(f" version {entry.version}", "dim")
        if not self.in_history:
            self.put_detail(entry.key, title, list(value_lines(entry, view.now, self.detail_width)))
            return
        which = (entry.key, entry.version)
        if self._versions is None or self._versions[0] != which:
            self._look_up(which)
        known = self._versions[1] if self._versions is not None and self._versions[0][0] == entry.key else ()
        lines = list(history_lines(known, view.now, self.detail_width))
        self.put_detail(f"{entry.key} before", Row("History of ", "dim").add(entry.key, "strong"), lines)

    def _show_computed(self, key: str, view: View) -> None:
        if self._computing != (key, view.snapshot.at):
            self._computing = key, view.snapshot.at
            self.host.spawn(self._compute(key))
        known = self._computed if self._computed is not None and self._computed.key == key else None
        title = Row(key, "strong").add(" computed", "dim")
        self.put_detail(key, title, list(computed_lines(known, view.now, self.detail_width)))

    async def _compute(self, key: str) -> None:
        try:
            self._computed = await self.host.port.computed_memory(key)
        except LocustTuiError as error:
            self.host.say_error(error)
            return
        if self.is_current:
            self._present_now()

    def _look_up(self, which: tuple[str, int]) -> None:
        if self._asked != which:
            self._asked = which
            self.host.spawn(self._fetch(which))

    async def _fetch(self, which: tuple[str, int]) -> None:
        try:
            found = await self.host.port.memory_versions(which[0])
        except LocustTuiError as error:
            self.host.say_error(error)
            return
        self._versions = which, found
        if self.is_current:
            self._present_now()

    def footer_keys(self) -> Iterable[tuple[str, str, bool]]:
        yield "h", "value" if self.in_history else "history", self.has_history
        yield "/", "filter", bool(self.items.items)
        yield "ctrl+d", "scroll", len(self.detail.items) > self.detail.room
        yield "?", "help", True
        yield "esc", "back", True

    def action_history(self) -> None:
        if self.in_history or self.has_history:
            self.in_history = not self.in_history
            self._present_now()
        elif self.current is not None:
            self.host.say("nobody writes what is computed, so nothing stood there before", "dim")

    def action_back(self) -> None:
        """One level: the filter, the history, the screen."""
        if self.in_history and not self.words:
            self.action_history()
        else:
            super().action_back()


def _facts(entry: MemoryEntry, now: float) -> object:
    return entry, since(entry.at, now)


def memory_row(entry: MemoryEntry, width: int, now: float) -> Row:
    """Key, version, age, author."""
    row = Row(entry.key)
    if entry.by == COMPUTED:
        return row.end("computed ", "dim")
    row.end(f"{f'v{entry.version}':>5}  ", "dim").end(f"{since(entry.at, now):>4}  ", "dim")
    by = Row().column(entry.by, max(8, min(18, width // 4)))
    row.right += by.left
    return row


def value_lines(entry: MemoryEntry, now: float, width: int) -> Iterator[SheetLine]:
    """Who wrote it and when, how it is changed, and the value behind the bar: whoever stored it wrote that."""
    size = len(entry.value.encode("utf-8", "surrogatepass"))
    yield fact("written", f"by {entry.by}, {since(entry.at, now)} ago · {plural(size, 'byte')}", wide=_WIDE)
    yield fact("change", f"locust-tui memory store {entry.key} --value VALUE", "dim", wide=_WIDE)
    yield SheetLine(Row())
    yield from quoted(spread(entry.value), width)


def computed_lines(entry: MemoryEntry | None, now: float, width: int) -> Iterator[SheetLine]:
    """That nobody wrote it, how it is read elsewhere, and the value; None: it is being looked up."""
    if entry is None:
        yield SheetLine(Row("⋯ computing", "dim"))
        return
    yield fact("computed", f"from the plan and its state, {since(entry.at, now)} ago", wide=_WIDE)
    yield fact("read", f"locust-tui memory get {entry.key}", "dim", wide=_WIDE)
    yield SheetLine(Row())
    yield from quoted(spread(entry.value), width)


def history_lines(versions: Sequence[MemoryVersion], now: float, width: int) -> Iterator[SheetLine]:
    if not versions:
        yield SheetLine(Row("⋯ looking it up", "dim"))
    for version in versions:
        name = f"version {version.version}" if version.version is not None else "removed"
        row = Row(name, "strong" if version.version is not None else "bad")
        row.add(f"  {since(version.at, now)} ago by {version.by}").add(
            f" · revision {version.revision}", "dim"
        )
        yield SheetLine(row)
        lines = quoted(spread(version.value), width) if version.value else ()
        yield from lines[:_BEFORE]
        if len(lines) > _BEFORE:
            yield SheetLine(Row(f"  … and {plural(len(lines) - _BEFORE, 'line')} more", "dim"))


@lru_cache(64)
def spread(value: str) -> str:
    """JSON laid out over lines; a text as it reads; what cannot be read, as it is."""
    try:
        read = json.loads(value)
        return read if isinstance(read, str) else json.dumps(read, indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return value
