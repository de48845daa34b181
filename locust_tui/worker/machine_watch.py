"""What this machine lacks and what befalls it, as far as the work depends on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from locust_tui.domain.events import Noted
from locust_tui.execution.local import LocalExecutor
from locust_tui.state.store import Store

from .floors import Floors
from .machine_sleep import MachineSleep
from .noting import note_down
from .out_of_memory import OutOfMemory
from .shortage import Shortage
from .standstill import Standstill
from .troubles import Troubles


class MachineWatch:
    """One per worker. `wake`: look again at what is to be done."""

    def __init__(
        self, store: Store, root: Path, executor: LocalExecutor, troubles: Troubles, wake: Callable[[], None]
    ) -> None:
        self._store = store
        self._troubles = troubles
        self._wake = wake
        self.memory = OutOfMemory()
        self.sleep = MachineSleep(store)
        self.standstill = Standstill(executor.stopped_by_others)
        self.shortage = Shortage(self._on_shortage)
        self.floors = Floors(root, self.shortage, executor.spare_disk)
        troubles.watch("starts", self._why_nothing_starts)

    def _on_shortage(self, lack: str, is_news: bool) -> None:
        """The machine lacks something, or (empty) has it again: that decides whether anything is started."""
        self._wake()
        self._troubles.look()
        if is_news:
            words = f"nothing is started for now: {lack}" if lack else "starts go on"
            note_down(self._store, [Noted("warning" if lack else "info", words)])

    def _why_nothing_starts(self) -> str | None:
        return f"nothing is started for now: {self.shortage.words}" if self.shortage.words else None
