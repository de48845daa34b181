"""Taking runs up as they are found: after a restart of the worker, or of a start that came to something else."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Container
from functools import partial
from typing import Protocol

from locust_tui.domain.events import RunChanged, RunStarted
from locust_tui.domain.states import RunState
from locust_tui.domain.world import RunStatus
from locust_tui.errors import LocustTuiError
from locust_tui.execution import runs as x
from locust_tui.execution.executor import Executor
from locust_tui.execution.identity import boot_id, read_stat
from locust_tui.execution.shortage import lack_in
from locust_tui.state.reader import ReadOnlyStore
from locust_tui.state.store import Store

from .conversing.conversations import Conversations
from .retry import NEVER_STARTED
from .run_ends import asked_to_stop
from .run_record import RunRecord
from .shortage import Shortage
from .unbegun import Unbegun

log = logging.getLogger(__name__)

CUT_OFF = "the machine was restarted as it was being started; whether it began is not known"


class Supervising(Protocol):
    """What is done with a run that was found."""

    def ended(self, end: x.RunEnded) -> None: ...

    def orphaned(self, run_id: str) -> None: ...

    def stop(self, run_id: str, why: str) -> None: ...

    async def freeze(self, run_id: str) -> None: ...


class TakingUp:
    """Of one supervisor. `unbegun` ends the runs of which nothing ever ran."""

    def __init__(
        self,
        store: Store,
        executor: Executor,
        record: RunRecord,
        talks: Conversations,
        shortage: Shortage,
        supervising: Supervising,
    ) -> None:
        self._store = store
        self._executor = executor
        self._record = record
        self._talks = talks
        self._shortage = shortage
        self._supervising = supervising
        self._later: dict[str, asyncio.Task[None]] = {}
        """Runs that could not be looked at when they were to be taken up."""
        self.unbegun = Unbegun(executor, record, shortage, self.take_up)

    async def recover(self, but: Container[str]) -> None:
        """Find every run that the log believes alive: watch it, record its end, or say that it is unknown.

        Those in `but` are seen to by others; those that this machine lacks what it takes to look at are looked at later.
        """
        live = [r.id for r in self._store.world.runs.values() if r.live or r.state is RunState.UNKNOWN]
        for run_id in live:
            if run_id in but or run_id in self.unbegun.put_off or run_id in self._later:
                continue
            try:
                await self.take_up(run_id)
            except (LocustTuiError, OSError) as error:
                if lack_in(error) is not None:
                    self._later[run_id] = asyncio.create_task(self._take_up_later(run_id))
                elif isinstance(
                    error, OSError
                ):  # an agent can do that to its folder: it is that run's trouble alone
                    self._not_known(self._store.world.runs[run_id], f"it cannot be looked at: {error}")
                else:
                    raise

    async def take_up(self, run_id: str) -> None:
        """Look what became of a run, and take it up as it was found."""
        try:
            found = await self._executor.reattach(run_id)
        except x.RunFolderRefusedError as refusal:
            found = x.Recovery(x.RecoveryKind.UNKNOWN_HOST, run_id, why=refusal.message)
        await self.adopt(run_id, found)

    async def _take_up_later(self, run_id: str) -> None:
        try:
            await self._shortage.wait_out(run_id, partial(self.take_up, run_id))
        except Exception:
            log.exception("%s could not be taken up", run_id)
        finally:
            del self._later[run_id]

    async def adopt(self, run_id: str, found: x.Recovery) -> None:
        """Take a run up as it was found. One that has its end on record keeps it."""
        run = self._store.world.runs[run_id]
        if not run.live and run.state is not RunState.UNKNOWN:
            return
        if found.ended is not None:
            self._supervising.ended(found.ended)
        elif found.alive:
            if found.agent_pid is not None and run.pid != found.agent_pid:
                self._record.note(RunStarted(run_id, found.agent_pid, found.shim_pid))
            if found.kind is x.RecoveryKind.ORPHANED_RUNNING:
                self._supervising.orphaned(run_id)
            elif run.state is RunState.UNKNOWN:
                self._record.note(RunChanged(run_id, RunState.RUNNING, "process", ""))
            self._talks.open(run_id)
            await self._take_up_wishes(run)
        elif (
            found.kind is x.RecoveryKind.NEVER_STARTED
            and run.pid is not None
            and self._is_of_this_boot(run_id)
        ):
            self._adopt_without_folder(run, run.pid)
        elif not (found.kind is x.RecoveryKind.NEVER_STARTED and self._end_unbegun(run_id)):
            self._not_known(run, found.why or "its processes cannot be seen from here")

    def _adopt_without_folder(self, run: RunStatus, pid: int) -> None:
        """The record saw it start, and its folder, which would know more, was taken away since."""
        if read_stat(pid) is not None:
            self._not_known(run, f"its folder was taken away; pid {pid} may still be its agent")
            return
        why = "its folder was taken away, and its agent is gone"
        self._supervising.ended(
            x.RunEnded(run.id, None, None, x.EndReason.LOST_CRASH, time.time(), error=why)
        )

    def _end_unbegun(self, run_id: str) -> bool:
        return self.unbegun.end(run_id, RunState.LOST, self._why_not_started(run_id))

    def _why_not_started(self, run_id: str) -> str:
        """A run folder is not synced at a start: after a restart of the machine its silence proves nothing."""
        return NEVER_STARTED if self._is_of_this_boot(run_id) else CUT_OFF

    def _is_of_this_boot(self, run_id: str) -> bool:
        with ReadOnlyStore(self._store.path) as record:
            return record.boot_of(run_id) in (None, boot_id())

    def _not_known(self, run: RunStatus, why: str) -> None:
        if run.state is not RunState.UNKNOWN:
            self._record.note(RunChanged(run.id, RunState.UNKNOWN, "worker", why))

    async def _take_up_wishes(self, run: RunStatus) -> None:
        """What was asked of a run and may not have reached it before this worker's predecessor died."""
        if (asked := asked_to_stop(run)) is not None:
            self._supervising.stop(run.id, asked)
        elif run.state is RunState.PAUSED:
            await self._supervising.freeze(run.id)

    async def close(self) -> None:
        """Leave what could not be looked at to the next worker."""
        tasks = list(self._later.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.unbegun.close()
