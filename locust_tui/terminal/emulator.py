"""An agent's screen as a value: bytes in, cells and a cursor out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from locust_tui.domain.dataclass import dataclass

from .looks import Look, Runs, runs_of
from .parser import Parser
from .screen import AgentScreen

__all__ = ["Cursor", "Emulator", "Look", "Runs", "fresh_start", "modes_set", "text_of"]

SMALLEST, LARGEST = (2, 10), (500, 1000)
_MODE = re.compile(rb"\x1b\[\?([0-9;]{1,64})([hl])")
_KEPT_MODES = frozenset({1, 7, 25, 47, 1000, 1002, 1003, 1006, 1047, 1049, 2004})


@dataclass(frozen=True, slots=True)
class Cursor:
    row: int
    column: int
    visible: bool


class Emulator:
    """A terminal of `rows` x `columns` that is fed with what an agent prints."""

    def __init__(self, rows: int, columns: int) -> None:
        self._screen = AgentScreen(*_fitting(rows, columns))
        self._parser = Parser(self._screen)

    @property
    def rows(self) -> int:
        return self._screen.lines

    @property
    def columns(self) -> int:
        return self._screen.columns

    def feed(self, data: bytes) -> None:
        """Take output; takes about 1 us a byte, so whoever has more to do feeds small pieces."""
        self._parser.feed(data)

    def resize(self, rows: int, columns: int) -> None:
        self._screen.resize(*_fitting(rows, columns))

    @property
    def has_changed(self) -> bool:
        """Whether `take_changed` has something to tell."""
        return bool(self._screen.dirty)

    def take_changed(self) -> set[int]:
        """Rows that may look different since this was asked last."""
        changed = {row for row in self._screen.dirty if row < self.rows}
        self._screen.dirty.clear()
        return changed

    def take_replies(self) -> bytes:
        """What a terminal would have answered since this was asked last."""
        replies = b"".join(self._screen.replies)
        self._screen.replies.clear()
        return replies

    @property
    def cursor(self) -> Cursor:
        cursor = self._screen.cursor
        return Cursor(cursor.y, min(cursor.x, self.columns - 1), not cursor.hidden)

    @property
    def application_cursor(self) -> bool:
        return 1 in self._screen.modes

    @property
    def bracketed_paste(self) -> bool:
        return 2004 in self._screen.modes

    @property
    def alternate(self) -> bool:
        """Whether it shows the alternate screen, which has no history."""
        return self._screen.alternate

    @property
    def scrolled(self) -> int:
        """How many lines have left the screen at its top so far; the last of them are kept."""
        return self._screen.scrolled

    @property
    def history(self) -> int:
        """How many lines before the screen are kept."""
        return len(self._screen.history)

    def line(self, row: int) -> Runs:
        """A row of the screen; -1 is the last one that scrolled away, -`history` the first one kept."""
        if row < 0:
            return self._screen.history[row]
        return runs_of(self._screen.buffer[row], self.columns)

    def whole(self) -> Iterator[Runs]:
        """Every line kept, and those of the screen down to the last used."""
        yield from self._screen.history
        lines = [self.line(row) for row in range(self.rows)]
        while lines and not text_of(lines[-1]):
            lines.pop()
        yield from lines


def _fitting(rows: int, columns: int) -> tuple[int, int]:
    return min(max(rows, SMALLEST[0]), LARGEST[0]), min(max(columns, SMALLEST[1]), LARGEST[1])


def text_of(line: Runs) -> str:
    """A line's characters alone."""
    return "".join("".join(cells) for cells, _ in line).rstrip()


def modes_set(data: bytes) -> bytes:
    """The sequences that set the modes `data` leaves set: where to begin when what came before is not fed."""
    state: dict[int, bool] = {}
    for found in _MODE.finditer(data):
        for number in found[1].split(b";"):
            if number and int(number) in _KEPT_MODES:
                state[int(number)] = found[2] == b"h"
    return b"".join(b"\x1b[?%d%c" % (mode, b"h" if on else b"l") for mode, on in state.items())


_FRESH = re.compile(rb"\x1bc|\x1b\[H\x1b\[0?J|\x1b\[(?:1;1)?H\x1b\[2J|\x1b\[2J|\x1b\[\?(?:1049|1047|47)h")


def fresh_start(data: bytes) -> int | None:
    """Where in `data` a screen is begun anew for the last time; None when it never is."""
    at = None
    for found in _FRESH.finditer(data):
        at = found.start()
    return at
