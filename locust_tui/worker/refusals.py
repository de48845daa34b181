"""Who asked for what is not theirs, on record: once in a while for each, however often it is tried."""

from __future__ import annotations

import logging
from dataclasses import field

from locust_tui.domain.clock import Clock
from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.events import Noted
from locust_tui.domain.people import WORKER
from locust_tui.state.store import Store

from .callers import Caller

log = logging.getLogger(__name__)

NOTED_AGAIN_S = 60.0
"""The same attempt of the same caller is noted once in this time."""


@dataclass(slots=True)
class Refusals:
    store: Store
    clock: Clock
    _noted: dict[tuple[str, str], float] = field(default_factory=dict)

    async def of_agent(self, caller: Caller, asked: str) -> None:
        """An agent, or somebody of whom it is not known that they are none, asked for what is a person's."""
        if self._is_new(caller.run, asked):
            who = f"{caller.run or 'somebody who is gone or cannot be traced'} (pid {caller.pid})"
            text = f"refused: {who} asked for {asked}, which is a person's"
            await self.store.append(caller.itself(), Noted("warning", text, caller.run))

    async def of_stranger(self, caller: Caller) -> None:
        """Another user of this machine came to the socket."""
        if self._is_new(f"uid {caller.uid}", "connection"):
            text = f"refused a connection of {caller.name} (uid {caller.uid}, pid {caller.pid})"
            log.warning("%s", text)
            await self.store.append(WORKER, Noted("warning", text))

    def _is_new(self, who: str, asked: str) -> bool:
        now = self.clock()
        if now - self._noted.get((who, asked), float("-inf")) < NOTED_AGAIN_S:
            return False
        self._noted[who, asked] = now
        return True
