"""Starts runs, hears their ends, finds them again after a restart, stops and pauses them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from locust_tui.domain.clock import Clock
from locust_tui.domain.events import Noted, RunChanged, RunCreated
from locust_tui.domain.states import RunState
from locust_tui.domain.world import RunStatus
from locust_tui.errors import LocustTuiError
from locust_tui.execution import runs as x
from locust_tui.execution.executor import Executor
from locust_tui.execution.shortage import lack_in
from locust_tui.execution.stopping import KILL_BOUND_S
from locust_tui.fault import point
from locust_tui.state.store import Store

from .conversing.conversations import Conversations
from .launching import Launch
from .noting import note_down
from .out_of_memory import OutOfMemory
from .retry import NEVER_STARTED, STOPPED_WITH_WORKER
from .run_ends import asked_to_stop, end_event, killed_by_force, stopping_event
from .run_record import RunRecord
from .run_starts import RunStarts
from .shortage import Shortage
from .steady_clock import in_record_time
from .taking_up import TakingUp

log = logging.getLogger(__name__)

STOP_GRACE_S = 10.0
ORPHANED = "its supervisor process was killed; the agent lives on"


class Supervisor:
    """Between the store and an executor: every start has its intent committed first, every end becomes one event."""

    def __init__(
        self,
        store: Store,
        executor: Executor,
        clock: Clock,
        last_words: Callable[[RunStatus, float], None],
        talks: Conversations,
        runs_root: Path,
        shortage: Shortage,
        memory: OutOfMemory,
    ) -> None:
        """`last_words` is called with each run that has ended, and when, before its end is recorded."""
        self._last_words = last_words
        self._talks = talks
        self._memory = memory
        self._ending: set[str] = set()
        """Runs that have ended and whose conversations are heard to their ends."""
        self._store = store
        self._executor = executor
        self._clock = clock
        self._asked_to_stop: dict[str, str] = {}
        self._undying: set[str] = set()
        """Of them, those that did not die."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._starting: dict[str, asyncio.Task[None]] = {}
        self._starts_no_more = False
        self._record = RunRecord(store, self.recover)
        self._shortage = shortage
        self._taking_up = TakingUp(store, executor, self._record, talks, shortage, self)
        self._starts = RunStarts(
            store, executor, talks, runs_root, self._record, self, self._taking_up, shortage
        )

    @property
    def stopping(self) -> frozenset[str]:
        """Runs that are being stopped now."""
        return frozenset(self._asked_to_stop)

    @property
    def waiting(self) -> frozenset[str]:
        """Runs that have not begun, since the machine had no room for them so far."""
        return self._starts.waiting | self._taking_up.unbegun.put_off

    def intent(self, run_id: str, subject: str, attempt: int, agent_type: str, launch: Launch) -> RunCreated:
        """The event to commit before `start`."""
        return RunCreated(
            run=run_id,
            subject=subject,
            attempt=attempt,
            agent_type=agent_type,
            argv=launch.argv,
            cwd=str(launch.cwd),
            env_names=launch.env_names,
        )

    def start(
        self, run_id: str, launch: Launch, prepare: Callable[[], Awaitable[Launch]] | None = None
    ) -> None:
        """Start a run whose intent is committed; what comes of it is told by events.

        `prepare` makes what it runs in, before anything is started, and gives the launch its last touch; a stop meanwhile
        cancels it. Its LocustTuiError is the run's failure.
        """
        if self._starts_no_more and self._taking_up.unbegun.end(run_id, RunState.LOST, NEVER_STARTED):
            return
        self._starting[run_id] = task = self._spawn(self._starts.start(run_id, launch, prepare))
        task.add_done_callback(lambda _task: self._starting.pop(run_id, None))

    def not_prepared(self, run_id: str) -> None:
        """A stop, or the worker's end, cut its preparation short: nothing of it ran, nothing will."""
        asked = self._asked_to_stop.pop(run_id, None)
        if asked is None and self._starts_no_more:
            asked = STOPPED_WITH_WORKER
        if asked is not None:
            self._taking_up.unbegun.end(run_id, RunState.KILLED, asked)

    def ended(self, end: x.RunEnded) -> None:
        """Record a run's end, as its folder tells it. Ends of anything that is no run of the log are ignored."""
        run = self._store.world.runs.get(end.run_id)
        if run is None or not (run.live or run.state is RunState.UNKNOWN):
            return
        end = replace(end, ended=in_record_time(end.ended, self._clock()))
        try:
            self._last_words(run, end.ended)
        except Exception:
            log.exception("the last words of %s were not taken", run.id)
        point("end.heard")
        asked = self._asked_to_stop.pop(end.run_id, None) or asked_to_stop(run)
        self._undying.discard(end.run_id)
        memory = self._memory.at_end(run.id) if killed_by_force(end) else ""
        if not self._talks.speaks(run.id):
            self._record.note(end_event(end, asked, run, self._clock(), memory=memory))
        elif run.id not in self._ending:
            self._ending.add(run.id)
            self._spawn(self._ended_speaking(end, asked, memory))

    async def _ended_speaking(self, end: x.RunEnded, asked: str | None, memory: str) -> None:
        """The end of a run whose protocol has the last word on how it went."""
        try:
            verdict = await self._talks.over(end, asked)
            run = self._store.world.runs[end.run_id]
            self._record.note(end_event(end, asked, run, self._clock(), verdict, memory))
        finally:
            self._ending.discard(end.run_id)

    def orphaned(self, run_id: str) -> None:
        """The run's shim was killed; its agent lives on."""
        run = self._store.world.runs.get(run_id)
        if run is None or run.reason == ORPHANED or asked_to_stop(run) is not None:
            return
        if run.live or run.state is RunState.UNKNOWN:  # it may have been out of sight
            state = RunState.RUNNING if run.state is RunState.UNKNOWN else run.state
            self._record.note(RunChanged(run_id, state, "process", ORPHANED))

    async def recover(self) -> None:
        """Find every run that the log believes alive, but those that are being started."""
        await self._taking_up.recover(self._starting)

    async def take_up(self, run_id: str) -> None:
        """Look what became of a run on record: watch it, record its end, or say that it is unknown."""
        await self._taking_up.take_up(run_id)

    def stop(self, run_id: str, why: str) -> None:
        """End a run: TERM, grace, KILL of all that descends from it. One that did not die of it may be tried again."""
        if run_id not in self._asked_to_stop or run_id in self._undying:
            self._asked_to_stop[run_id] = why
            self._undying.discard(run_id)
            self._spawn(self._stop(run_id))

    async def _stop(self, run_id: str) -> None:
        self._starts.give_up_preparing(run_id)
        if (starting := self._starting.get(run_id)) is not None:
            await asyncio.wait([starting])
            if not self._store.world.runs[run_id].live and run_id not in self._asked_to_stop:
                return
        try:
            point("stop.recorded")
            result = await self._executor.stop(run_id, STOP_GRACE_S)
        except (LocustTuiError, OSError, RuntimeError) as error:
            self._record.note(Noted("error", f"could not stop {run_id}: {lack_in(error) or error}", run_id))
            self._asked_to_stop.pop(run_id, None)
            return
        if result.ended is not None:
            self.ended(result.ended)
        run = self._store.world.runs.get(run_id)
        if result.survivors:
            self._did_not_die(run_id, result.survivors)
        if not result.survivors or run is None or not run.live:
            self._asked_to_stop.pop(run_id, None)

    def _did_not_die(self, run_id: str, survivors: tuple[int, ...]) -> None:
        """Say so once. It stays asked to stop: KILL is on its way to it, and it ends when the kernel lets go of it."""
        pids = ", ".join(map(str, survivors))
        words = f"processes {pids} did not die within {KILL_BOUND_S:g} s of SIGKILL; the kernel holds them"
        self._record.note(Noted("error", f"{run_id}: {words}", run_id))
        run = self._store.world.runs.get(run_id)
        if run is not None and run.live:
            self._undying.add(run_id)
            why = f"{self._asked_to_stop.get(run_id, 'stopped')}; {words}"
            self._record.note(stopping_event(run, why))

    async def stop_all(self) -> None:
        """Stop every live run, wait for the ends, and start none any more."""
        self._starts_no_more = True
        for run_id in tuple(self._starting):
            self._starts.give_up_preparing(run_id)
        await self.drain()
        live = self._store.world.live_runs()
        if live:
            note_down(self._store, [stopping_event(run, STOPPED_WITH_WORKER) for run in live])
        for run in live:
            self.stop(run.id, STOPPED_WITH_WORKER)
        await self.drain()

    async def send_text(self, run_id: str, text: str) -> None:
        """Type a line at the agent's terminal or into its input. Raises NotRunningError where it takes none."""
        await self._executor.send_line(run_id, text.encode("utf-8", "surrogateescape"))

    async def freeze(self, run_id: str) -> None:
        """Stop all processes of a run where they stand. One that has just ended is left to its end."""
        with suppress(x.NotRunningError):
            await self._executor.pause(run_id)

    async def thaw(self, run_id: str) -> None:
        """Let a run's processes go on."""
        with suppress(x.NotRunningError):
            await self._executor.resume(run_id)

    async def drain(self) -> None:
        """Wait until the starts and stops under way are recorded."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def close(self) -> None:
        """Finish what is under way; what is still being prepared, or waits for the machine, is left to the next worker."""
        for run_id in tuple(self._starting):
            self._starts.give_up_preparing(run_id)
        await self.drain()
        await self._taking_up.close()
        await self._record.close()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a start or stop failed", exc_info=error)
