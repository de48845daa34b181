"""The worker itself, from its opening to its end: it owns record, executor and socket, and keeps the parts at work."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, suppress
from functools import partial

from locust_tui import __version__
from locust_tui.domain.clock import Clock
from locust_tui.domain.events import EventBody, Noted, WorkerStarted, WorkerStopped
from locust_tui.domain.people import WORKER
from locust_tui.errors import LocustTuiError
from locust_tui.execution.local import LocalExecutor
from locust_tui.fault import point
from locust_tui.machine import boot_id, suspended
from locust_tui.masking import MaskFile, secret_values
from locust_tui.safe_text import mask_with
from locust_tui.state.errors import StoreError
from locust_tui.state.folder import StateFolder
from locust_tui.state.store import Store

from .agent_requests import AgentRequests
from .conversing.conversations import MakeAdapter
from .duties import carry_on
from .ending_signals import Asked
from .found_runs import opening_words
from .gate_requests import GateRequests
from .handling import Handling
from .hold import Hold
from .launching import AgentLimits
from .loop_errors import LoopErrors
from .noting import note_down
from .plan_requests import PlanRequests
from .redacting import redacted
from .refusals import Refusals
from .resting import Resting
from .service import Service
from .speaking import make_adapter
from .steady_clock import SteadyClock
from .threads import begin_threads, watch_children_without_threads
from .told import Taker
from .troubles import Troubles
from .workshop import Workshop
from .workstream_requests import WorkstreamRequests

log = logging.getLogger(__name__)

IDLE_EXIT_S = 60.0
"""A worker that nothing needs ends after this long."""


class Runtime:
    """One plan's worker. `run` returns the process's exit code. `wall` is read at the start and watched for jumps."""

    def __init__(
        self,
        folder: StateFolder,
        agents: AgentLimits | None = None,
        *,
        hold: Hold | None = None,
        wall: Clock = time.time,
        idle_exit_s: float = IDLE_EXIT_S,
        make_adapter: MakeAdapter = make_adapter,
    ) -> None:
        self._folder = folder
        self._agents = agents or AgentLimits()
        self._hold = hold
        self._clock = SteadyClock(wall)
        self._idle_exit_s = idle_exit_s
        self._make_adapter = make_adapter
        self._wake = asyncio.Event()
        self._end = asyncio.Event()
        self._why_end = ""
        self._keep = False
        self._callers: Callable[[], Mapping[int, str]] = dict

    async def run(self, ready: Callable[[], None]) -> int:
        """Take up the plan where the record left it, say `ready`, and work until ended."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(LoopErrors())
        begin_threads(loop)
        watch_children_without_threads(loop)
        async with AsyncExitStack() as stack:
            store = self._store = await stack.enter_async_context(Store.open(self._folder.store, self._clock))
            self._keep_secrets(stack)
            set_clock = self._clock.take_up(store.world, boot_id())
            self._executor = await stack.enter_async_context(
                LocalExecutor(
                    self._folder.runs,
                    on_exit=lambda end: self._workshop.on_exit(end),
                    on_orphaned=lambda run_id: self._workshop.supervisor.orphaned(run_id),
                    on_trouble=self._on_output_trouble,
                    umask=self._agents.umask,
                    nofile=self._agents.files,
                )
            )
            self._join()
            store.subscribe(self._service.push)
            store.subscribe(lambda _revision: self.wake())
            found: list[EventBody] = opening_words(store)
            found += [Noted("warning", set_clock)] if set_clock else []
            here = WorkerStarted(os.getpid(), boot_id(), __version__, self._clock.since_boot, suspended())
            await store.append(WORKER, here, *found)
            point("worker.recorded")
            await self._workshop.open()
            point("runs.taken-up")
            await stack.enter_async_context(self._service)
            point("socket.bound")
            ready()
            await self._work()
            point("worker.ending")
            await self._workshop.close()
            try:
                await store.append(WORKER, WorkerStopped(self._why_end))
            except StoreError as error:
                log.error("that this worker ended is not on record: %s", error)
        return 0

    def _keep_secrets(self, stack: AsyncExitStack) -> None:
        """Whatever this process records, logs or cuts short is masked first, from here on."""
        self._masks = MaskFile(self._folder.masks)
        with suppress(LocustTuiError):  # told when an agent is to be given one
            self._masks.add(secret_values(os.environ))
        self._store.redact = partial(redacted, mask=self._masks.mask)
        mask_with(self._masks.mask)
        stack.callback(mask_with, None)

    def _join(self) -> None:
        """Everything that works, and the ways in and out of it."""
        store, clock = self._store, self._clock
        self._troubles = Troubles(clock, self._troubled)
        self._troubles.watch("record", lambda: store.trouble)
        shop = self._workshop = Workshop(
            self._folder, store, self._executor, clock, self._troubles, self._masks, self._agents, self._make_adapter,
            self._wake,
        )  # fmt: skip
        takers: tuple[Taker, ...] = (
            WorkstreamRequests(store, shop.keeper, shop.supervisor, shop.branches, clock),
            GateRequests(store, shop.keeper, shop.measurer, clock),
            *shop.rooms.takers,
        )
        handling = Handling(
            store, shop.keeper, shop.supervisor, shop.talks,
            AgentRequests(store, shop.keeper.in_force, shop.tokens), takers,
            (PlanRequests(store, shop.keeper), *shop.rooms.committing), clock, self.wake, self._keep_alive,
            self._shut_down, shop.looking.at_words_before, self._troubles, Refusals(store, clock),
        )  # fmt: skip
        self._service = Service(
            self._folder.socket,
            handling,
            lambda: store.committed,
            shop.supervised,
            lambda: self._troubles.now,
        )
        self._callers = shop.supervised
        self._resting = Resting(
            store,
            self._service,
            clock,
            shop.machine.sleep,
            self._troubles,
            self._idle_exit_s,
            wake=self.wake,
            still_holds=self._hold.keep if self._hold is not None else lambda: True,
            look_after=shop.look_after,
            needed=self._is_needed,
            finish=self._finish,
        )

    def _troubled(self) -> None:
        """Viewers are told; what waited for the end of a trouble goes on."""
        self._service.push(self._store.committed)
        self.wake()

    def wake(self) -> None:
        """Something changed: look again at what is to be done."""
        self._wake.set()

    async def _work(self) -> None:
        named = [*self._workshop.duties, ("keep the socket", self._resting.forever)]
        duties = [
            asyncio.create_task(carry_on(name, begin, self._troubles), name=name) for name, begin in named
        ]
        try:
            await self._end.wait()
        finally:
            for duty in duties:
                duty.cancel()
            await asyncio.gather(*duties, return_exceptions=True)

    def _is_needed(self) -> bool:
        return self._workshop.is_busy or self._keep or self._service.viewers > 0

    def _on_output_trouble(self, run_id: str, text: str) -> None:
        note_down(self._store, [Noted("warning", f"{run_id}: {text}", run_id)])

    def _keep_alive(self) -> None:
        self._keep = True

    async def _shut_down(self, stop_agents: bool) -> None:
        if stop_agents:
            await self._workshop.stop_agents()
        self._finish("asked to end")

    def _finish(self, why: str) -> None:
        self._why_end = self._why_end or why
        self._end.set()

    def asked_to_end(self, asked: Asked) -> None:
        """A signal came: the worker ends, its agents go on. Who sent it goes on record."""
        self._finish(asked.words(self._callers()))
