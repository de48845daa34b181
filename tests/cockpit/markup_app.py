"""A program that reads texts from outside as markup, as the cockpit never may: python tests/cockpit/markup_app.py."""

from __future__ import annotations

import hostile
from textual.app import App, ComposeResult
from textual.widgets import Static


class MarkupApp(App[None]):
    def compose(self) -> ComposeResult:
        yield Static("leave running")
        yield Static(hostile.CLICKS)


if __name__ == "__main__":
    MarkupApp().run()
