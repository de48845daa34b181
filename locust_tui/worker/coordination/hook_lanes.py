"""What each hook has to do, in order: one run of a hook at a time, few of all, and none too often."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import field

from locust_tui.domain.clock import Clock
from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.events import EventBody, HookBegan, HookRan, Noted
from locust_tui.domain.people import WORKER
from locust_tui.fault import point
from locust_tui.state.errors import StoreError
from locust_tui.state.store import Store

from ..callers import HOOK
from ..noting import note_down
from ..planning import PlanKeeper
from .hook_runs import HookRunner, Job

log = logging.getLogger(__name__)

MOST_A_MINUTE = 30
"""Runs of one hook; the rest waits."""
AT_ONCE = 2
MOST_SAID = 4_000
"""Characters of output in the record."""
DISK_PATIENCE_S = 1.0
ABOUT_HOOKS = HOOK.rstrip(":")
"""Subject of what is noted about hooks: that sets none off."""


@dataclass(slots=True)
class Lane:
    """One hook's."""

    waiting: deque[Job] = field(default_factory=deque)
    task: asyncio.Task[None] | None = None
    read: int = 0
    """Revision up to which events were looked at."""
    clock_done: float = 0.0
    """The last moment of its clock that is waiting or was dealt with."""
    begun: deque[float] = field(default_factory=deque)
    """When it ran last, within a minute."""
    noted: float = float("-inf")


class Lanes:
    """`emptied` is called when a hook has nothing more to do."""

    def __init__(
        self, store: Store, keeper: PlanKeeper, runner: HookRunner, clock: Clock, emptied: Callable[[], None]
    ) -> None:
        self._store, self._keeper, self._runner, self._clock = store, keeper, runner, clock
        self._emptied = emptied
        self._lanes: dict[str, Lane] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._running: set[asyncio.Task[None]] = set()

    def __contains__(self, hook: str) -> bool:
        return hook in self._lanes

    def of(self, hook: str) -> Lane:
        """The hook's lane; a new one begins where the record says that the hook is."""
        lane = self._lanes.get(hook)
        if lane is None:
            lane = self._lanes[hook] = Lane(read=self._store.world.hooks[hook].seen)
        return lane

    def drop(self, hook: str) -> None:
        """The hook begins anew; what it runs now comes to its end."""
        self._lanes.pop(hook, None)

    @property
    def waiting(self) -> int:
        """Runs that are known and not done."""
        return sum(len(lane.waiting) for lane in self._lanes.values())

    def put(self, lane: Lane, job: Job) -> None:
        lane.waiting.append(job)
        if lane.task is None or lane.task.done():
            lane.task = asyncio.create_task(self._work_off(lane), name=f"hook {job.hook}")
            self._running.add(lane.task)
            lane.task.add_done_callback(self._running.discard)

    def note(self, lane: Lane, text: str) -> None:
        """At most once a minute for each hook."""
        now = self._clock()
        if now - lane.noted >= 60:
            lane.noted = now
            note_down(self._store, [Noted("warning", text, ABOUT_HOOKS)])

    async def finished(self) -> None:
        """Wait until nothing runs."""
        while self._running:
            await asyncio.wait(self._running)

    async def end(self) -> None:
        """End whatever runs; it is not on record, and run again by the next worker."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _work_off(self, lane: Lane) -> None:
        while lane.waiting:
            await self._hold_back(lane, lane.waiting[0])
            async with self._slots:
                await self._carry_out(lane.waiting[0])
            lane.waiting.popleft()
        self._emptied()

    async def _hold_back(self, lane: Lane, job: Job) -> None:
        now = self._clock()
        while lane.begun and lane.begun[0] <= now - 60:
            lane.begun.popleft()
        if len(lane.begun) >= MOST_A_MINUTE:
            text = f"{job.hook} ran {MOST_A_MINUTE} times within a minute; {len(lane.waiting)} events wait"
            self.note(lane, text)
            await asyncio.sleep(max(0.0, lane.begun[0] + 60 - now))
        lane.begun.append(self._clock())

    async def _carry_out(self, job: Job) -> None:
        plan = self._keeper.plan
        hook = plan.hooks.get(job.hook) if plan is not None else None
        if plan is None or hook is None:
            return
        if hook.shell:
            await self._record(HookBegan(job.hook, job.trigger, job.seen))
        point("hook.begun")
        ended = await self._runner.run(plan, hook, job, job.trigger)
        point("hook.ran")
        await self._record(HookRan(job.hook, job.trigger, ended.ok, kept(ended.said), job.seen))

    async def _record(self, body: EventBody) -> None:
        """Once the disk takes it: nothing is begun that is not on record, nor run again because its end was not."""
        while True:
            try:
                await self._store.append(WORKER, body)
            except StoreError as error:
                log.error("%s", error)
                await asyncio.sleep(DISK_PATIENCE_S)
            else:
                return


def kept(said: str) -> str:
    """As much of an output as the record keeps."""
    return said if len(said) <= MOST_SAID else f"{said[:MOST_SAID]}… (+{len(said) - MOST_SAID} characters)"
