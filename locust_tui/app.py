"""The cockpit's app: a guest of its caller that draws snapshots and sends requests, and leaves the terminal as it was."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from typing import Any

from .cockpit import Left
from .crash import write_crash_report
from .hangup import watch_for_hangup
from .screens.host import Host
from .screens.leaving import leaving_words
from .screens.main import MainScreen

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
"""Ctrl+C is a key while the screen is drawn; SIGINT comes from elsewhere and means it."""


class CockpitApp(Host):
    """Signals end it like a key would: the terminal is restored, the exit code says which signal it was."""

    crash = ""
    """What is said of an error of the cockpit's own, once the screen is gone."""

    def get_default_screen(self) -> MainScreen:
        """Not a blank one under it, which would be laid out first."""
        return MainScreen()

    def take_signals(self) -> None:
        """Before anything is drawn: a signal that comes while the first frame is built restores the terminal too."""
        loop = asyncio.get_running_loop()
        for number in _ENDING:
            loop.add_signal_handler(number, self._end_by, number)
        loop.set_exception_handler(self._on_loop_error)
        watch_for_hangup(loop, sys.__stdin__, self._end_by)

    def on_mount(self) -> None:
        self.take_in()

    def on_ready(self) -> None:
        gc.freeze()
        gc.enable()

    def _end_by(self, number: signal.Signals) -> None:
        self.exit(return_code=128 + number)

    def _on_loop_error(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """An error in a call of the loop's, behind which there would be no more snapshots, is one of the cockpit's own."""
        error = context.get("exception")
        if "handle" in context and isinstance(error, Exception):
            self._handle_exception(error)
        else:
            loop.default_exception_handler(context)

    def _fatal_error(self) -> None:
        """Textual would print the locals of every frame, secrets and all."""
        if not self.is_headless and not self.crash:
            self.crash = write_crash_report(self._exception or RuntimeError())
        self._close_messages_no_wait()

    def _print_error_renderables(self) -> None:
        """What is to be said is said in `left`."""
        self._exit_renderables.clear()

    def _set_pointer_shape(self, shape: str) -> None:
        """Textual would send an OSC for every cell the mouse crosses: few terminals know it, every connection pays."""

    @property
    def is_mute(self) -> bool:
        """Whether the terminal took nothing any more: a word to it would never be through."""
        return bool(getattr(self._driver, "mute", False))

    def left(self) -> Left:
        """How it was left. Said in one line; an error names its report."""
        code = self.return_code or 0
        if self.is_mute:
            return Left(code, "")
        if self.crash:
            return Left(code, self.crash)
        if self.failure is not None:
            help_ = f"\nhelp: {self.failure.help}" if self.failure.help else ""
            return Left(code, f"error: {self.failure.message}{help_}")
        return Left(code, leaving_words(self.view, self.port.plan_path))

    def restore_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in _ENDING:
            loop.remove_signal_handler(number)


def pace(environ: dict[str, str] | os._Environ[str]) -> float:
    """Snapshots drawn a second: fewer where each byte crosses a network."""
    return 5.0 if environ.get("SSH_CONNECTION") else 10.0
