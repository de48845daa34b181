"""Waiting for news of the record: the worker's word where one runs, a look once a second where none does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..errors import LocustTuiError

if TYPE_CHECKING:
    from ..client.connection import Connection
    from .target import Target

_LOOK_S = 1.0


def wakeups(target: Target) -> Iterator[bool]:
    """Yield at once, and then whenever there may be something new: whether a worker is there. Never ends by itself."""
    connection: Connection | None = None
    try:
        while True:
            connection = connection or _subscribed(target)
            yield connection is not None
            if connection is None:
                time.sleep(_LOOK_S)
            elif not _told(connection):
                connection.__exit__(None, None, None)
                connection = None
    finally:
        if connection is not None:
            connection.__exit__(None, None, None)


def _subscribed(target: Target) -> Connection | None:
    from ..client.connection import Connection
    from ..client.requests import Subscribe

    try:
        connection = Connection(target.folder.socket)
        connection.ask(Subscribe(viewer=False))
    except LocustTuiError:
        return None
    return connection


def _told(connection: Connection) -> bool:
    """Wait for a pushed revision; False when the worker is gone."""
    try:
        connection.receive()
    except TimeoutError:
        return True
    except (LocustTuiError, OSError):
        return False
    return True
