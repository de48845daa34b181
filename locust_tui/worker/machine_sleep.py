"""The time that the machine was suspended: put on record before anything is decided by the clock."""

from __future__ import annotations

from locust_tui.domain.clock import Clock
from locust_tui.domain.events import MachineSlept
from locust_tui.domain.people import WORKER
from locust_tui.machine import suspended
from locust_tui.state.store import Store

LEAST_S = 2.0


class MachineSleep:
    """The record's time runs on in suspend, and timers do not: its commit also wakes whoever waits for a moment."""

    def __init__(self, store: Store, asleep: Clock = suspended) -> None:
        self._store = store
        self._asleep = asleep

    @property
    def unnoted(self) -> float:
        """Seconds that the record does not know of yet."""
        return self._asleep() - self._store.world.project.suspended

    async def note(self) -> None:
        """Raises StoreError while the disk refuses it."""
        if (seconds := self.unnoted) > LEAST_S:
            await self._store.append(WORKER, MachineSlept(seconds))
