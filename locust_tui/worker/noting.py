"""Queues events that nobody waits for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from locust_tui.domain.events import EventBody
from locust_tui.domain.people import WORKER
from locust_tui.state.errors import StoreError
from locust_tui.state.store import Store

log = logging.getLogger(__name__)


def note_down(store: Store, events: Sequence[EventBody]) -> None:
    """Record `events` with the next commit. While the disk refuses them, they are only logged."""
    if not events:
        return
    try:
        store.append_nowait(WORKER, *events).add_done_callback(_log_refusal)
    except StoreError as error:
        log.error("%s", error)


def _log_refusal(waiting: asyncio.Future[int]) -> None:
    if not waiting.cancelled() and (error := waiting.exception()) is not None:
        log.error("%s", error)
