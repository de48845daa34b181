"""Starts of runs: prepared, handed to the executor, and what comes of it recorded."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

from locust_tui import whole_file
from locust_tui.domain.events import RunChanged, RunStarted
from locust_tui.domain.states import WAITS_TO_START, RunState
from locust_tui.errors import LocustTuiError
from locust_tui.execution import runs as x
from locust_tui.execution.executor import Executor
from locust_tui.fault import point
from locust_tui.state.store import Store

from .conversing.conversations import Conversations
from .conversing.jobs import put_down
from .launching import Launch
from .noting import note_down
from .retry import NEVER_STARTED
from .run_record import RunRecord
from .shortage import Shortage
from .taking_up import TakingUp

log = logging.getLogger(__name__)
T = TypeVar("T")


class Ends(Protocol):
    """Where it is decided what becomes of a start that came to something else than a start."""

    def ended(self, end: x.RunEnded) -> None: ...

    def not_prepared(self, run_id: str) -> None: ...


class RunStarts:
    """Of one supervisor."""

    def __init__(
        self,
        store: Store,
        executor: Executor,
        talks: Conversations,
        runs_root: Path,
        record: RunRecord,
        ends: Ends,
        taking_up: TakingUp,
        shortage: Shortage,
    ) -> None:
        self._store = store
        self._executor = executor
        self._talks = talks
        self._runs = runs_root
        self._record = record
        self._ends = ends
        self._taking_up = taking_up
        self._shortage = shortage
        self._not_begun: dict[str, asyncio.Future[Any]] = {}
        self._given_up: set[str] = set()
        self._waiting: set[str] = set()

    @property
    def preparing(self) -> Iterator[str]:
        """Runs whose places are being made, or that wait for the machine."""
        return iter(tuple(self._not_begun))

    @property
    def waiting(self) -> frozenset[str]:
        """Runs that this machine had no room for so far."""
        return frozenset(self._waiting)

    def give_up_preparing(self, run_id: str) -> None:
        """Cut its preparation or its waiting short; where it is past them, it waits no more if it has to."""
        self._given_up.add(run_id)
        if (preparing := self._not_begun.get(run_id)) is not None:
            preparing.cancel()

    async def start(
        self, run_id: str, launch: Launch, prepare: Callable[[], Awaitable[Launch]] | None
    ) -> None:
        """Start it, once it is prepared; what comes of it is recorded. Given up before that, it never began.

        What this machine lacks for it is waited for: only what the start itself comes to is the run's.
        """
        start, wait = partial(self._start, run_id, launch, prepare), partial(self._wait, run_id)
        try:
            started = await self._shortage.wait_out(run_id, start, wait)
        except x.CannotExecuteError as error:
            self._ends.ended(error.ended)
        except (x.StartUnknownError, x.AlreadyRunningError, x.AlreadyRanError):
            await self._found_instead(run_id)
        except x.SpawnError as error:
            await self._not_started(run_id, RunState.LOST, f"{NEVER_STARTED}: {error.message}")
        except asyncio.CancelledError:
            if run_id not in self._given_up:
                raise
            self._ends.not_prepared(run_id)
        except Exception as error:
            if not isinstance(error, (LocustTuiError, OSError)):
                log.exception("%s could not be started", run_id)
            await self._not_started(run_id, RunState.FAILED, f"could not start: {error}")
        else:
            point("start.answered")
            run = self._store.world.runs[run_id]
            if run.live and run.pid is None:
                self._record.note(RunStarted(run_id, started.agent_pid, started.shim_pid))
            self._talks.open(run_id)
        finally:
            self._given_up.discard(run_id)
            self._waiting.discard(run_id)

    async def _start(
        self, run_id: str, launch: Launch, prepare: Callable[[], Awaitable[Launch]] | None
    ) -> x.Started:
        if prepare is not None:
            launch = await self._unless_given_up(run_id, prepare())
        if launch.instructions_file is not None:
            launch.instructions_file.parent.mkdir(mode=0o700, exist_ok=True)
            whole_file.put(launch.instructions_file, launch.instructions, sync=False)
        point("start.prepared")
        return await self._executor.start(self._spec(run_id, launch))

    async def _wait(self, run_id: str, lack: str, pause: Awaitable[None]) -> None:
        run, reason = self._store.world.runs[run_id], f"{WAITS_TO_START}{lack}"
        is_news = run_id not in self._waiting or run.reason not in ("", reason)
        if is_news and run_id not in self._given_up:
            note_down(self._store, [RunChanged(run_id, run.state, "worker", reason)])
        self._waiting.add(run_id)
        await self._unless_given_up(run_id, pause)

    async def _unless_given_up(self, run_id: str, work: Awaitable[T]) -> T:
        doing: asyncio.Future[T] = asyncio.ensure_future(work)
        self._not_begun[run_id] = doing
        try:
            if run_id in self._given_up:
                doing.cancel()
            return await doing
        finally:
            del self._not_begun[run_id]

    async def _found_instead(self, run_id: str) -> None:
        """Its folder tells what became of it; as long as the machine lacks what it takes to look, that is not known."""
        look = partial(self._executor.reattach, run_id)
        await self._taking_up.adopt(run_id, await self._shortage.wait_out(run_id, look))

    async def _not_started(self, run_id: str, state: RunState, reason: str) -> None:
        if not self._taking_up.unbegun.end(run_id, state, reason):
            await self._found_instead(run_id)

    def _spec(self, run_id: str, launch: Launch) -> x.RunSpec:
        """What to start. A run that speaks a protocol has its input held open, and its log to itself."""
        if launch.talk is None:
            return x.RunSpec(run_id, launch.argv, launch.cwd, launch.env, pty=launch.pty)
        put_down(self._runs / run_id, launch.talk)
        return x.RunSpec(run_id, launch.argv, launch.cwd, launch.env, stdin=x.Stdin.FIFO, split_stderr=True)
