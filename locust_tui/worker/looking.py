"""Looks at the files that change without anybody's word: what running agents write, and what waiting gates rest on."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path

from locust_tui.agents.shell_lines import Claim
from locust_tui.domain.states import GateState
from locust_tui.domain.world import RunStatus
from locust_tui.errors import LocustTuiError
from locust_tui.state.store import Store

from .conversing.conversations import Conversations
from .conversing.silence import Silence
from .measuring import Measurer
from .notifications import Notifications
from .noting import note_down
from .planning import PlanKeeper
from .progress import ProgressReader

log = logging.getLogger(__name__)

LOOK_S = 0.25
"""How often running agents' files are looked at for reports."""
IDLE_LOOK_S = 1.0
"""How often it is asked whether any agent runs, while none does."""
INPUTS_S = 3.0
"""How often the inputs of measured criteria are looked at while a gate waits."""
INPUTS_SHARE = 50
"""Looking at inputs costs at most one part in so many of the time."""


class Looking:
    """One per worker. Each `…_forever` is a duty that ends only by being cancelled."""

    def __init__(
        self,
        store: Store,
        keeper: PlanKeeper,
        measurer: Measurer,
        talks: Conversations,
        runs_root: Path,
        mask: Callable[[str], None],
        notifications: Notifications,
    ) -> None:
        """`mask` is told of values that agents want masked."""
        self._store = store
        self._keeper = keeper
        self._measurer = measurer
        self._talks = talks
        self._notifications = notifications
        self._progress = ProgressReader(runs_root, mask)
        self._silence = Silence(runs_root, notifications.quiet_for)

    async def at_agents_forever(self) -> None:
        """Agents' reports, a few times a second while any runs."""
        while True:
            live = self._store.world.live_runs()
            await asyncio.sleep(LOOK_S if live else IDLE_LOOK_S)
            plan = self._keeper.plan
            if live and plan is not None:
                live = self._store.world.live_runs()
                note_down(self._store, self._progress.look(plan, live, self._talks.spoken))
                note_down(self._store, self._silence.look(plan, live, self._talks.spoken))

    def at_last_words(self, run: RunStatus) -> None:
        """What a run that ended wrote since the last look."""
        self._notifications.end(run.id)
        if self._keeper.plan is not None:
            log = run.id not in self._talks.spoken
            note_down(self._store, self._progress.read(self._keeper.plan, run, ended=True, log=log))

    def claimed(self, run_id: str, claim: Claim) -> None:
        """What a run said by datagram."""
        run = self._store.world.runs.get(run_id)
        if run is not None and run.live:
            self._progress.claim(run, claim)

    async def at_inputs_forever(self) -> None:
        """Mark what was measured of gates that wait for a decision, and no longer holds."""
        while True:
            began = time.monotonic()
            plan = self._keeper.plan
            for gate in plan.gates.values() if plan is not None else ():
                if self._store.world.gate(gate.id).state in (GateState.READY, GateState.PENDING):
                    try:
                        await self._measurer.notice_stale(gate)
                    except LocustTuiError as error:
                        log.error("%s", error)
            await asyncio.sleep(max(INPUTS_S, INPUTS_SHARE * (time.monotonic() - began)))
