"""Looks at the log's file a few times a second while it can be seen, once a second when its run has ended."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

from locust_tui.widgets.log import LogPane


class LogClock:
    """Timers of the event loop: they cost less than the framework's own."""

    def __init__(self, pane: LogPane, visible: Callable[[], bool]) -> None:
        self._pane = pane
        self._visible = visible
        self._handle: asyncio.TimerHandle | None = None
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
                self._pane.poll()
            except Exception as error:
                self._pane.app._handle_exception(error)
                return
        wait = self._pace if visible and not self._pane.settled else 1.0
        self._handle = asyncio.get_running_loop().call_later(wait, self._look)
