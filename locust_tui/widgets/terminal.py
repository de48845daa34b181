"""An agent's screen drawn cell by cell: its characters pass the safe door, its colours become styles, nothing else gets out."""

from __future__ import annotations

from functools import lru_cache

from rich.cells import cell_len
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from locust_tui.client.run_screen import RunScreen
from locust_tui.safe_text import safe
from locust_tui.terminal import keys
from locust_tui.terminal.emulator import Look, Runs
from locust_tui.terminal.looks import Cells

from .charset import drawn
from .row import Row
from .tones import STYLES

_COLOURS = {"brown": "yellow", "brightbrown": "bright_yellow", "bfightmagenta": "bright_magenta"}
_WHEEL = 3
_PLAIN = Style.null()
_SCROLLS = {
    "shift+pageup": 0.5, "shift+pagedown": -0.5, "shift+up": 0.0, "shift+down": -0.0,
    "shift+home": 1e9, "shift+end": -1e9,
}  # fmt: skip


class TerminalView(Widget, can_focus=True, inherit_bindings=False):
    """Draws a RunScreen. Sends Typed for what a key sends the agent, Scrolled when older lines are wanted."""

    DEFAULT_CSS = "TerminalView { height: 1fr; width: 1fr; }"

    class Typed(Message):
        def __init__(self, data: bytes) -> None:
            super().__init__()
            self.data = data

    class Scrolled(Message):
        """The person moved through the lines that scrolled away."""

    class Leave(Message):
        """The key that leaves was pressed."""

    def __init__(self, leave: str, *, id: str | None = None) -> None:
        """`leave`: the key, by its name."""
        super().__init__(id=id)
        self.played: RunScreen | None = None
        self.live = True
        """Whether keys go to the agent; else they scroll, and esc, q and enter leave."""
        self.above = 0
        """Lines scrolled up from the end."""
        self._leave = leave
        self._scrolled = 0
        self._cursor = (-1, -1, False)

    # what came

    def show(self, played: RunScreen) -> None:
        """Draw this one from now on."""
        self.played, self.above, self._scrolled = played, 0, played.emulator.scrolled
        self.refresh()

    def follow(self) -> None:
        """Draw again what changed since the last time."""
        if self.played is None:
            return
        emulator = self.played.emulator
        changed = emulator.take_changed()
        gone, self._scrolled = emulator.scrolled - self._scrolled, emulator.scrolled
        if self.above:
            self.above = min(self.above + gone, self.most_above)  # what is read stays where it is
            return
        cursor = emulator.cursor
        now = (cursor.row, cursor.column, cursor.visible)
        if now != self._cursor:
            changed |= {self._cursor[0], cursor.row}
            self._cursor = now
        shift = max(0, emulator.rows - self.size.height)
        if len(changed) > self.size.height // 2:
            self.refresh()
        elif rows := [row - shift for row in changed if 0 <= row - shift < self.size.height]:
            self.refresh(*(Region(0, row, self.size.width, 1) for row in rows))

    # scrolling

    @property
    def lines(self) -> int:
        """All lines there are: older ones, those that scrolled away, the screen's."""
        if self.played is None:
            return 0
        return len(self.played.older) + self.played.emulator.history + self.played.emulator.rows

    @property
    def most_above(self) -> int:
        return max(0, self.lines - self.size.height)

    def scroll_by(self, lines: float) -> None:
        """Up by so many lines; down when negative."""
        above = int(max(0, min(self.above + lines, self.most_above)))
        if above != self.above:
            self.above = above
            self.refresh()
        self.post_message(self.Scrolled())

    # drawing

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if self.played is None:
            return Strip.blank(width)
        emulator = self.played.emulator
        inside = min(width, emulator.columns)
        index = self._index(y)
        if index is None:
            return Row("·" * width, "dim").strip(width)
        cursor = emulator.cursor
        at = cursor.column if self.above == 0 and cursor.visible and index[1] == cursor.row else None
        row = row_of(index[0], inside, at if self.live else None)
        return row.add("·" * (width - inside), "dim").strip(width) if inside < width else row.strip(width)

    def _index(self, y: int) -> tuple[Runs, int] | None:
        """The line drawn at `y` and its row of the screen (-1: above it)."""
        assert self.played is not None
        emulator, older = self.played.emulator, self.played.older
        height = self.size.height
        at = self.lines - (self.above + height if self.above else min(height, emulator.rows)) + y
        if at < 0 or at >= self.lines:
            return None
        if at < len(older):
            return older[at], -1
        row = at - len(older) - emulator.history
        return emulator.line(row), row

    # keys

    def on_key(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()
        if event.key in (self._leave, f"alt+{self._leave}"):
            self.post_message(self.Leave())
        elif event.key in _SCROLLS:
            self._scroll_by_key(event.key)
        elif not self.live:
            self._dead_key(event.key)
        else:
            application = self.played is not None and self.played.emulator.application_cursor
            data = keys.encode(event.key, event.character, application_cursor=application)
            if data:
                self._to_end()
                self.post_message(self.Typed(data))

    def _scroll_by_key(self, key: str) -> None:
        share = _SCROLLS[key]
        lines = {"shift+up": 1.0, "shift+down": -1.0}.get(key, share * max(2, self.size.height))
        self.scroll_by(lines)

    def _dead_key(self, key: str) -> None:
        if key in ("escape", "q", "enter"):
            self.post_message(self.Leave())
        elif f"shift+{key}" in _SCROLLS:
            self._scroll_by_key(f"shift+{key}")

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        if self.live:
            self._to_end()
            bracketed = self.played is not None and self.played.emulator.bracketed_paste
            self.post_message(self.Typed(keys.paste(event.text, bracketed=bracketed)))

    def _to_end(self) -> None:
        if self.above:
            self.above = 0
            self.refresh()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.scroll_by(_WHEEL)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.scroll_by(-_WHEEL)


def row_of(line: Runs, width: int, cursor: int | None = None) -> Row:
    """Exactly `width` cells of a line, with the cursor's cell reversed."""
    row = Row()
    at = 0
    for cells, look in line:
        cells = cells[: max(0, width - at)]
        if cursor is not None and at <= cursor < at + len(cells):
            here = cursor - at
            under = 2 if cells[here + 1 : here + 2] == ("",) else 1
            _add(row, cells[:here], style_of(look))
            _add(row, cells[here : here + under], style_of(look._replace(reverse=not look.reverse)))
            _add(row, cells[here + under :], style_of(look))
        else:
            _add(row, cells, style_of(look))
        at += len(cells)
    if cursor is not None and at <= cursor < width:
        _add(row, " " * (cursor - at), _PLAIN)
        _add(row, " ", STYLES["cursor"])
        at = cursor + 1
    _add(row, " " * (width - at), _PLAIN)
    return row


def _add(row: Row, cells: Cells, style: Style) -> None:
    if not cells:
        return
    text = cells if isinstance(cells, str) else ""
    if not (text and text.isascii() and text.isprintable()):
        text = "".join(
            _fitted(cell, 2 if cells[i + 1 : i + 2] == ("",) else 1) for i, cell in enumerate(cells) if cell
        )
        text += " " * (len(cells) - cell_len(text))
    row.add(text, style)


@lru_cache(4096)
def _fitted(cell: str, width: int) -> str:
    """One cell's text in exactly `width` cells; what is not harmless there, or of another width, is a stand-in."""
    text = drawn(cell if safe(cell, oneline=True) == cell else "\ufffd")
    return text if cell_len(text) == width else drawn("\ufffd") + " " * (width - 1)


@lru_cache(1024)
def style_of(look: Look) -> Style:
    return Style(
        color=_colour(look.fg),
        bgcolor=_colour(look.bg),
        bold=look.bold or None,
        italic=look.italic or None,
        underline=look.underline or None,
        strike=look.strike or None,
        reverse=look.reverse or None,
        dim=look.faint or None,
    )


def _colour(name: str) -> str | None:
    if name == "default":
        return None
    if name in _COLOURS:
        return _COLOURS[name]
    if len(name) == 6 and all(c in "0123456789abcdef" for c in name):
        return f"#{name}"
    return name.replace("bright", "bright_", 1)
