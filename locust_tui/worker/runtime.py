"""The worker itself: owns the store, the executor and the plan, and joins the parts that work on them."""

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
from locust_tui.domain.world import RunStatus
from locust_tui.errors import LocustTuiError
from locust_tui.execution import runs as x
from locust_tui.execution.local import LocalExecutor
from locust_tui.fault import point
from locust_tui.machine import boot_id, suspended
from locust_tui.masking import MaskFile, secret_values
from locust_tui.safe_text import mask_with
from locust_tui.state.errors import StoreError
from locust_tui.state.folder import StateFolder
from locust_tui.state.store import Store

from .agent_requests import AgentRequests
from .before_start import take_up
from .branches import Branches
from .carrying import Carrier
from .conversing.conversations import Conversations, MakeAdapter
from .coordination.rooms import coordination
from .deciding import Deciding
from .duties import carry_on
from .ending_signals import Asked
from .floors import Floors
from .found_runs import FoundRuns, opening_words
from .gate_requests import GateRequests
from .handling import Handling
from .hold import Hold
from .launching import AgentLimits
from .looking import Looking
from .loop_errors import LoopErrors
from .machine_sleep import MachineSleep
from .measuring import Measurer
from .notifications import Notifications
from .noting import note_down
from .out_of_memory import OutOfMemory
from .outfitting import Outfitter
from .plan_requests import PlanRequests
from .planning import PlanKeeper
from .pull_requests import PullRequests
from .redacting import redacted
from .refusals import Refusals
from .resting import Resting
from .run_tokens import RunTokens
from .service import Service
from .shortage import Shortage
from .speaking import make_adapter
from .standstill import Standstill
from .steady_clock import SteadyClock
from .supervisor import Supervisor
from .threads import begin_threads, watch_children_without_threads
from .told import Taker
from .tool_server import ToolServers
from .troubles import Troubles
from .untold_answers import UntoldAnswers

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
                    on_exit=self._on_exit,
                    on_orphaned=self._on_orphaned,
                    on_trouble=self._on_output_trouble,
                    umask=self._agents.umask,
                    nofile=self._agents.files,
                )
            )
            self._build()
            store.subscribe(self._service.push)
            store.subscribe(lambda _revision: self.wake())
            found: list[EventBody] = opening_words(store)
            found += [Noted("warning", set_clock)] if set_clock else []
            here = WorkerStarted(os.getpid(), boot_id(), __version__, self._clock.since_boot, suspended())
            await store.append(WORKER, here, *found)
            point("worker.recorded")
            await self._keeper.load()
            await take_up(store, self._folder)
            await self._take_up_runs()
            point("runs.taken-up")
            await stack.enter_async_context(self._service)
            point("socket.bound")
            ready()
            await self._work()
            point("worker.ending")
            await self._measurer.close()
            await self._branches.close()
            await self._supervisor.close()
            self._talks.close()
            self._notifications.close()
            if not store.world.live_runs():
                self._tools.end()
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

    def _build(self) -> None:
        store, clock = self._store, self._clock
        self._troubles = Troubles(clock, self._troubled)
        self._troubles.watch("record", lambda: store.trouble)
        self._keeper = PlanKeeper(store, self._folder, self.wake)
        runs = self._folder.runs
        tokens = RunTokens(self._folder.root / "tools.key")
        standstill, memory = Standstill(self._executor.stopped_by_others), OutOfMemory()
        self._talks = Conversations(
            store, self._executor, self._keeper, runs, clock, self._make_adapter, tokens.of, standstill.words
        )
        self._shortage = Shortage(self._on_shortage)
        self._troubles.watch("starts", self._why_nothing_starts)
        self._floors = Floors(self._folder.root, self._shortage, self._executor.spare_disk)
        self._supervisor = Supervisor(
            store, self._executor, clock, self._on_last_words, self._talks, runs, self._shortage, memory
        )
        self._branches = Branches(store, self._folder, self._agents.umask, self.wake)
        self._pull_requests = PullRequests(store, self._keeper, self._branches)
        self._measurer = Measurer(
            store, self._executor, self._folder, clock, self.wake, self._branches.measured_in, self._shortage
        )
        self._notifications = Notifications(
            self._folder, self._supervised, lambda run, claim: self._looking.claimed(run, claim)
        )
        self._looking = Looking(
            store,
            self._keeper,
            self._measurer,
            self._talks,
            runs,
            self._masks.add_named,
            self._notifications,
            clock,
            standstill,
            memory,
        )
        self._tools = ToolServers(self._folder)
        outfitter = Outfitter(self._folder, tokens, self._tools, self._masks, self._notifications)
        carrier = Carrier(
            store, self._folder, self._supervisor, self._measurer, self._branches, outfitter, clock
        )
        sleep = MachineSleep(store)
        self._deciding = Deciding(
            store, self._keeper, self._supervisor, self._measurer, self._branches, carrier, clock, sleep, self._wake,
            self._shortage,
        )  # fmt: skip
        self._rooms = coordination(
            store, self._keeper, self._folder, clock, self.wake, self._executor.samples, self._talks
        )
        takers: tuple[Taker, ...] = (
            GateRequests(store, self._keeper, self._measurer, clock),
            *self._rooms.takers,
        )
        handling = Handling(
            store, self._keeper, self._supervisor, self._branches, self._talks,
            AgentRequests(store, self._keeper.in_force, tokens), takers,
            (PlanRequests(store, self._keeper), *self._rooms.committing), clock, self.wake, self._keep_alive,
            self._shut_down, self._looking.at_words_before, self._troubles, Refusals(store, clock),
        )  # fmt: skip
        self._service = Service(
            self._folder.socket,
            handling,
            lambda: store.committed,
            self._supervised,
            lambda: self._troubles.now,
        )
        self._callers = self._supervised
        self._resting = Resting(
            store,
            self._service,
            clock,
            sleep,
            self._troubles,
            self._idle_exit_s,
            wake=self.wake,
            still_holds=self._hold.keep if self._hold is not None else lambda: True,
            look_after=self._look_after,
            needed=self._is_needed,
            finish=self._finish,
        )

    async def _take_up_runs(self) -> None:
        self._floors.look()
        await self._measurer.stop_strays()
        self._notifications.take_up([run.id for run in self._store.world.live_runs()])
        await self._supervisor.recover()
        found = FoundRuns(self._store, self._executor, self._supervisor, self._folder.runs, self._clock)
        await found.take_up(self._keeper.plan)

    def _troubled(self) -> None:
        """Viewers are told; what waited for the end of a trouble goes on."""
        self._service.push(self._store.committed)
        self.wake()

    def wake(self) -> None:
        """Something changed: look again at what is to be done."""
        self._wake.set()

    async def _work(self) -> None:
        duties = [
            asyncio.create_task(carry_on(name, begin, self._troubles), name=name)
            for name, begin in (
                ("decide", self._deciding.forever),
                ("watch the plan", self._keeper.watch),
                ("watch trust", self._keeper.watch_trust),
                ("look at agents", self._looking.at_agents_forever),
                ("converse", self._talks.forever),
                ("keep the socket", self._resting.forever),
                ("look at the machine", self._floors.forever),
                ("look at inputs", self._looking.at_inputs_forever),
                ("look at pull requests", self._pull_requests.forever),
                ("tell untold answers", UntoldAnswers(self._store, self._talks, self._clock).forever),
                *self._rooms.duties,
            )
        ]
        try:
            await self._end.wait()
        finally:
            for duty in duties:
                duty.cancel()
            await asyncio.gather(*duties, return_exceptions=True)

    async def _look_after(self) -> None:
        """The tool server that running agents know."""
        if self._store.world.live_runs():
            await self._tools.keep()

    def _is_needed(self) -> bool:
        return bool(
            self._store.world.live_runs()
            or self._measurer.measuring
            or self._branches.under_way
            or self._deciding.waits
            or self._keep
            or self._rooms.waits
            or self._service.viewers
        )

    def _on_exit(self, end: x.RunEnded) -> None:
        if not self._measurer.ended(end):
            self._supervisor.ended(end)

    def _on_orphaned(self, run_id: str) -> None:
        self._supervisor.orphaned(run_id)

    def _on_shortage(self, lack: str, is_news: bool) -> None:
        """The machine lacks something, or (empty) has it again: that decides whether anything is started."""
        self.wake()
        self._troubles.look()
        if is_news:
            words = f"nothing is started for now: {lack}" if lack else "starts go on"
            note_down(self._store, [Noted("warning" if lack else "info", words)])

    def _on_output_trouble(self, run_id: str, text: str) -> None:
        note_down(self._store, [Noted("warning", f"{run_id}: {text}", run_id)])

    def _why_nothing_starts(self) -> str | None:
        return f"nothing is started for now: {self._shortage.words}" if self._shortage.words else None

    def _on_last_words(self, run: RunStatus, ended: float) -> None:
        self._looking.at_last_words(run, ended)

    def _supervised(self) -> dict[int, str]:
        """Run by pid, of all that a caller may descend from and is then an agent: this worker, the zygote, every run."""
        own = {pid: "" for pid in (os.getpid(), self._executor.zygote_pid) if pid is not None}
        recorded = {run.pid: run.id for run in self._store.world.live_runs() if run.pid is not None}
        named = {pid: name for callers in self._rooms.callers for pid, name in callers().items()}
        return {**own, **recorded, **self._executor.runs_by_pid(), **named}

    def _keep_alive(self) -> None:
        self._keep = True

    async def _shut_down(self, stop_agents: bool) -> None:
        if stop_agents:
            self._deciding.stop()
            await self._measurer.close()
            await self._branches.close()
            await self._supervisor.stop_all()
            try:
                await self._deciding.record_what_became_of_the_work()
            except StoreError as error:
                log.error("what became of the work is not on record: %s", error)
        self._finish("asked to end")

    def _finish(self, why: str) -> None:
        self._why_end = self._why_end or why
        self._end.set()

    def asked_to_end(self, asked: Asked) -> None:
        """A signal came: the worker ends, its agents go on. Who sent it goes on record."""
        self._finish(asked.words(self._callers()))
