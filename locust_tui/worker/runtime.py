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
from locust_tui.execution import runs as x
from locust_tui.execution.identity import boot_id
from locust_tui.execution.local import LocalExecutor
from locust_tui.state.folder import StateFolder
from locust_tui.state.store import Store

from .actions import Decision
from .carrying import Carrier
from .decide import Outlook, decide
from .handling import Handling
from .measuring import Measurer
from .planning import PlanKeeper
from .progress import ProgressReader
from .service import Service
from .supervisor import Supervisor

log = logging.getLogger(__name__)

LOOK_S = 0.25
"""How often running agents' files are looked at for reports."""
IDLE_EXIT_S = 60.0
"""A worker that nothing needs ends after this long."""
CLOCK_JUMP_S = 2.0


class Runtime:
    """One plan's worker. `run` returns the process's exit code."""

    def __init__(self, folder: StateFolder, clock: Clock = time.time) -> None:
        self._folder = folder
        self._clock = clock
        self._wake = asyncio.Event()
        self._end = asyncio.Event()
        self._why_end = ""
        self._keep = False
        self._outlook: Outlook | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._busy_until = 0.0

    async def run(self, ready: Callable[[], None]) -> int:
        """Take up the plan where the record left it, say `ready`, and work until ended."""
        async with AsyncExitStack() as stack:
            self._store = await stack.enter_async_context(Store.open(self._folder.store, self._clock))
            self._executor = await stack.enter_async_context(
                LocalExecutor(self._folder.runs, on_exit=self._on_exit, on_orphaned=self._on_orphaned)
            )
            self._supervisor = Supervisor(self._store, self._executor)
            self._keeper = PlanKeeper(self._store, self._folder, self.wake)
            self._measurer = Measurer(self._store, self._executor, self._folder, self._clock, 2)
            self._progress = ProgressReader(self._folder.runs)
            self._carrier = Carrier(
                self._store, self._folder, self._supervisor, self._measurer, self._clock, self.wake
            )
            handling = Handling(
                self._store, self._keeper, self._supervisor, self._measurer, self._clock,
                self.wake, self._keep_alive, self._shut_down,
            )  # fmt: skip
            service = Service(self._folder.socket, handling, lambda: self._store.committed, self._supervised)
            self._store.subscribe(service.push)
            self._store.subscribe(lambda _revision: self.wake())
            await self._store.append(WORKER, WorkerStarted(os.getpid(), boot_id(), __version__))
            if self._store.recovered is not None:
                await self._store.append(WORKER, Noted("error", self._store.recovered))
            await self._supervisor.recover()
            await self._keeper.load()
            self._service = await stack.enter_async_context(service)
            self._listen_to_signals()
            ready()
            await self._work()
            await self._measurer.close()
            await self._supervisor.drain()
            await self._store.append(WORKER, WorkerStopped(self._why_end))
        return 0

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
            plan = self._keeper.plan
            if plan is None:
                continue
            if self._outlook is None or self._outlook.plan is not plan:
                self._outlook = Outlook(plan)
                self._measurer.resize(plan.resources.max_checks)
            self._outlook.measuring = self._measurer.measuring
            self._outlook.stopping = self._supervisor.stopping
            decision = decide(plan, self._store.world, self._clock(), outlook=self._outlook)
            if decision.actions:
                await self._carrier.carry_out(plan, decision)
                self._wake.set()
            self._set_timer(decision)
            await asyncio.sleep(0)

    def _set_timer(self, decision: Decision) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if decision.wake_at is not None:
            delay = max(0.0, decision.wake_at - self._clock())
            self._timer = asyncio.get_running_loop().call_later(min(delay, 3600.0), self.wake)

    async def _look_forever(self) -> None:
        """Agents' reports a few times a second while any runs; else only whether the worker is still needed."""
        self._needed_now()
        wall, steady = self._clock(), time.monotonic()
        while True:
            live = self._store.world.live_runs()
            await asyncio.sleep(LOOK_S if live else 1.0)
            if live and self._keeper.plan is not None:
                self._take_reports(self._progress.look(self._keeper.plan, self._store.world))
            jump = (self._clock() - wall) - (time.monotonic() - steady)
            wall, steady = self._clock(), time.monotonic()
            if abs(jump) > CLOCK_JUMP_S:
                self._store.append_nowait(WORKER, Noted("warning", f"the clock jumped by {jump:+.0f} s"))
                self.wake()
            if (
                live
                or self._measurer.measuring
                or self._timer is not None
                or self._keep
                or self._service.viewers
            ):
                self._needed_now()
            elif time.monotonic() > self._busy_until:
                self._finish(f"nothing to do for {IDLE_EXIT_S:g} s")

    def _needed_now(self) -> None:
        self._busy_until = time.monotonic() + IDLE_EXIT_S

    def _take_reports(self, events: list[EventBody]) -> None:
        if events:
            self._store.append_nowait(WORKER, *events)

    def _on_exit(self, end: x.RunEnded) -> None:
        if self._measurer.ended(end):
            return
        run = self._store.world.runs.get(end.run_id)
        if run is not None and self._keeper.plan is not None:
            self._take_reports(self._progress.read(self._keeper.plan, run))
        self._supervisor.ended(end)

    def _on_orphaned(self, run_id: str) -> None:
        self._supervisor.orphaned(run_id)

    def _supervised(self) -> frozenset[int]:
        """Pids below which a caller is an agent: the zygote, every shim and every agent."""
        return frozenset(self._executor.supervised_pids()) | {
            run.pid for run in self._store.world.live_runs() if run.pid is not None
        }

    def _keep_alive(self) -> None:
        self._keep = True

    def _shut_down(self, stop_agents: bool) -> None:
        asyncio.get_running_loop().call_later(0.05, self._finish, "asked to end")

    def _finish(self, why: str) -> None:
        self._why_end = self._why_end or why
        self._end.set()

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, self._finish, f"signal {signal.Signals(number).name}")
