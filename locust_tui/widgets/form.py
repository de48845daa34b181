"""Fields a person fills in, the last one typed to confirm: no single key, click or paste gets through it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextvars import ContextVar

from textual import events
from textual._time import get_time
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from locust_tui.domain.dataclass import dataclass

from . import frame
from .entry import Entry
from .frame import BOX
from .row import BLANK, Row

GUARD_S = 0.5
"""Keys are ignored for so long after something to decide appeared or changed."""
HUMAN_PACE_S = 0.04
"""Enter sooner after the last letter was not pressed by a hand: a paste that came as keys."""


KEY: ContextVar[events.Key | None] = ContextVar("key", default=None)
"""What a command is carried out for."""


def waited(event: events.Event) -> float:
    """Seconds from when a key was pressed until now, where it is dealt with: a cockpit that is busy lets it wait."""
    return max(0.0, get_time() - event.time)


class Guard:
    """Closed for `GUARD_S` after every `restart`, to keys that were pressed by then, whenever they are dealt with."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._until = 0.0

    def restart(self) -> None:
        self._until = self.clock() + GUARD_S

    def pressed(self, event: events.Event) -> float:
        """When that was, by its clock."""
        return self.clock() - waited(event)

    def closed_to(self, event: events.Event) -> bool:
        return self.pressed(event) < self._until

    @property
    def left(self) -> float:
        """Seconds for which it is closed to keys that are pressed now, whatever key this is called for."""
        return max(0.0, self._until - self.clock())

    @property
    def closed(self) -> bool:
        """To the key that a command is carried out for, else as of now."""
        event = KEY.get()
        return self.clock() < self._until if event is None else self.closed_to(event)


@dataclass(frozen=True, slots=True)
class Field:
    id: str
    label: str
    hint: str = ""
    value: str = ""
    required: bool = False


class Form(Widget, can_focus=True, inherit_bindings=False):
    """Fields, then the word `confirm` to type. Sends Submitted with the values, or Left on esc."""

    DEFAULT_CSS = "Form { width: 1fr; height: auto; }"

    class Submitted(Message):
        def __init__(self, values: dict[str, str]) -> None:
            super().__init__()
            self.values = values

    class Left(Message):
        """esc: back without deciding."""

    def __init__(self, title: Row, fields: Sequence[Field], confirm: str, *, guard: Guard) -> None:
        super().__init__()
        self._title = title
        self.confirm = confirm
        hint = f"type {confirm} and press enter"
        self.fields = [*fields, Field("confirm", "confirm", hint, required=True)]
        self.entries = [Entry(hint=f.hint, value=f.value) for f in self.fields]
        self.at = 0
        self.problem = ""
        self.guard = guard
        self.asked_for = True
        """A person opened it: what they type counts at once, and only enter has to wait. False for what appeared
        or changed by itself: keys may have been meant for something else."""
        self._last_letter = 0.0
        self.styles.height = len(self.fields) + 3

    def unsay(self, problem: str) -> None:
        """Empty the confirmation: what was about to be confirmed has changed."""
        self.entries[-1].value = ""
        self.problem = problem
        self.asked_for = False
        self.guard.restart()
        self.refresh()

    def on_key(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()
        if self.too_early(event):
            return
        self.problem = ""
        now = self.guard.pressed(event)
        last = self.at == len(self.fields) - 1
        if event.key == "escape":
            self.post_message(self.Left())
        elif event.key == "enter" and last:
            self._submit(now - self._last_letter)
        elif event.key == "enter":
            self.at = self._next_to_fill_in()
        elif event.key in ("tab", "down"):
            self.at = min(self.at + 1, len(self.fields) - 1)
        elif event.key in ("shift+tab", "up"):
            self.at = max(self.at - 1, 0)
        elif self.entries[self.at].press(event):
            self._last_letter = now
        self.refresh()

    def too_early(self, event: events.Key) -> bool:
        """Whether the guard keeps this key from counting."""
        return self.guard.closed_to(event) and (event.key == "enter" or not self.asked_for)

    def _next_to_fill_in(self) -> int:
        """Where enter leads: behind this field."""
        return min(self.at + 1, len(self.fields) - 1)

    def on_paste(self, event: events.Paste) -> None:
        """A paste may fill a field, never the confirmation."""
        event.stop()
        if self.guard.closed_to(event):
            return
        if self.at == len(self.fields) - 1:
            self.problem = "a paste does not confirm: type it"
        else:
            self.entries[self.at].paste(event.text)
            self._last_letter = self.guard.pressed(event)
        self.refresh()

    def _submit(self, pause: float) -> None:
        for index, field in enumerate(self.fields[:-1]):
            if field.required and not self.entries[index].value.strip():
                self.at, self.problem = index, f"{field.label} is missing"
                return
        if pause < HUMAN_PACE_S:
            self.unsay("that came too fast for a hand: type it again")
        elif self.entries[-1].value.strip() != self.confirm:
            self.problem = f"to confirm, type {self.confirm}"
        else:
            values = {f.id: e.value.strip() for f, e in zip(self.fields, self.entries, strict=True)}
            self.entries[-1].value = ""
            self.post_message(self.Submitted(values))

    def render_line(self, y: int) -> Strip:
        width, count = self.size.width, len(self.fields)
        if y == 0:
            return frame.top(BOX, self._title, "", width, focused=True)
        if y > count + 1:
            return frame.bottom(BOX, "", width, focused=True)
        row = BLANK if y > count else self._field_row(y - 1, max(1, width - BOX.before - BOX.after))
        if y > count and self.problem:
            row = Row(self.problem, "bad")
        return frame.between(BOX, row, None, width, focused=True)

    def _field_row(self, index: int, width: int) -> Row:
        active = index == self.at
        row = Row().column(self.fields[index].label, 12, "strong" if active else "dim")
        row.left += self.entries[index].row(max(1, width - 12), active=active).left
        return row
