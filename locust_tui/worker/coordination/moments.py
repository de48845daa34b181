"""Duties that look again when something changed or a moment has come."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from locust_tui.domain.clock import Clock
from locust_tui.state.errors import StoreError
from locust_tui.state.store import Store

log = logging.getLogger(__name__)

PAUSE_S = 0.25
"""Between two looks, however much is recorded."""
LONGEST_S = 3600.0
DISK_PATIENCE_S = 1.0


async def settle_forever(store: Store, clock: Clock, settle: Callable[[], Awaitable[float | None]]) -> None:
    """Call `settle` after every commit and at the moment that it returned; ends only by being cancelled."""
    changed = asyncio.Event()
    leave = store.subscribe(lambda _revision: changed.set())
    try:
        while True:
            changed.clear()
            try:
                at = await settle()
            except StoreError as error:
                log.error("%s", error)
                at = clock() + DISK_PATIENCE_S
            await _until(changed, LONGEST_S if at is None else at - clock())
            await asyncio.sleep(PAUSE_S)
    finally:
        leave()


async def _until(changed: asyncio.Event, seconds: float) -> None:
    """The event, or so many seconds."""
    try:
        async with asyncio.timeout(min(LONGEST_S, max(0.0, seconds))):
            await changed.wait()
    except TimeoutError:
        return
