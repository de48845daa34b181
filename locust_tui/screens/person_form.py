"""The one shape of every form: what follows, the fields, the note, as whom, and the word typed to confirm."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events
from textual.message import Message
from textual.strip import Strip

from locust_tui.domain.dataclass import dataclass
from locust_tui.widgets import frame
from locust_tui.widgets.entry import Entry
from locust_tui.widgets.form import Field, Form, Guard
from locust_tui.widgets.frame import BOX
from locust_tui.widgets.row import BLANK, Row, crop, shown
from locust_tui.widgets.tones import Tone

WAIT = "wait half a second: this has just appeared or changed"
PAGE = 0.9
"""Of the room: a line or two of the page before stay in view."""
Remark = tuple[str, Tone]


@dataclass(frozen=True, slots=True)
class Offer:
    value: str
    """What is sent."""
    label: str
    """What the person sees."""


@dataclass(frozen=True, slots=True)
class FormField(Field):
    options: tuple[Offer, ...] = ()
    """Where there are some, one of them is chosen instead of text typed."""
    problem: Callable[[str], str] | None = None
    """Why a value cannot be sent, "" when it can."""
    remark: Callable[[str], Remark] | None = None
    """What is said beside the value while it is typed."""


class Pick(Entry):
    """One of a few options, turned with ← and →, or found by the first letter of its label."""

    def __init__(self, options: Sequence[Offer], value: str) -> None:
        found = next((i for i, option in enumerate(options) if option.value == value), 0)
        super().__init__(value=options[found].value)
        self._options, self._chosen = tuple(options), found

    def press(self, event: events.Key) -> bool:
        if event.key in ("left", "right", "space"):
            self._turn(-1 if event.key == "left" else 1)
        elif event.is_printable and event.character is not None:
            letter, count = event.character.casefold(), len(self._options)
            later = [(self._chosen + step) % count for step in range(1, count + 1)]
            found = [i for i in later if self._options[i].label.casefold().startswith(letter)]
            self._choose(found[0] if found else self._chosen)
        else:
            return False
        return True

    def paste(self, text: str) -> None:
        """Nothing is pasted into a choice."""

    def _turn(self, step: int) -> None:
        self._choose((self._chosen + step) % len(self._options))

    def _choose(self, index: int) -> None:
        self._chosen = index
        self.value = self._options[index].value

    def row(self, width: int, *, active: bool) -> Row:
        option, count = self._options[self._chosen], len(self._options)
        if count == 1:
            return Row(option.label, "strong" if active else "text")
        tail = f"  {self._chosen + 1} of {count}" + ("  ← →" if active else "")
        name = crop(shown(option.label), max(1, width - len(tail) - 4))
        row = Row("‹ ", "key" if active else "dim").add(name, "strong" if active else "text")
        return row.add(" ›", "key" if active else "dim").add(tail, "dim")


class PersonForm(Form):
    """`facts` say what follows from it; they stand over the fields. It starts at the first field left to fill in."""

    class Page(Message):
        """The person wants to see more of what the form is about: `fraction` pages further down."""

        def __init__(self, fraction: float) -> None:
            super().__init__()
            self.fraction = fraction

    class Changed(Message):
        """Something was typed or chosen."""

    def __init__(
        self, title: Row, facts: Sequence[Row], fields: Sequence[Field], confirm: str, *, guard: Guard
    ) -> None:
        super().__init__(title, fields, confirm, guard=guard)
        self.facts = list(facts)
        for index, field in enumerate(self.fields):
            if isinstance(field, FormField) and field.options:
                self.entries[index] = Pick(field.options, field.value)
        self.at = next(i for i, f in enumerate(self.fields) if not f.value or _is_choice(f))
        self._fit()

    def value(self, id: str) -> str:
        """What stands in a field now; "" where the form has no such field."""
        return next(
            (e.value.strip() for f, e in zip(self.fields, self.entries, strict=True) if f.id == id), ""
        )

    def tell(self, facts: Sequence[Row]) -> None:
        """Say what follows anew."""
        if self.facts != list(facts):
            self.facts = list(facts)
            self._fit()
            self.refresh(layout=True)

    def _fit(self) -> None:
        self.styles.height = len(self.fields) + len(self.facts) + 3

    def on_key(self, event: events.Key) -> None:
        if self.too_early(event) and event.key != "escape":
            event.stop()
            event.prevent_default()
            self.problem = WAIT
            self.refresh()
        elif event.key == "escape":
            event.stop()
            event.prevent_default()
            self.post_message(self.Left())
        elif event.key in ("pagedown", "pageup"):
            event.stop()
            event.prevent_default()
            self.post_message(self.Page(PAGE if event.key == "pagedown" else -PAGE))
        else:
            self.post_message(self.Changed())

    def _next_to_fill_in(self) -> int:
        """Enter passes over what stands there already and may be sent, so that no word meant for later lands in it."""
        at = super()._next_to_fill_in()
        while at < len(self.fields) - 1 and self._is_settled(at):
            at += 1
        return at

    def _is_settled(self, index: int) -> bool:
        field, value = self.fields[index], self.entries[index].value.strip()
        if not isinstance(field, FormField) or field.options or not field.value or value != field.value:
            return False
        return field.problem is None or not field.problem(value)

    def _submit(self, pause: float) -> None:
        for index, field in enumerate(self.fields[:-1]):
            value = self.entries[index].value.strip()
            if field.required and not value:
                self.at, self.problem = index, f"{field.label} is missing"
                return
            why = field.problem(value) if isinstance(field, FormField) and field.problem else ""
            if why:
                self.at, self.problem = index, why
                return
        super()._submit(pause)

    def render_line(self, y: int) -> Strip:
        above = len(self.facts)
        if 1 <= y <= above:
            return frame.between(BOX, self.facts[y - 1], None, self.size.width, focused=True)
        if y == above + len(self.fields) + 1:
            row = Row(self.problem, "bad" if self.problem != WAIT else "you") if self.problem else BLANK
            return frame.between(BOX, row, None, self.size.width, focused=True)
        return super().render_line(y if y == 0 else y - above)

    def _field_row(self, index: int, width: int) -> Row:
        field, row = self.fields[index], super()._field_row(index, width)
        if isinstance(field, FormField) and field.remark is not None:
            words, tone = field.remark(self.entries[index].value.strip())
            if words:
                row.end(words, tone)
        return row


def _is_choice(field: Field) -> bool:
    return isinstance(field, FormField) and len(field.options) > 1
