"""Looks at the log's file while it can be seen: ten times a second while it grows, then twice, once a second when its
run has ended."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable

from locust_tui.widgets.log import LogPane
from locust_tui.widgets.log_file import LogFile

QUIET_AFTER_S = 5.0
"""Without new output for so long, the file is looked at less often."""
QUIET_S = 0.5


class LogClock:
    """Timers of the event loop: they cost less than the framework's own."""

    def __init__(self, pane: LogPane, visible: Callable[[], bool]) -> None:
        self._pane = pane
        self._visible = visible
        self._handle: asyncio.TimerHandle | None = None
        self._file: LogFile | None = None
        self._grew = 0.0
        self._pace = 0.25 if os.environ.get("SSH_CONNECTION") else 0.1

    def start(self) -> None:
        self._handle = asyncio.get_running_loop().call_later(self._pace, self._look)

    def stop(self) -> None:
        if self._handle is not None:
            self._handle.cancel()

    def _look(self) -> None:
        visible = self._visible()
        if visible:
            try:
                grew = self._pane.poll()
            except Exception as error:
                self._pane.app._handle_exception(error)
                return
            if grew or self._file is not self._pane.file:
                self._file, self._grew = self._pane.file, time.monotonic()
        wait = 1.0
        if visible and not self._pane.settled:
            wait = QUIET_S if time.monotonic() - self._grew > QUIET_AFTER_S else self._pace
        self._handle = asyncio.get_running_loop().call_later(wait, self._look)
