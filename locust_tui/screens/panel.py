"""Panels that lie over the main screen: a list in a box, sometimes with a form under it."""

from __future__ import annotations

from collections.abc import Iterable

from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import Widget

from locust_tui.widgets.sheet import Sheet

from .base import TOLD, Reading


class Panel(ModalScreen[None], Reading):
    """The screen under it stays in sight and alive."""

    notice_on_top = False
    DEFAULT_CSS = """
    Panel { align: left bottom; background: transparent; }
    Panel #panel { width: 100%; height: 20; max-height: 80%; background: ansi_default; }
    Panel #footer { background: ansi_default; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        Reading.__init__(self, id=id)
        self._modal = True
        self.sheet = Sheet(id="choices")

    def body(self) -> Iterable[Widget]:
        yield Vertical(*self.parts(), id="panel")

    def parts(self) -> Iterable[Widget]:
        yield self.sheet

    def pane(self) -> Sheet:
        return self.sheet

    def ready(self) -> None:
        super().ready()
        self.set_focus(self.sheet)

    def action_everywhere(self, command: str) -> None:
        """The line that names the other keys is not here."""
        if command not in TOLD.values():
            super().action_everywhere(command)

    def fit(self, lines: int) -> None:
        """As high as its lines, within what the screen has."""
        self.query_one("#panel").styles.height = max(4, min(lines, 30))
