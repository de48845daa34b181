"""Waiting for the worker to draw its conclusions from what was asked of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from .target import Target

T = TypeVar("T")
SETTLES_S = 10.0
"""Without anything new for so long, it is told as it stands: a merge may take a while."""


def settled(target: Target, look: Callable[[], tuple[T, bool]]) -> T:
    """What `look` finds, at each new revision until it says that this is settled, or nothing more comes in time."""
    from ..client.connection import Connection
    from ..client.requests import Subscribe
    from ..errors import LocustTuiError

    with Connection(target.folder.socket, timeout=SETTLES_S) as connection:
        connection.ask(Subscribe(viewer=False))
        while True:
            found, enough = look()
            if enough:
                return found
            try:
                connection.receive()
            except (TimeoutError, LocustTuiError):
                return found
