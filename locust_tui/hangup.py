"""Notices that the terminal is gone, also where SIGHUP is ignored (nohup): without it the screen would spin for ever."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import threading
from collections.abc import Callable
from typing import TextIO

GRACE_S = 0.8
"""So long an orderly end may take before the process ends without one: there is nobody left to restore for."""


def watch_for_hangup(
    loop: asyncio.AbstractEventLoop, terminal: TextIO | None, end: Callable[[signal.Signals], None]
) -> None:
    """Call `end(SIGHUP)` in the loop when the terminal hangs up. A daemon thread waits for it; it costs nothing."""
    if terminal is None:
        return
    poll = select.poll()
    poll.register(terminal.fileno(), 0)  # hang-up and error are always reported

    def wait() -> None:
        while not any(
            event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, event in poll.poll()
        ):
            pass
        if not loop.is_closed():
            at_last = threading.Timer(GRACE_S, os._exit, (128 + signal.SIGHUP,))
            at_last.daemon = True
            at_last.start()
            loop.call_soon_threadsafe(end, signal.SIGHUP)

    threading.Thread(target=wait, name="hangup", daemon=True).start()
