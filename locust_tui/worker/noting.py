"""Queues events that nobody waits for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from locust_tui.domain.events import EventBody
from locust_tui.domain.people import WORKER
from locust_tui.state.errors import StoreError
from locust_tui.state.store import Store

log = logging.getLogger(__name__)


def note_down(store: Store, events: Sequence[EventBody], refused: Callable[[], None] | None = None) -> None:
    """Record `events` with the next commit. While the disk refuses them they are only logged, and `refused` is called."""

    def tell(error: BaseException) -> None:
        log.error("%s", error)
        if refused is not None:
            refused()

    def end(waiting: asyncio.Future[int]) -> None:
        if not waiting.cancelled() and (error := waiting.exception()) is not None:
            tell(error)

    if not events:
        return
    try:
        store.append_nowait(WORKER, *events).add_done_callback(end)
    except StoreError as error:
        tell(error)
