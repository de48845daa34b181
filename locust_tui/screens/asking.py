"""Panels that ask before something is done to a workstream: facts, a note, a word to type."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from textual import on
from textual.widget import Widget

from locust_tui.widgets.form import Form, Guard
from locust_tui.widgets.row import Row

from .base import CockpitScreen
from .panel import Panel
from .person_form import PersonForm
from .questions import Question


class AskScreen(Panel):
    """Says what will happen, takes fields and the typed word, then calls `then` with the values and closes."""

    DEFAULT_CSS = "AskScreen #panel { height: auto; max-height: 100%; }"

    def __init__(self, asked: Question, then: Callable[[dict[str, str]], None]) -> None:
        super().__init__(id="ask")
        self.guard = Guard()
        title = Row(asked.title, "strong")
        self.form: PersonForm = PersonForm(title, asked.facts, asked.fields, asked.confirm, guard=self.guard)
        self._then = then

    def parts(self) -> Iterable[Widget]:
        yield self.form

    def ready(self) -> None:
        CockpitScreen.ready(self)
        self.guard.restart()
        self.form.focus()

    def footer_keys(self) -> Iterable[tuple[str, str, bool]]:
        return (("enter", "next field", True), ("shift+tab", "field before", True), ("esc", "leave it", True))

    @on(Form.Left)
    def _left(self, message: Form.Left) -> None:
        message.stop()
        self.go_back()

    @on(Form.Submitted)
    def _submitted(self, message: Form.Submitted) -> None:
        message.stop()
        if self.go_back():
            self._then(message.values)
