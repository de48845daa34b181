"""Help: what the focused pane shows, what the signs mean, and every key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from textual.binding import Binding
from textual.widget import Widget

from locust_tui.widgets.row import Row
from locust_tui.widgets.sheet import Sheet, SheetLine, heading, paragraph
from locust_tui.widgets.view import View
from locust_tui.widgets.words import WORKSTREAM

from .base import Reading
from .commands import COMMANDS, GROUPS, PLACES, Command

_SIGNS = {
    "colon": ":", "slash": "/", "question_mark": "?", "exclamation_mark": "!", "escape": "esc",
    "down": "↓", "up": "↑", "left": "←", "right": "→", "pagedown": "pgdn", "pageup": "pgup",
}  # fmt: skip


def every_key(command: Command) -> str:
    """All keys of a command as they stand on a keyboard: ": ctrl+p"."""
    return " ".join(_SIGNS.get(key, key) for key in command.keys.split(","))


class HelpScreen(Reading):
    in_past = True
    BINDINGS = [Binding("question_mark,f1", "close", "back")]

    def __init__(self, name: str, about: str) -> None:
        super().__init__(id="help")
        self._name, self._about = name, about
        self.sheet = Sheet(id="lines")

    def body(self) -> Iterable[Widget]:
        yield self.sheet

    def pane(self) -> Sheet:
        return self.sheet

    def ready(self) -> None:
        super().ready()
        self.sheet.focus()

    def present(self, view: View) -> None:
        self._fill()

    def resized(self, event: object) -> None:
        self._fill()
        self.show_footer()

    def _fill(self) -> None:
        self.sheet.put(Row("Help", "strong"), list(self._lines(max(20, self.size.width - 6))))

    def footer_keys(self) -> Iterable[tuple[str, str, bool]]:
        return (("↑↓", "scroll", True), ("esc", "back", True))

    def _lines(self, width: int) -> Iterator[SheetLine]:
        yield SheetLine(Row(f"Here: {self._name}", "strong"))
        yield from paragraph(self._about, width)
        here = [(place, own) for place, own in PLACES if place.lower() == self._name]
        for _, own in here:
            yield from heading("Keys here")
            yield from _rows(own)
        yield from heading("Signs")
        looks = list(WORKSTREAM.values())
        per_row = max(1, width // 16)
        for start in range(0, len(looks), per_row):
            row = Row("  ")
            for look in looks[start : start + per_row]:
                row.column(f"{look.glyph} {look.word}", 15, look.tone)
            yield SheetLine(row)
        yield SheetLine(
            Row("  Verified figures count; what an agent says of itself stands beside them.", "dim")
        )
        for group in GROUPS:
            yield from heading(group)
            for command in COMMANDS:
                if command.group == group:
                    yield SheetLine(Row("  ").column(every_key(command), 16, "key").add(command.words))
        for place, own in PLACES:
            if (place, own) in here:
                continue
            within = "In the" if place in ("Inbox", "History", "Timeline", "Report") else "Among"
            yield from heading(f"{within} {place.lower()}")
            yield from _rows(own)
        yield from heading("Leaving")
        yield from paragraph(
            "Nothing stops when you leave: the worker and its agents go on. locust-tui open brings you back, "
            "locust-tui down ends the worker.",
            width,
        )


def _rows(keys: Iterable[tuple[str, str]]) -> Iterator[SheetLine]:
    """Keys of a screen of its own, each with what it does."""
    for key, words in keys:
        yield SheetLine(Row("  ").column(key, 16, "key").add(words))
