"""One run's terminal as an app of its own: the cockpit's manners, and only that screen."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from .app import CockpitApp, pace
from .cockpit import forget_written_size
from .screens.attach import AttachScreen, attach_screen
from .screens.base import CockpitScreen
from .widgets.charset import choose_charset

if TYPE_CHECKING:
    from .client.port import Port
    from .domain.snapshot import RunView


class AttachedApp(CockpitApp):
    """Shows one run until its key leaves it; signals end it as they end the cockpit."""

    def __init__(self, port: Port, run: RunView, folder: Path, leave: str) -> None:
        super().__init__(port, hertz=pace(os.environ))
        self._run, self._run_folder, self._leave = run, folder, leave
        self.ended = False

    def get_default_screen(self) -> CockpitScreen:  # type: ignore[override]
        """Instead of the cockpit's main one."""
        return attach_screen(self._run, self._run_folder, self._leave, self._detach)

    def _detach(self) -> None:
        screen = self.screen
        runs = self.view.snapshot.runs if self.view is not None else ()
        run = next((r for r in runs if r.id == self._run.id), self._run)
        shown = isinstance(screen, AttachScreen) and screen.terminal.ended
        self.ended = shown or run.ended is not None
        self.exit(return_code=0)


async def run_attached(port: Port, run: RunView, folder: Path, leave: str) -> tuple[int, str]:
    """Draw until the person leaves or a signal ends it: exit code, and what is said once the terminal is back."""
    choose_charset()
    forget_written_size()
    app = AttachedApp(port, run, folder, leave)
    app.take_signals()
    try:
        await app.run_async(mouse=True)
    finally:
        app.restore_signals()
    left = app.left()
    code = app.return_code or 0
    if app.crash or app.failure is not None:
        return left.exit_code, left.words
    if app.is_mute or (code > 128 and sys.stderr is None):
        return code, ""
    return (
        code,
        f"{run.id} has ended" if app.ended else f"left {run.id}; it goes on (locust-tui attach {run.id})",
    )
