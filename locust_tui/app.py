"""The cockpit's app: a guest of its caller that draws snapshots and sends requests, and leaves the terminal as it was."""

from __future__ import annotations

import gc

from .cockpit import Left
from .screens.host import Host
from .screens.main import MainScreen
from .widgets.charset import choose_charset
from .widgets.headline import leaving_words


class CockpitApp(Host):
    CSS = "Screen { background: ansi_default; color: ansi_default; }"

    def on_mount(self) -> None:
        choose_charset()
        self.push_screen(MainScreen())
        self.take_in()

    def on_ready(self) -> None:
        gc.freeze()
        gc.enable()

    def left(self) -> Left:
        return Left(self.return_code or 0, leaving_words(self.view))
