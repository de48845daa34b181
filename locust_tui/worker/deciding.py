"""Asks `decide` what to do whenever something changed, has it carried out, and sets the timer for what time alone changes."""

from __future__ import annotations

import asyncio
import logging

from locust_tui.domain.clock import Clock
from locust_tui.domain.plan import Plan
from locust_tui.domain.states import WorkstreamState
from locust_tui.errors import LocustTuiError
from locust_tui.execution.shortage import lack_in
from locust_tui.state.errors import StoreError
from locust_tui.state.store import Store

from .actions import Decision, Move, Start
from .branches import Branches
from .carrying import Carrier
from .decide import Outlook, decide
from .facts import FactWatch
from .machine_sleep import MachineSleep
from .measuring import Measurer
from .planning import PlanKeeper
from .shortage import FIRST_DELAY_S, LONGEST_DELAY_S, Shortage
from .supervisor import Supervisor

log = logging.getLogger(__name__)

DISK_PATIENCE_S = 1.0
LONGEST_TIMER_S = 3600.0
_STARTS = "what is to be started"


class Deciding:
    """One per worker. `wake` is set whenever the answer may have changed."""

    def __init__(
        self,
        store: Store,
        keeper: PlanKeeper,
        supervisor: Supervisor,
        measurer: Measurer,
        branches: Branches,
        carrier: Carrier,
        clock: Clock,
        sleep: MachineSleep,
        wake: asyncio.Event,
        shortage: Shortage,
    ) -> None:
        self._store = store
        self._keeper = keeper
        self._supervisor = supervisor
        self._measurer = measurer
        self._branches = branches
        self._carrier = carrier
        self._clock = clock
        self._sleep = sleep
        self._wake = wake
        self._shortage = shortage
        self._patience = FIRST_DELAY_S
        self._outlook: Outlook | None = None
        self._facts = FactWatch()
        self._timer: asyncio.TimerHandle | None = None
        self._fact_timer: asyncio.TimerHandle | None = None
        self._stopped = False
        self._busy = False

    @property
    def waits(self) -> bool:
        """A moment is ahead at which the plan goes on by time alone, or what is to be done is not decided yet."""
        return self._timer is not None or self._busy or self._wake.is_set()

    def stop(self) -> None:
        """Decide nothing any more."""
        self._stopped = True

    async def forever(self) -> None:
        """A duty that ends only by being cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            if self._stopped:
                continue
            self._busy = True
            try:
                await self._decide_once()
            except StoreError as error:
                log.error("%s", error)
                await asyncio.sleep(DISK_PATIENCE_S)
                self._wake.set()
            except (LocustTuiError, OSError) as error:
                self._put_starts_off(error)
                self._wake.set()
            finally:
                self._busy = False

    def _put_starts_off(self, error: Exception) -> None:
        """For a while, which grows: everything else is decided. Raises an error that is none of the machine's."""
        lack = lack_in(error)
        if lack is None:
            raise error
        log.warning("starts are put off: %s", error)
        self._shortage.lacks(_STARTS, lack)
        asyncio.get_running_loop().call_later(self._patience, self._shortage.has, _STARTS)
        self._patience = min(LONGEST_DELAY_S, 2 * self._patience)

    async def _decide_once(self) -> None:
        await self._sleep.note()
        plan = self._keeper.plan
        if plan is None or self._store.moved:
            return
        self._measurer.take_up(plan)
        if self._outlook is None or self._outlook.plan is not plan:
            self._outlook = Outlook(plan)
        outlook, world, now = self._outlook, self._store.world, self._clock()
        self._look_at_facts(plan, now)
        outlook.measuring = self._measurer.measuring | self._branches.under_way
        outlook.stopping = self._supervisor.stopping | self._supervisor.waiting
        outlook.short = self._shortage.words
        decision = decide(plan, world, now, outlook=outlook)
        if decision.actions:
            await self._carrier.carry_out(plan, decision)
            if any(isinstance(action, Start) for action in decision.actions):
                self._patience = FIRST_DELAY_S
            self._wake.set()
        self._timer = self._set(self._timer, decision.wake_at)

    def _look_at_facts(self, plan: Plan, now: float) -> None:
        """Measure the facts that are due; their timer keeps no worker alive that nothing else needs."""
        keys, again_at = self._facts.due(plan, self._store.world, now)
        self._measurer.begin(keys)
        self._fact_timer = self._set(self._fact_timer, again_at)

    def _set(self, timer: asyncio.TimerHandle | None, at: float | None) -> asyncio.TimerHandle | None:
        if timer is not None:
            timer.cancel()
        if at is None:
            return None
        delay = min(LONGEST_TIMER_S, max(0.0, at - self._clock()))
        return asyncio.get_running_loop().call_later(delay, self._wake.set)

    async def record_what_became_of_the_work(self) -> None:
        """After every agent was stopped: no workstream stays on record as running."""
        plan = self._keeper.plan
        if plan is None:
            return
        decision = decide(plan, self._store.world, self._clock(), outlook=Outlook(plan))
        moves = [a for a in decision.actions if isinstance(a, Move) and self._was_under_way(a.workstream)]
        await self._carrier.carry_out(plan, Decision(tuple(moves)))

    def _was_under_way(self, workstream: str) -> bool:
        state = self._store.world.workstream(workstream).state
        return state in (WorkstreamState.RUNNING, WorkstreamState.NEEDS_INPUT)
