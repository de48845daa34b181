"""The second step of an answer: what it does, perhaps words to write, and the key that gives it."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from . import form, frame
from .entry import Entry
from .form import Guard
from .frame import BOX
from .row import BLANK, Row

WAIT = "wait half a second: this has just appeared or changed"
TOO_FAST = "that came too fast for a hand: press it again"


class AnswerForm(Widget, can_focus=True, inherit_bindings=False):
    """Facts, a line to write where `entry` is given, and the line of the choice, which is ours alone.

    `y` decides, or enter where something is written. Those count only half a second after it appeared or changed;
    what is typed into the line counts at once. A paste may fill it and decides nothing, nor do keys that no hand
    pressed so fast.
    """

    DEFAULT_CSS = "AnswerForm { width: 1fr; height: auto; }"

    class Submitted(Message):
        def __init__(self, words: str) -> None:
            super().__init__()
            self.words = words

    class Left(Message):
        """esc: back without an answer."""

    class Page(Message):
        """Show more of what it is about: `fraction` pages further down."""

        def __init__(self, fraction: float) -> None:
            super().__init__()
            self.fraction = fraction

    def __init__(
        self,
        title: Row,
        facts: Sequence[Row],
        does: str,
        *,
        guard: Guard,
        entry: Entry | None,
        needs_words: bool,
    ) -> None:
        """`does` says in our words what the key does: "allows it once"."""
        super().__init__()
        self._title, self.facts, self._does = title, list(facts), does
        self.guard, self.entry, self._needs_words = guard, entry, needs_words
        self.problem = ""
        self._last_key = float("-inf")
        self.styles.height = len(self.facts) + (1 if entry is not None else 0) + 3

    def on_key(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()
        pressed = self.guard.pressed(event)
        pause, self._last_key = pressed - self._last_key, pressed
        self.problem = ""
        if event.key == "escape":
            self.post_message(self.Left())
        elif event.key in ("pagedown", "ctrl+d", "pageup") or (event.key == "ctrl+u" and self.entry is None):
            self.post_message(self.Page(0.5 if event.key in ("pagedown", "ctrl+d") else -0.5))
        elif self.guard.closed_to(event) and (self.entry is None or event.key == "enter"):
            self.problem = WAIT
            self.set_timer(form.GUARD_S, self._wait_no_more)
        elif event.key == ("y" if self.entry is None else "enter"):
            self._decide(pause)
        elif self.entry is None:
            self.problem = "y decides, esc goes back"
        else:
            self.entry.press(event)
        self.refresh()

    def _wait_no_more(self) -> None:
        """Say again which key decides as soon as it does."""
        if self.problem != WAIT:
            return
        if self.guard.left:
            self.set_timer(self.guard.left, self._wait_no_more)
            return
        self.problem = ""
        self.refresh()

    def _decide(self, pause: float) -> None:
        words = self.entry.value.strip() if self.entry is not None else ""
        if pause < form.HUMAN_PACE_S:
            self.problem = TOO_FAST
            self.guard.restart()
        elif self._needs_words and not words:
            self.problem = "write something first"
        else:
            self.post_message(self.Submitted(words))

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        if self.guard.closed_to(event):
            return
        if self.entry is None:
            self.problem = "a paste decides nothing: press y"
        else:
            self.entry.paste(event.text)
            self._last_key = self.guard.pressed(event)
        self.refresh()

    def _rows(self, width: int) -> list[Row]:
        rows = list(self.facts)
        if self.entry is not None:
            row = Row().column("message", 9, "strong")
            row.left += self.entry.row(max(1, width - 9), active=True).left
            rows.append(row)
        if self.problem:
            return [*rows, Row(self.problem, "bad" if self.problem != WAIT else "you")]
        key = "y" if self.entry is None else "enter"
        return [*rows, Row(key, "key").add(f" {self._does}   ").add("esc", "key").add(" back", "dim")]

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y == 0:
            return frame.top(BOX, self._title, "", width, focused=True)
        rows = self._rows(max(1, width - BOX.before - BOX.after))
        if y > len(rows):
            return frame.bottom(BOX, "", width, focused=True)
        return frame.between(BOX, rows[y - 1] if rows else BLANK, None, width, focused=True)
