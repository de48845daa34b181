"""A unified diff as git printed it, line by line: coloured by its first letter, with the numbers of the new file's lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from locust_tui.domain.changes import Diff

from .pane import Pane
from .row import BLANK, Row
from .tones import Tone

_HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@")
_NUMBERS = 5


class DiffLine(NamedTuple):
    """`number` is the line's in the new file; 0 where it has none there. `file`: this line begins a file's part."""

    text: str
    tone: Tone
    number: int = 0
    file: bool = False


def diff_lines(text: str) -> Iterator[DiffLine]:
    """The lines of a unified diff. What only looks like a header inside a hunk is content: the hunk says how long it is."""
    old_left = new_left = number = 0
    for line in text.split("\n"):
        mark = line[:1]
        if old_left > 0 or new_left > 0 or mark == "\\":
            if mark == "+":
                yield DiffLine(line, "done", number)
                number, new_left = number + 1, new_left - 1
            elif mark == "-":
                yield DiffLine(line, "bad")
                old_left -= 1
            elif mark == "\\":
                yield DiffLine(line, "dim")
            else:
                yield DiffLine(line, "text", number)
                number, new_left, old_left = number + 1, new_left - 1, old_left - 1
        elif line.startswith("@@") and (found := _HUNK.match(line)):
            old = re.match(r"@@ -\d+(?:,(\d+))?", line)
            old_left = int(old.group(1) or 1) if old is not None else 1
            number, new_left = int(found.group(1)), int(found.group(2) or 1)
            yield DiffLine(line, "run")
        elif line.startswith("diff --git "):
            yield DiffLine(line, "strong", file=True)
        elif line:
            yield DiffLine(line, "dim")


class DiffPane(Pane[DiffLine]):
    """`show` gives it a diff, `wait` words to stand there meanwhile."""

    about = "What the work changed: added lines green with +, removed lines red with -, each with its number in the new file."

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._title = Row("Diff", "strong")
        self._empty: Sequence[Row] = ()

    def show(self, title: Row, diff: Diff) -> None:
        self._title, self._empty = title, (Row("Nothing is changed in it."),)
        lines = list(diff_lines(diff.text))
        if diff.cut:
            lines.append(DiffLine(f"cut after {diff.limit // 1024} KiB: choose one file to see more", "you"))
        self.cursor = self.top = 0
        self.show_items(lines)

    def wait(self, words: str, tone: Tone = "dim") -> None:
        self._empty = (Row(words, tone),)
        self.show_items([])

    @property
    def file_number(self) -> int:
        """Of the file that the cursor is in, from 1; 0: in none."""
        return sum(line.file for line in self.items[: self.cursor + 1])

    def next_file(self, step: int) -> bool:
        """The cursor to the part of the next file, or of the one before; whether there is one."""
        files = [i for i, line in enumerate(self.items) if line.file]
        later = [i for i in files if i > self.cursor] if step > 0 else [i for i in files if i < self.cursor]
        if later:
            self.cursor = later[0] if step > 0 else later[-1]
            self.top = self.cursor
            self._clamp()
            self.repaint()
        return bool(later)

    def key(self, item: DiffLine) -> str:
        return ""

    def title(self) -> Row:
        return self._title

    def empty(self) -> Sequence[Row]:
        return self._empty or (BLANK,)

    def rows(self, item: DiffLine, width: int) -> Sequence[Row]:
        number = str(item.number) if item.number else ""
        row = Row().column(number, _NUMBERS, "dim", align_right=True).add(" ")
        return (row.add(item.text.replace("\t", "    "), item.tone),)
