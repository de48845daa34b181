"""The worker itself: owns the store, the executor and the plan, asks `decide` what to do and does it."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from collections.abc import Callable
from contextlib import AsyncExitStack

from locust_tui import __version__
from locust_tui.domain.clock import Clock
from locust_tui.domain.events import EventBody, Noted, WorkerStarted, WorkerStopped
from locust_tui.domain.people import WORKER
from locust_tui.domain.plan import Plan
from locust_tui.domain.states import GateState, WorkstreamState
from locust_tui.domain.world import RunStatus
from locust_tui.errors import LocustTuiError
from locust_tui.execution import runs as x
from locust_tui.execution.identity import boot_id
from locust_tui.execution.local import LocalExecutor
from locust_tui.state.errors import StoreError
from locust_tui.state.folder import StateFolder
from locust_tui.state.reader import ReadOnlyStore
from locust_tui.state.store import Store

from .actions import Decision, Move
from .carrying import Carrier
from .decide import Outlook, decide
from .facts import FactWatch
from .handling import Handling
from .holding import HoldTimes
from .launching import AgentLimits
from .measuring import Measurer
from .planning import PlanKeeper
from .progress import ProgressReader
from .service import Service
from .steady_clock import SteadyClock, latest_moment
from .supervisor import Supervisor

log = logging.getLogger(__name__)

LOOK_S = 0.25
"""How often running agents' files are looked at for reports."""
REST_S = 1.0
"""The same for everything else: whether the worker is needed, whether its socket is there, the wall clock."""
INPUTS_S = 3.0
"""How often the inputs of measured criteria are looked at while a gate waits."""
IDLE_EXIT_S = 60.0
"""A worker that nothing needs ends after this long."""
DISK_PATIENCE_S = 1.0


class Runtime:
    """One plan's worker. `run` returns the process's exit code. `wall` is read at the start and watched for jumps."""

    def __init__(
        self,
        folder: StateFolder,
        agents: AgentLimits | None = None,
        *,
        wall: Clock = time.time,
        idle_exit_s: float = IDLE_EXIT_S,
    ) -> None:
        self._folder = folder
        self._agents = agents or AgentLimits()
        self._clock = SteadyClock(wall)
        self._idle_exit_s = idle_exit_s
        self._wake = asyncio.Event()
        self._end = asyncio.Event()
        self._why_end = ""
        self._winding_down = False
        self._keep = False
        self._outlook: Outlook | None = None
        self._holds = HoldTimes()
        self._timer: asyncio.TimerHandle | None = None
        self._facts = FactWatch()
        self._fact_timer: asyncio.TimerHandle | None = None
        self._busy_until = 0.0

    async def run(self, ready: Callable[[], None]) -> int:
        """Take up the plan where the record left it, say `ready`, and work until ended."""
        async with AsyncExitStack() as stack:
            store = self._store = await stack.enter_async_context(Store.open(self._folder.store, self._clock))
            self._clock.not_before(latest_moment(store.world))
            self._executor = await stack.enter_async_context(
                LocalExecutor(
                    self._folder.runs,
                    on_exit=self._on_exit,
                    on_orphaned=self._on_orphaned,
                    umask=self._agents.umask,
                    nofile=self._agents.files,
                )
            )
            self._build()
            handling = Handling(
                store, self._keeper, self._supervisor, self._measurer, self._clock,
                self.wake, self._keep_alive, self._shut_down,
            )  # fmt: skip
            service = Service(self._folder.socket, handling, lambda: store.committed, self._supervised)
            store.subscribe(service.push)
            store.subscribe(lambda _revision: self.wake())
            await store.append(WORKER, WorkerStarted(os.getpid(), boot_id(), __version__))
            if store.recovered is not None:
                await store.append(WORKER, Noted("error", store.recovered))
            self._listen_to_signals()
            await self._keeper.load()
            await self._take_up_runs()
            self._service = await stack.enter_async_context(service)
            ready()
            await self._work()
            await self._measurer.close()
            await self._supervisor.close()
            await store.append(WORKER, WorkerStopped(self._why_end))
        return 0

    def _build(self) -> None:
        self._supervisor = Supervisor(self._store, self._executor, self._clock, self._hear_last_words)
        self._keeper = PlanKeeper(self._store, self._folder, self.wake)
        self._measurer = Measurer(self._store, self._executor, self._folder, self._clock, self.wake)
        self._progress = ProgressReader(self._folder.runs)
        self._carrier = Carrier(self._store, self._folder, self._supervisor, self._measurer, self._clock)

    async def _take_up_runs(self) -> None:
        live = self._store.world.live_runs()
        if live:
            with ReadOnlyStore(self._folder.store) as record:
                for run in live:
                    self._holds.recall(record.events(subject=run.id))
        await self._measurer.stop_strays()
        await self._supervisor.recover()

    def wake(self) -> None:
        """Something changed: look again at what is to be done."""
        self._wake.set()

    async def _work(self) -> None:
        duties = [
            asyncio.create_task(work, name=name)
            for name, work in (
                ("decide", self._decide_forever()),
                ("watch the plan", self._keeper.watch()),
                ("watch trust", self._keeper.watch_trust()),
                ("look at agents", self._look_forever()),
                ("rest", self._rest_forever()),
                ("look at inputs", self._look_at_inputs_forever()),
            )
        ]
        ending = asyncio.create_task(self._end.wait())
        try:
            done, _ = await asyncio.wait([*duties, ending], return_when=asyncio.FIRST_COMPLETED)
            for duty in done - {ending}:
                duty.result()
        finally:
            for task in (*duties, ending):
                task.cancel()
            await asyncio.gather(*duties, ending, return_exceptions=True)

    async def _decide_forever(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            if self._winding_down:
                continue
            try:
                await self._decide_once()
            except StoreError as error:
                log.error("%s", error)
                await asyncio.sleep(DISK_PATIENCE_S)
                self.wake()

    async def _decide_once(self) -> None:
        plan = self._keeper.plan
        if plan is None:
            return
        self._measurer.take_up(plan)
        if self._outlook is None or self._outlook.plan is not plan:
            self._outlook = Outlook(plan)
        outlook, world, now = self._outlook, self._store.world, self._clock()
        self._look_at_facts(plan, now)
        outlook.measuring = self._measurer.measuring
        outlook.stopping = self._supervisor.stopping
        outlook.waited = self._holds.waited(self._live(), now)
        decision = decide(plan, world, now, outlook=outlook)
        if decision.actions:
            await self._carrier.carry_out(plan, decision)
            self.wake()
        self._set_timer(decision)

    def _look_at_facts(self, plan: Plan, now: float) -> None:
        """Measure the facts that are due; their timer keeps no worker alive that nothing else needs."""
        keys, again_at = self._facts.due(plan, self._store.world, now)
        self._measurer.begin(keys)
        if self._fact_timer is not None:
            self._fact_timer.cancel()
            self._fact_timer = None
        if again_at is not None:
            delay = min(3600.0, max(0.0, again_at - now))
            self._fact_timer = asyncio.get_running_loop().call_later(delay, self.wake)

    def _live(self) -> list[RunStatus]:
        return self._store.world.live_runs()

    def _set_timer(self, decision: Decision) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if decision.wake_at is not None:
            delay = max(0.0, decision.wake_at - self._clock())
            self._timer = asyncio.get_running_loop().call_later(min(delay, 3600.0), self.wake)

    async def _look_forever(self) -> None:
        """Agents' reports, a few times a second while any runs."""
        while True:
            live = self._live()
            await asyncio.sleep(LOOK_S if live else REST_S)
            if live and self._keeper.plan is not None:
                self._take(self._progress.look(self._keeper.plan, self._store.world, self._live()))

    async def _rest_forever(self) -> None:
        """Once a second: the wall clock, the socket, and whether anybody still needs this worker."""
        self._needed_now()
        while True:
            await asyncio.sleep(min(REST_S, self._idle_exit_s))
            await self._service.listen_again_if_lost()
            if (jump := self._clock.jump()) is not None:
                text = f"the wall clock was set {'forward' if jump > 0 else 'back'} by {abs(jump):.0f} s; no timer follows it"
                self._take([Noted("warning", text)])
            if self._is_needed():
                self._needed_now()
            elif time.monotonic() > self._busy_until:
                self._finish(f"nothing to do for {self._idle_exit_s:g} s")

    async def _look_at_inputs_forever(self) -> None:
        """Mark what was measured of gates that wait for a decision, and no longer holds; costs at most a fiftieth of the time."""
        while True:
            began = time.monotonic()
            plan = self._keeper.plan
            for gate in plan.gates.values() if plan is not None else ():
                if self._store.world.gate(gate.id).state in (GateState.READY, GateState.PENDING):
                    try:
                        await self._measurer.notice_stale(gate)
                    except LocustTuiError as error:
                        log.error("%s", error)
            await asyncio.sleep(max(INPUTS_S, 50 * (time.monotonic() - began)))

    def _is_needed(self) -> bool:
        return bool(
            self._live()
            or self._measurer.measuring
            or self._timer is not None
            or self._keep
            or self._service.viewers
        )

    def _needed_now(self) -> None:
        self._busy_until = time.monotonic() + self._idle_exit_s

    def _take(self, events: list[EventBody]) -> None:
        """Queue what nobody waits for; while the disk refuses it, it is only logged."""
        if not events:
            return
        try:
            self._store.append_nowait(WORKER, *events).add_done_callback(_log_refusal)
        except StoreError as error:
            log.error("%s", error)

    def _on_exit(self, end: x.RunEnded) -> None:
        if not self._measurer.ended(end):
            self._supervisor.ended(end)

    def _hear_last_words(self, run: RunStatus) -> None:
        if self._keeper.plan is not None:
            self._take(self._progress.read(self._keeper.plan, run, ended=True))

    def _on_orphaned(self, run_id: str) -> None:
        self._supervisor.orphaned(run_id)

    def _supervised(self) -> dict[int, str]:
        """Run by pid, of all that a caller may descend from and is then an agent: this worker, the zygote, every run."""
        own = {pid: "" for pid in (os.getpid(), self._executor.zygote_pid) if pid is not None}
        recorded = {run.pid: run.id for run in self._live() if run.pid is not None}
        return {**own, **recorded, **self._executor.runs_by_pid()}

    def _keep_alive(self) -> None:
        self._keep = True

    async def _shut_down(self, stop_agents: bool) -> None:
        if stop_agents:
            self._winding_down = True
            await self._measurer.close()
            await self._supervisor.stop_all()
            await self._record_what_became_of_the_work()
        self._finish("asked to end")

    async def _record_what_became_of_the_work(self) -> None:
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

    def _finish(self, why: str) -> None:
        self._why_end = self._why_end or why
        self._end.set()

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, self._finish, f"signal {signal.Signals(number).name}")


def _log_refusal(waiting: asyncio.Future[int]) -> None:
    if not waiting.cancelled() and (error := waiting.exception()) is not None:
        log.error("%s", error)
