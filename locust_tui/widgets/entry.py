"""A line of text a person types. What is pasted passes the safe door and never submits anything."""

from __future__ import annotations

from rich.cells import cell_len
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from locust_tui.safe_text import safe

from .row import Row

PASTE_LIMIT = 65_536
LENGTH_LIMIT = 2_000


class Entry(Widget, can_focus=True, inherit_bindings=False):
    """One line with a prompt. Sends Changed on every change, Submitted on enter, Left on esc."""

    DEFAULT_CSS = "Entry { height: 1; width: 1fr; }"

    class Changed(Message):
        def __init__(self, value: str) -> None:
            super().__init__()
            self.value = value

    class Submitted(Message):
        def __init__(self, value: str) -> None:
            super().__init__()
            self.value = value

    class Left(Message):
        """esc: leave without it."""

    def __init__(
        self, *, prompt: str = "", hint: str = "", value: str = "", keeps: bool = True, id: str | None = None
    ) -> None:
        """`keeps`: what is submitted stays in the line, which goes with it; else the next letter begins a new one."""
        super().__init__(id=id)
        self._keeps = keeps
        self.prompt = prompt
        self.hint = hint
        self._value = value
        self._at = len(value)

    @property
    def value(self) -> str:
        return self._value

    @value.setter
    def value(self, value: str) -> None:
        self._value, self._at = value, len(value)
        self.refresh()

    def insert(self, text: str) -> None:
        text = text[: LENGTH_LIMIT - len(self._value)]
        if text:
            self._change(self._value[: self._at] + text + self._value[self._at :], self._at + len(text))

    def press(self, event: events.Key) -> bool:
        """Take a key; False when it means nothing to a line of text."""
        value, at = self._value, self._at
        if event.is_printable and event.character is not None:
            self.insert(event.character)
        elif event.key in ("backspace", "ctrl+h"):
            if at:
                self._change(value[: at - 1] + value[at:], at - 1)
        elif event.key == "delete":
            self._change(value[:at] + value[at + 1 :], at)
        elif event.key == "ctrl+u":
            self._change(value[at:], 0)
        elif event.key == "ctrl+k":
            self._change(value[:at], at)
        elif event.key == "ctrl+w":
            start = value[:at].rstrip().rfind(" ") + 1
            self._change(value[:start] + value[at:], start)
        elif event.key in ("left", "right", "home", "end", "ctrl+a", "ctrl+e"):
            ends = {"left": max(0, at - 1), "right": min(len(value), at + 1)}
            self._at = ends.get(event.key, 0 if event.key in ("home", "ctrl+a") else len(value))
            self.refresh()
        else:
            return False
        return True

    def paste(self, text: str) -> None:
        """Insert the first line of a paste, made harmless."""
        lines = text[:PASTE_LIMIT].splitlines()
        self.insert(safe(lines[0], limit=LENGTH_LIMIT, oneline=True) if lines else "")

    def on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            self.post_message(self.Submitted(self._value))
            if not self._keeps:
                self.value = ""
        elif event.key == "escape":
            self.post_message(self.Left())
        elif not self.press(event):
            return
        event.stop()
        event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self.paste(event.text)

    def _change(self, value: str, at: int) -> None:
        if value != self._value:
            self._value, self._at = value, at
            self.refresh()
            self.post_message(self.Changed(value))

    def row(self, width: int, *, active: bool) -> Row:
        """The line with its cursor, scrolled so that the cursor is in view."""
        row = Row(self.prompt, "key" if active else "text")
        room = max(1, width - cell_len(self.prompt) - 1)
        if not self._value and not active:
            return row.add(self.hint, "dim")
        if not self._value:
            return row.add(self.hint[:1] or " ", "cursor").add(self.hint[1:], "dim")
        start = 0
        while cell_len(self._value[start : self._at]) >= room:
            start += 1
        row.add(self._value[start : self._at])
        if not active:
            return row.add(self._value[self._at :])
        row.add(self._value[self._at : self._at + 1] or " ", "cursor")
        return row.add(self._value[self._at + 1 :])

    def render_line(self, y: int) -> Strip:
        return self.row(self.size.width, active=self.has_focus).strip(self.size.width)
