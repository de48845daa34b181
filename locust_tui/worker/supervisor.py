"""Starts runs, hears their ends, finds them again after a restart, stops and pauses them."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from locust_tui.domain.events import EventBody, Noted, RunChanged, RunCreated, RunEnded, RunStarted
from locust_tui.domain.people import WORKER
from locust_tui.domain.states import RunState
from locust_tui.domain.world import RunStatus
from locust_tui.errors import LocustTuiError
from locust_tui.execution import runs as x
from locust_tui.execution.executor import Executor
from locust_tui.state.store import Store

from .launching import Launch

log = logging.getLogger(__name__)

STOP_GRACE_S = 10.0


class Supervisor:
    """Between the store and an executor: every start has its intent committed first, every end becomes one event."""

    def __init__(self, store: Store, executor: Executor) -> None:
        self._store = store
        self._executor = executor
        self._asked_to_stop: dict[str, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def stopping(self) -> frozenset[str]:
        """Runs that are being stopped now."""
        return frozenset(self._asked_to_stop)

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

    def start(self, run_id: str, launch: Launch) -> None:
        """Start a run whose intent is committed; what comes of it is told by events."""
        self._spawn(self._start(run_id, launch))

    async def _start(self, run_id: str, launch: Launch) -> None:
        try:
            if launch.instructions_file is not None:
                _write_private(launch.instructions_file, launch.instructions)
            started = await self._executor.start(x.RunSpec(run_id, launch.argv, launch.cwd, launch.env))
        except x.CannotExecuteError as error:
            self.ended(error.ended)
        except x.StartUnknownError as error:
            await self._adopt(run_id, error.recovery)
        except (x.AlreadyRunningError, x.AlreadyRanError):
            await self._adopt(run_id, await self._executor.reattach(run_id))
        except (LocustTuiError, OSError) as error:
            await self._store.append(
                WORKER, RunEnded(run_id, RunState.FAILED, reason=f"could not start: {error}")
            )
        else:
            run = self._store.world.runs[run_id]
            if run.live and run.pid is None:
                await self._store.append(WORKER, RunStarted(run_id, started.agent_pid, started.shim_pid))

    def ended(self, end: x.RunEnded) -> None:
        """Record a run's end, as its folder tells it. Ends of anything that is no run of the log are ignored."""
        run = self._store.world.runs.get(end.run_id)
        if run is None or not (run.live or run.state is RunState.UNKNOWN):
            return
        asked = self._asked_to_stop.pop(end.run_id, None)
        self._store.append_nowait(WORKER, _end_event(end, asked))

    def orphaned(self, run_id: str) -> None:
        """The run's shim was killed; its agent lives on."""
        if run_id in self._store.world.runs:
            body = RunChanged(
                run_id, RunState.RUNNING, "process", "its supervisor process was killed; the agent lives on"
            )
            self._store.append_nowait(WORKER, body)

    async def recover(self) -> None:
        """Find every run that the log believes alive: watch it, record its end, or say that it is unknown."""
        live = [r for r in self._store.world.runs.values() if r.live or r.state is RunState.UNKNOWN]
        for run in live:
            await self._adopt(run.id, await self._executor.reattach(run.id))

    async def _adopt(self, run_id: str, found: x.Recovery) -> None:
        run = self._store.world.runs[run_id]
        if found.ended is not None:
            self.ended(found.ended)
        elif found.alive:
            events: list[EventBody] = []
            if found.agent_pid is not None and run.pid != found.agent_pid:
                events.append(RunStarted(run_id, found.agent_pid, found.shim_pid))
            if found.kind is x.RecoveryKind.ORPHANED_RUNNING:
                events.append(
                    RunChanged(run_id, RunState.RUNNING, "process", found.why or "its shim is gone")
                )
            elif run.state is RunState.UNKNOWN:
                events.append(RunChanged(run_id, RunState.RUNNING, "process", ""))
            if events:
                await self._store.append(WORKER, *events)
        elif found.kind is x.RecoveryKind.NEVER_STARTED and self._executor.seal(run_id):
            await self._store.append(WORKER, RunEnded(run_id, RunState.LOST, reason=NEVER_STARTED))
        elif run.state is not RunState.UNKNOWN:
            why = found.why or "its processes cannot be seen from here"
            await self._store.append(WORKER, RunChanged(run_id, RunState.UNKNOWN, "worker", why))

    def stop(self, run_id: str, why: str) -> None:
        """End a run: TERM, grace, KILL of all that descends from it."""
        if run_id not in self._asked_to_stop:
            self._asked_to_stop[run_id] = why
            self._spawn(self._stop(run_id))

    async def _stop(self, run_id: str) -> None:
        try:
            result = await self._executor.stop(run_id, STOP_GRACE_S)
        except LocustTuiError as error:
            await self._store.append(WORKER, Noted("error", f"could not stop {run_id}: {error}", run_id))
            self._asked_to_stop.pop(run_id, None)
            return
        if result.ended is not None:
            self.ended(result.ended)
        if result.survivors:
            pids = ", ".join(map(str, result.survivors))
            await self._store.append(
                WORKER, Noted("error", f"{run_id}: processes {pids} did not die", run_id)
            )
            self._asked_to_stop.pop(run_id, None)

    async def stop_all(self) -> None:
        """Stop every live run and wait for the ends."""
        for run in self._store.world.live_runs():
            self.stop(run.id, "stopped with the worker")
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def pause(self, run: RunStatus) -> int:
        """Stop all processes of the run where they stand; how many were stopped."""
        count = await self._executor.pause(run.id)
        await self._store.append(WORKER, RunChanged(run.id, RunState.PAUSED, "process", "paused by a person"))
        return count

    async def resume(self, run: RunStatus) -> int:
        """Let the run's processes go on; how many were told."""
        count = await self._executor.resume(run.id)
        await self._store.append(WORKER, RunChanged(run.id, RunState.RUNNING, "process", ""))
        return count

    async def drain(self) -> None:
        """Wait until the starts and stops under way are recorded."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a start or stop failed", exc_info=error)


NEVER_STARTED = "never started"


def _end_event(end: x.RunEnded, asked: str | None) -> RunEnded:
    known = end.exit_code is not None or end.signal is not None
    if not known:
        state, reason = RunState.LOST, end.error or end.reason.value
    elif asked is not None:
        state, reason = RunState.KILLED, asked
    elif end.signal is not None:
        state, reason = RunState.KILLED, f"ended by signal {end.signal}"
    elif end.exit_code == 0:
        state, reason = RunState.EXITED, ""
    else:
        state, reason = RunState.FAILED, end.error or f"exit code {end.exit_code}"
    return RunEnded(
        run=end.run_id,
        state=state,
        exit_code=end.exit_code,
        signal=end.signal,
        reason=reason,
        ended=end.ended,
        max_rss_kib=end.max_rss_kib,
        cpu_s=end.cpu_s,
    )


def _write_private(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)
