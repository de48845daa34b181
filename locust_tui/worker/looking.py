"""Looks at the files that change without anybody's word: what running agents write, and what waiting gates rest on."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path

from locust_tui.agents.shell_lines import Claim
from locust_tui.domain.clock import Clock
from locust_tui.domain.events import RunUsed
from locust_tui.domain.plan import Plan
from locust_tui.domain.states import GateState
from locust_tui.domain.world import RunStatus
from locust_tui.errors import LocustTuiError
from locust_tui.state.store import Store

from .budgets import spending_events
from .conversing.conversations import Conversations
from .conversing.silence import Silence
from .measuring import Measurer
from .notifications import Notifications
from .noting import note_down
from .out_of_memory import OutOfMemory
from .planning import PlanKeeper
from .progress import ProgressReader
from .rates import Rates
from .standstill import Standstill

log = logging.getLogger(__name__)

LOOK_S = 0.25
"""How often running agents' files are looked at for reports."""
IDLE_LOOK_S = 1.0
"""How often it is asked whether any agent runs, while none does."""
REFUSED_S = 1.0
"""So long after the record refused what agents said they are read again."""
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
        clock: Clock,
        standstill: Standstill,
        memory: OutOfMemory,
    ) -> None:
        """`mask` is told of values that agents want masked."""
        self._standstill = standstill
        self._memory = memory
        self._store = store
        self._keeper = keeper
        self._measurer = measurer
        self._talks = talks
        self._notifications = notifications
        self._clock = clock
        self._refused = False
        """What agents said was not recorded: it is to be read again."""
        self._rates = Rates()
        self._progress = ProgressReader(runs_root, mask)
        self._silence = Silence(runs_root, clock, notifications.quiet_for)

    async def at_agents_forever(self) -> None:
        """Agents' reports, a few times a second while any runs."""
        while True:
            live = self._store.world.live_runs()
            await asyncio.sleep(LOOK_S if live else IDLE_LOOK_S)
            plan = self._keeper.plan
            self._memory.look(live)
            if live and plan is not None:
                await self._recorded_again()
                live = self._store.world.live_runs()
                said = self._progress.look(plan, live, self._talks.spoken)
                note_down(self._store, said, refused=self._read_again)
                note_down(self._store, self._standstill.look(live, self._talks.spoken))
                note_down(self._store, self._silence.look(plan, live, self._talks.spoken))
                self._spend(plan, self._rates.look(plan, live, self._clock()))

    def _read_again(self) -> None:
        self._refused = True

    async def _recorded_again(self) -> None:
        """While the record takes nothing, what agents say waits in their files."""
        while self._refused:
            self._progress.read_again()
            self._refused = False
            await asyncio.sleep(REFUSED_S)

    def at_words_before(self, run_id: str) -> None:
        """What a running agent wrote before it asked for something: what it says then is the later word."""
        run, plan = self._store.world.runs.get(run_id), self._keeper.plan
        if run is not None and run.live and plan is not None:
            log = run.id not in self._talks.spoken
            note_down(self._store, self._progress.read(plan, run, log=log), refused=self._read_again)

    def at_last_words(self, run: RunStatus, ended: float) -> None:
        """What a run that ended, perhaps long before this worker began, wrote since the last look."""
        self._notifications.end(run.id)
        if self._keeper.plan is not None:
            log = run.id not in self._talks.spoken
            note_down(self._store, self._progress.read(self._keeper.plan, run, ended=True, log=log))
            self._spend(
                self._keeper.plan, self._rates.last(self._keeper.plan, run, min(ended, self._clock()))
            )

    def _spend(self, plan: Plan, used: list[RunUsed]) -> None:
        """Record it, and what of a budget that comes to."""
        for one in used:
            note_down(self._store, [one])
            world = self._store.world
            note_down(self._store, spending_events(plan, world, world.runs[one.run]))

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
