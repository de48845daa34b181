"""Ends of runs of which nothing ever ran: recorded once their folders are sealed, which a full disk can put off."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from locust_tui.domain.events import RunEnded
from locust_tui.domain.states import RunState
from locust_tui.execution.executor import Executor
from locust_tui.execution.runs import RunFolderRefusedError
from locust_tui.execution.shortage import lack_in

from .run_record import RunRecord
from .shortage import Shortage

log = logging.getLogger(__name__)


class Unbegun:
    """Of one supervisor. `look_again` is called with a run that turns out to have begun after all."""

    def __init__(
        self,
        executor: Executor,
        record: RunRecord,
        shortage: Shortage,
        look_again: Callable[[str], Awaitable[None]],
    ) -> None:
        self._executor = executor
        self._record = record
        self._shortage = shortage
        self._look_again = look_again
        self._put_off: dict[str, asyncio.Task[None]] = {}

    @property
    def put_off(self) -> frozenset[str]:
        """Runs whose ends wait for the machine."""
        return frozenset(self._put_off)

    def end(self, run_id: str, state: RunState, reason: str) -> bool:
        """Record that nothing of it ran or ever will, later where the machine lacks what that takes; False: something may have."""
        if run_id in self._put_off:
            return True
        try:
            sealed = self._seal(run_id)
        except OSError as error:
            if lack_in(error) is None:
                raise
            self._put_off[run_id] = task = asyncio.create_task(self._later(run_id, state, reason))
            task.add_done_callback(lambda _task: self._put_off.pop(run_id, None))
            return True
        if sealed:
            self._record.note(RunEnded(run_id, state, reason=reason))
        return sealed

    async def _later(self, run_id: str, state: RunState, reason: str) -> None:
        async def seal() -> bool:
            return self._seal(run_id)

        try:
            sealed = await self._shortage.wait_out(run_id, seal)
        except Exception:
            log.exception("%s could not be ended", run_id)
            return
        if sealed:
            self._record.note(RunEnded(run_id, state, reason=reason))
        else:
            await self._look_again(run_id)

    def _seal(self, run_id: str) -> bool:
        try:
            return self._executor.seal(run_id)
        except RunFolderRefusedError:
            return True  # where no folder of ours can be, nothing is started either

    async def close(self) -> None:
        """Leave what is put off to the next worker."""
        tasks = list(self._put_off.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
