"""Hooks: pipelines of this program's own verbs, run when the clock says so, once for every event, or when called back."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from locust_tui.analysis.hook_events import answers, kinds
from locust_tui.client import requests as r
from locust_tui.domain.clock import Clock
from locust_tui.domain.coordination import HookStatus
from locust_tui.domain.events import Event, EventBody, HookArmed, HookMissed, HookRan, Noted
from locust_tui.domain.people import WORKER
from locust_tui.domain.plan import Hook, Plan
from locust_tui.errors import NotFoundError, RefusedError, did_you_mean
from locust_tui.state.errors import StoreError
from locust_tui.state.folder import StateFolder
from locust_tui.state.reader import ReadOnlyStore
from locust_tui.state.store import Store

from ..callers import HOOK, Caller, is_hook
from ..planning import PlanKeeper
from ..told import Told
from .hook_clock import Due, due, iso, next_due
from .hook_lanes import ABOUT_HOOKS, DISK_PATIENCE_S, Lanes, kept
from .hook_runs import HookRunner, Job, depth_of
from .hook_values import event_input, event_values

T = TypeVar("T")

log = logging.getLogger(__name__)

DEEPEST = 3
"""A hook is set off by what a hook did, that by what another did, and so on, this often and no more."""
PAGE = 500
"""Events read at a time."""
MOST_WAITING = 200
"""Runs of all hooks that are known and not begun; further events are read when these are done."""
PAUSE_S, LONGEST_WAIT_S = 0.1, 3_600.0
"""Between two looks, however much is recorded, and however little."""
LAST_S = 2.0
"""A worker that is to end gives its hooks so long."""


class Hooks:
    """A Taker of RunHook, and the duty that runs what is due."""

    def __init__(self, store: Store, keeper: PlanKeeper, folder: StateFolder, clock: Clock) -> None:
        self._store, self._keeper, self._folder, self._clock = store, keeper, folder, clock
        self._runner = HookRunner(folder, store, clock)
        self._changed = asyncio.Event()
        self._lanes = Lanes(store, keeper, self._runner, clock, self._changed.set)

    @property
    def waits(self) -> bool:
        """A hook of the plan keeps the worker: it has to be there when the hook is due."""
        plan = self._keeper.plan
        return plan is not None and any(h.cron or h.event for h in plan.hooks.values())

    @property
    def callers(self) -> dict[int, str]:
        """Pid → "hook:NAME" of every process of a hook that runs."""
        return self._runner.callers

    def takes(self, request: r.Request) -> bool:
        return isinstance(request, r.RunHook)

    async def __call__(self, request: r.Request, caller: Caller) -> Told:
        """Run it now, beside whatever else it does."""
        assert isinstance(request, r.RunHook)
        plan = self._keeper.in_force()
        hook = plan.hooks.get(request.hook)
        if hook is None:
            near = did_you_mean(request.hook, plan.hooks) or "locust-tui hooks ls"
            raise NotFoundError(f'there is no hook "{request.hook}"', help=near)
        depth = depth_of(caller.run) + 1 if is_hook(caller) else 1
        if hook.shell and caller.agent:
            raise RefusedError(
                f"{hook.name} runs a shell; only people may run it", help="locust-tui hooks run"
            )
        if depth > DEEPEST:
            raise RefusedError(f"hooks set each other off {DEEPEST} deep; {hook.name} is not run")
        trigger = f"key {request.about}" if request.about else f"{request.by or caller.run or caller.name}"
        job = Job(
            hook.name, trigger, depth, 0, request.input.encode("utf-8", "replace"), {"key": request.about}
        )
        ended = await self._runner.run(plan, hook, job, f"{trigger}:{os.urandom(8).hex()}")
        data = {"hook": hook.name, "ok": ended.ok, "said": ended.said}
        return Told(data, (HookRan(hook.name, trigger, ended.ok, kept(ended.said)),))

    async def forever(self) -> None:
        """A duty that ends only by being cancelled; with it ends everything that a hook runs."""
        unsubscribe = self._store.subscribe(lambda _revision: self._changed.set())
        try:
            while True:
                self._changed.clear()
                wait = await self._look_once()
                pause = min(PAUSE_S, wait)
                await asyncio.sleep(pause)
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait - pause):
                        await self._changed.wait()
        finally:
            unsubscribe()
            with suppress(TimeoutError, StoreError):
                async with asyncio.timeout(LAST_S):
                    await self._answer_the_last()
            await self._lanes.end()

    async def _answer_the_last(self) -> None:
        """What happened just before the worker is to end; what takes longer is run again by the next one."""
        if (plan := self._keeper.plan) is not None:
            await self._look_at_events(plan)
        await self._lanes.finished()

    async def _look_once(self) -> float:
        """Seconds until the next look at the latest."""
        plan = self._keeper.plan
        if plan is None or (not plan.hooks and not self._store.world.hooks):
            return LONGEST_WAIT_S
        try:
            await self._arm(plan)
            await self._look_at_clock(plan)
            await self._look_at_events(plan)
        except StoreError as error:
            log.error("%s", error)
            return DISK_PATIENCE_S
        now = self._clock()
        moments = [next_due(h, plan.calendar.timezone, now) for h in plan.hooks.values() if h.cron]
        return min([LONGEST_WAIT_S, *(max(0.0, m - now) for m in moments if m is not None)])

    async def _arm(self, plan: Plan) -> None:
        """Hooks that are new or wait for something else begin now; what a cut-off shell did is said."""
        known = self._store.world.hooks
        events: list[EventBody] = []
        for hook in plan.hooks.values():
            status = known.get(hook.name) or HookStatus(hook.name)
            when = hook.cron or hook.event
            if status.when != when:
                events.append(HookArmed(hook.name, when, await self._in_force_since() if hook.event else 0))
                self._lanes.drop(hook.name)
            elif status.begun and hook.name not in self._lanes:
                why = "the worker ended while its shell ran; what that did stands, and it is not run again"
                events.append(HookRan(hook.name, status.begun, False, why, status.seen))
        for name, status in known.items():
            if status.when and name not in plan.hooks:
                events.append(HookArmed(name, "", status.seen))
        if events:
            await self._store.append(WORKER, *events)

    async def _in_force_since(self) -> int:
        """Revision that put the plan in force: a hook answers what came with it and after."""
        found = await self._read(
            lambda store: store.connection.execute(
                "SELECT max(revision) FROM events WHERE kind = 'plan.accepted'"
            ).fetchone()
        )
        return int(found[0] or 0)

    async def _read(self, what: Callable[[ReadOnlyStore], T]) -> T:
        def reading() -> T:
            with ReadOnlyStore(self._folder.store) as store:
                return what(store)

        return await asyncio.to_thread(reading)

    async def _look_at_clock(self, plan: Plan) -> None:
        now = self._clock()
        for hook in plan.hooks.values():
            if not hook.cron or hook.name not in self._store.world.hooks:
                continue
            lane = self._lanes.of(hook.name)
            found: Due | None = due(
                hook, self._store.world.hooks[hook.name], plan.calendar.timezone, lane.clock_done, now
            )
            if found is None:
                continue
            lane.clock_done = found.at
            if found.missed:
                why = "no worker was there; it runs once now"
                await self._store.append(WORKER, HookMissed(hook.name, found.missed, iso(found.at), why))
            self._lanes.put(lane, Job(hook.name, iso(found.at)))

    async def _look_at_events(self, plan: Plan) -> None:
        """Read on where each hook stopped; what was not read now is read when room is made."""
        hooks = [h for h in plan.hooks.values() if h.event and h.name in self._store.world.hooks]
        wanted = sorted({kind for h in hooks for kind in kinds(h.event)})
        while hooks:
            room, end = MOST_WAITING - self._lanes.waiting, self._store.committed
            after = min(self._lanes.of(h.name).read for h in hooks)
            if room <= 0 or after >= end:
                return
            page = await self._read(
                lambda store, after=after: store.events(after, PAGE, kinds=wanted)  # type: ignore[misc]
            )
            for event in page:
                self._offer(hooks, event)
            if len(page) < PAGE:
                for lane in (self._lanes.of(h.name) for h in hooks):
                    lane.read = max(lane.read, end)
                return

    def _offer(self, hooks: list[Hook], event: Event) -> None:
        for hook in hooks:
            lane = self._lanes.of(hook.name)
            if event.revision <= lane.read:
                continue
            lane.read = event.revision
            if not answers(hook.event, event.body) or _own(event):
                continue
            depth = depth_of(event.by.name) + 1 if event.by.name.startswith(HOOK) else 1
            if depth > DEEPEST:
                self._lanes.note(
                    lane,
                    f"hooks set each other off {DEEPEST} deep; {hook.name} is not run for #{event.revision}",
                )
                continue
            values = event_values(event)
            self._lanes.put(
                lane, Job(hook.name, f"#{event.revision}", depth, event.revision, event_input(event), values)
            )


def _own(event: Event) -> bool:
    """What is noted about hooks sets none off."""
    return isinstance(event.body, Noted) and event.body.subject == ABOUT_HOOKS
