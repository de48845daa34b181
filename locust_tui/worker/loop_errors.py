"""What the event loop has to say of errors that nobody waits for: in the log, and the same one not over and over."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

log = logging.getLogger(__name__)

AGAIN_S = 10.0


class LoopErrors:
    """An exception handler for a loop. One kind of error is logged once in ten seconds, with how often it came meanwhile."""

    def __init__(self) -> None:
        self._silent: dict[tuple[str, str], tuple[float, int]] = {}
        """By message and error: until when it is not logged, and how many were not."""

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        message = str(context.get("message") or "an error that nobody waited for")
        kind = (message, f"{type(error).__name__}: {error}")
        now = time.monotonic()
        until, unsaid = self._silent.get(kind, (0.0, 0))
        if now < until:
            self._silent[kind] = until, unsaid + 1
            return
        self._silent = {k: v for k, v in self._silent.items() if v[0] > now}
        self._silent[kind] = now + AGAIN_S, 0
        more = f" ({unsaid} more like it since)" if unsaid else ""
        log.error("%s%s", message, more, exc_info=error)
