"""Tells of new messages at a terminal that watches without the cockpit: its bell and the desktop."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from ..errors import LocustTuiError
from ..report.announcing import BELL, BELL_WAY, DESKTOP_WAY, Announced, notice, of_way, rings
from .output import put_sequences

if TYPE_CHECKING:
    from ..domain.snapshot import Snapshot
    from .target import Target


class Teller:
    """Silent where nobody looks, and about what is not owed to a terminal when it begins."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._looks = sys.stdout is not None and sys.stdout.isatty()
        self._announced = Announced()

    def __call__(self, snapshot: Snapshot) -> None:
        """Ring and tell of what is new; what the plan asks for is noted in the record where a worker is there."""
        new = self._announced.new(snapshot.announcements)
        if not self._looks:
            return
        told = [notice(one, os.environ) for one in new if DESKTOP_WAY in one.owed]
        put_sequences((BELL if rings(new) else "") + "".join(told))
        for way in (BELL_WAY, DESKTOP_WAY):
            self._note(way, of_way(new, way))

    def _note(self, way: str, ids: tuple[str, ...]) -> None:
        from ..client.connection import Connection
        from ..client.requests import MessagesShown

        if not ids:
            return
        try:
            with Connection(self._target.folder.socket) as connection:
                connection.ask(MessagesShown(ids, way))
        except LocustTuiError:
            return
