"""pyte's screen with what agents use beside: the alternate screen, lines kept as they scroll away, and no way to fail."""

from __future__ import annotations

import unicodedata
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from typing import Any

import pyte
from pyte.screens import Char, Margins, wcwidth

from .looks import Runs, rendition, runs_of

KEPT_LINES = 10_000
_MARKS = 4
"""Combining marks a cell may hold."""
_ALTERNATE = frozenset({47, 1047, 1049})
_TOLD_TO_PYTE = frozenset({7, 25})

_ONE: dict[str, str] = {
    "@": "insert_characters", "A": "cursor_up", "B": "cursor_down", "C": "cursor_forward", "D": "cursor_back",
    "E": "cursor_down1", "F": "cursor_up1", "G": "cursor_to_column", "J": "erase_in_display", "K": "erase_in_line",
    "L": "insert_lines", "M": "delete_lines", "P": "delete_characters", "X": "erase_characters", "`": "cursor_to_column",
    "a": "cursor_forward", "d": "cursor_to_line", "e": "cursor_down", "g": "clear_tab_stop",
}  # fmt: skip
"""Final byte → pyte's method with at most one parameter."""


class AgentScreen(pyte.Screen):
    """The listener of a parser. `history` holds the lines that left at the top of the main screen, oldest first.

    `modes`: private modes that are set, by number. `replies`: what a terminal would answer, until somebody takes it.
    `scrolled`: lines that ever went into `history`.
    """

    def __init__(self, rows: int, columns: int) -> None:
        self.history: deque[Runs] = deque(maxlen=KEPT_LINES)
        self.scrolled = 0
        self.modes: set[int] = set()
        self.replies: list[bytes] = []
        self._main: tuple[dict[int, Any], Any] | None = None
        self._last = ""
        self._marks: int | None = 0
        """Marks on the character before the cursor where text put it there; None where something moved since."""
        super().__init__(columns, rows)
        self._controls: dict[str, Callable[[], None]] = {
            "\b": self.backspace, "\t": self.tab, "\n": self.linefeed, "\v": self.linefeed, "\f": self.linefeed,
            "\r": self.carriage_return, "\x0e": self.shift_out, "\x0f": self.shift_in,
        }  # fmt: skip
        self._escapes: dict[str, Callable[[], None]] = {
            "7": self.save_cursor, "8": self._restore, "D": self.index, "E": self._next_line, "H": self.set_tab_stop,
            "M": self.reverse_index, "c": self.reset,
        }  # fmt: skip

    @property
    def alternate(self) -> bool:
        return self._main is not None

    # what the parser tells

    def text(self, text: str) -> None:
        if text.isascii():
            self._marks = 0
        else:
            text = self._advancing(text)
        if text:
            self._last = text[-1]
            self.draw(text)

    def control(self, char: str) -> None:
        self._marks = None
        if (what := self._controls.get(char)) is not None:
            what()

    def escape(self, final: str) -> None:
        self._marks = None
        if (what := self._escapes.get(final)) is not None:
            what()

    def designate(self, between: str, final: str) -> None:
        if between in ("(", ")"):
            self.define_charset(final, mode=between)

    def sequence(self, prefix: str, parameters: list[int], between: str, final: str) -> None:
        self._marks = None
        if between:
            if between == "!" and final == "p":  # soft reset
                self.set_margins()
                self.modes -= {1}
            return
        first = parameters[0] if parameters else 0
        if prefix == "?":
            if final in "hl":
                for mode in parameters:
                    self._switch(mode, on=final == "h")
            elif final in "JK":
                getattr(self, _ONE[final])(first)
        elif prefix == "":
            self._plain(final, parameters, first)

    def _plain(self, final: str, parameters: list[int], first: int) -> None:
        if final == "m":
            self.select_graphic_rendition(*rendition(parameters))
        elif final in "Hf":
            self.cursor_position(*parameters[:2])
        elif final == "r":
            top, bottom = (*parameters, 0, 0)[:2]
            self.set_margins(top or 1, bottom or self.lines)
        elif final == "s":
            self.save_cursor()
        elif final == "u":
            self._restore()
        elif final in "ST":
            self._scroll(min(first or 1, self.lines), up=final == "S")
        elif final == "b" and self._last:
            self.draw(self._last * min(first or 1, self.columns))
        elif final in "hl":
            for mode in {4, 20}.intersection(parameters):
                (self.set_mode if final == "h" else self.reset_mode)(mode)
        elif final == "n" and first in (5, 6):
            place = f"{self.cursor.y + 1};{self.cursor.x + 1}R"
            self._answer("\x1b[0n" if first == 5 else f"\x1b[{place}")
        elif final == "c" and first == 0:
            self._answer("\x1b[?62;22c")
        elif (name := _ONE.get(final)) is not None:
            getattr(self, name)(*parameters[:1])

    def _answer(self, text: str) -> None:
        if len(self.replies) < 16:
            self.replies.append(text.encode("ascii"))

    # modes

    def _switch(self, mode: int, *, on: bool) -> None:
        (self.modes.add if on else self.modes.discard)(mode)
        if mode in _TOLD_TO_PYTE:
            (self.set_mode if on else self.reset_mode)(mode, private=True)
        elif mode == 1048:
            (self.save_cursor if on else self._restore)()
        elif mode in _ALTERNATE and on != self.alternate:
            if on:
                self._main = (dict(self.buffer), copy(self.cursor))
                self.buffer.clear()
            elif self._main is not None:
                lines, cursor = self._main
                self._main = None
                self.buffer.clear()
                self.buffer.update((y, line) for y, line in lines.items() if y < self.lines)
                if mode == 1049:
                    cursor.hidden = self.cursor.hidden
                    self.cursor = cursor
                self._keep_inside()
            self.margins = None
            self.dirty.update(range(self.lines))

    def reset(self) -> None:
        self._main = None
        self.modes.clear()
        self.savepoints.clear()
        super().reset()

    def save_cursor(self) -> None:
        self.savepoints.clear()
        super().save_cursor()

    def _restore(self) -> None:
        saved = [point._replace(cursor=copy(point.cursor)) for point in self.savepoints]
        super().restore_cursor()
        self.savepoints = saved
        self._keep_inside()

    def _next_line(self) -> None:
        self.index()
        self.carriage_return()

    # lines

    def index(self) -> None:
        top, bottom = self.margins or Margins(0, self.lines - 1)
        if self.cursor.y == bottom and top == 0 and not self.alternate:
            self._keep(self.buffer[0])
        super().index()

    def _keep(self, line: Mapping[int, Char]) -> None:
        self.history.append(runs_of(line, self.columns))
        self.scrolled += 1

    def erase_in_display(self, how: int = 0, *args: Any, **kwargs: Any) -> None:
        if how == 3:
            return  # what scrolled away stays: the log has it as well
        if how in (0, 1, 2):
            with self._erasing():
                super().erase_in_display(how)

    def erase_in_line(self, how: int = 0, private: bool = False) -> None:
        if how in (0, 1, 2):
            with self._erasing():
                super().erase_in_line(how)

    def erase_characters(self, count: int | None = None) -> None:
        with self._erasing():
            super().erase_characters(count)

    @contextmanager
    def _erasing(self) -> Iterator[None]:
        """What is erased keeps the background and nothing else."""
        cursor, attrs = self.cursor, self.cursor.attrs
        cursor.attrs = Char(" ", bg=attrs.bg)
        try:
            yield
        finally:
            cursor.attrs = attrs

    def _scroll(self, count: int, *, up: bool) -> None:
        cursor = copy(self.cursor)
        top, bottom = self.margins or Margins(0, self.lines - 1)
        self.cursor.y = bottom if up else top
        for _ in range(count):
            (self.index if up else self.reverse_index)()
        self.cursor = cursor

    def resize(self, lines: int | None = None, columns: int | None = None) -> None:
        """Rows leave at the top only as far as the cursor would be lost; the rest gives way below it."""
        rows, columns = lines or self.lines, columns or self.columns
        self._marks = None
        if (rows, columns) == (self.lines, self.columns):
            return
        for _ in range(max(0, self.cursor.y - rows + 1)):
            self.cursor.y = self.lines - 1
            self.margins = None
            self.index()
            self.cursor.y -= 1
        self.cursor.y = min(self.cursor.y, rows - 1)
        for y in [y for y in self.buffer if y >= rows]:
            del self.buffer[y]
        self.lines, self.columns = rows, columns
        self.margins = None
        self.tabstops = set(range(8, columns, 8))
        self._keep_inside()
        self.dirty.update(range(rows))

    def _keep_inside(self) -> None:
        self.cursor.y = min(max(self.cursor.y, 0), self.lines - 1)
        self.cursor.x = min(max(self.cursor.x, 0), self.columns)

    # text

    def _advancing(self, text: str) -> str:
        """Without what takes no room, and with no more marks on a character than one can read: pyte would stop at the one
        and grow without end with the other."""
        marks = self._marks if self._marks is not None else _MARKS if self._marked() else 0
        kept = []
        for char in text:
            if wcwidth(char) > 0:
                marks = 0
            elif not unicodedata.combining(char) or marks >= _MARKS:
                continue
            else:
                marks += 1
            kept.append(char)
        self._marks = marks
        return "".join(kept)

    def _marked(self) -> bool:
        """Whether the character before the cursor has its marks already."""
        line = self.buffer[self.cursor.y] if self.cursor.x else self.buffer[max(self.cursor.y - 1, 0)]
        before = (self.cursor.x or self.columns) - 1
        return len(line[before].data) > 1
