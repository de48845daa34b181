"""Starts of runs: prepared, handed to the executor, and what comes of it recorded."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Protocol

from locust_tui.domain.events import RunEnded, RunStarted
from locust_tui.domain.states import RunState
from locust_tui.errors import LocustTuiError
from locust_tui.execution import runs as x
from locust_tui.execution.executor import Executor
from locust_tui.state.store import Store

from .conversing.conversations import Conversations
from .conversing.jobs import put_down
from .launching import Launch
from .retry import NEVER_STARTED
from .run_record import RunRecord


class Ends(Protocol):
    """Where it is decided what becomes of a start that came to something else than a start."""

    def ended(self, end: x.RunEnded) -> None: ...

    async def adopt(self, run_id: str, found: x.Recovery) -> None: ...

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
    ) -> None:
        self._store = store
        self._executor = executor
        self._talks = talks
        self._runs = runs_root
        self._record = record
        self._ends = ends
        self._preparing: dict[str, asyncio.Future[Launch]] = {}

    @property
    def preparing(self) -> Iterator[str]:
        """Runs whose places are being made."""
        return iter(tuple(self._preparing))

    def give_up_preparing(self, run_id: str) -> None:
        """Cut its preparation short, where it is being prepared."""
        if (preparing := self._preparing.get(run_id)) is not None:
            preparing.cancel()

    async def start(
        self, run_id: str, launch: Launch, prepare: Callable[[], Awaitable[Launch]] | None
    ) -> None:
        """Start it, once it is prepared; what comes of it is recorded. Cancelled while it is prepared, it never began."""
        try:
            if prepare is not None:
                self._preparing[run_id] = asyncio.ensure_future(prepare())
                launch = await self._preparing[run_id]
            if launch.instructions_file is not None:
                _write_private(launch.instructions_file, launch.instructions)
            started = await self._executor.start(self._spec(run_id, launch))
        except x.CannotExecuteError as error:
            self._ends.ended(error.ended)
        except x.StartUnknownError as error:
            await self._ends.adopt(run_id, error.recovery)
        except (x.AlreadyRunningError, x.AlreadyRanError):
            await self._ends.adopt(run_id, await self._executor.reattach(run_id))
        except x.SpawnError as error:
            self._executor.seal(run_id)
            self._record.note(RunEnded(run_id, RunState.LOST, reason=f"{NEVER_STARTED}: {error.message}"))
        except (LocustTuiError, OSError) as error:
            self._executor.seal(run_id)
            self._record.note(RunEnded(run_id, RunState.FAILED, reason=f"could not start: {error}"))
        except asyncio.CancelledError:
            if run_id not in self._preparing or not self._preparing[run_id].cancelled():
                raise
            self._ends.not_prepared(run_id)
        else:
            run = self._store.world.runs[run_id]
            if run.live and run.pid is None:
                self._record.note(RunStarted(run_id, started.agent_pid, started.shim_pid))
            self._talks.open(run_id)
        finally:
            self._preparing.pop(run_id, None)

    def _spec(self, run_id: str, launch: Launch) -> x.RunSpec:
        """What to start. A run that speaks a protocol has its input held open, and its log to itself."""
        if launch.talk is None:
            return x.RunSpec(run_id, launch.argv, launch.cwd, launch.env, pty=launch.pty)
        put_down(self._runs / run_id, launch.talk)
        return x.RunSpec(run_id, launch.argv, launch.cwd, launch.env, stdin=x.Stdin.FIFO, split_stderr=True)


def _write_private(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)
