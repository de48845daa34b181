"""Measurements over time: the plan's monitors at their intervals, and what each live run uses."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from locust_tui.analysis.sampling import (
    KEPT_OF_MONITORS,
    KEPT_OF_RUNS,
    SAMPLE_RUNS_S,
    anchor,
    grid,
    monitor_series,
    run_series,
)
from locust_tui.analysis.watched import DEFAULT, measured
from locust_tui.domain.clock import Clock
from locust_tui.domain.plan import Monitor, Plan
from locust_tui.execution.runs import Sample
from locust_tui.state.samples import SampleWriter
from locust_tui.state.store import Store

from ..planning import PlanKeeper

log = logging.getLogger(__name__)

Usage = Callable[[list[str]], Awaitable[Mapping[str, Sample]]]
"""What live runs use now, by run; those that are over are left out."""

SETTLE_S = 0.5
"""After a change of the record, before the timetable is looked at again."""
LONGEST_S = 60.0
MANY_RUNS = 100
"""From so many live runs on they are sampled less often, in proportion."""
PERFORMANCE = "performance-tracking"


class Sampling:
    """The one writer of measurements. What it cannot write is said once in the log and lost."""

    def __init__(
        self, store: Store, keeper: PlanKeeper, writer: SampleWriter, clock: Clock, usage: Usage
    ) -> None:
        self._store = store
        self._keeper = keeper
        self._writer = writer
        self._clock = clock
        self._usage = usage
        self._since: dict[str, float] = {}
        self._taken: dict[str, int] = {}
        self._complained = False

    async def monitors_forever(self) -> None:
        """A duty that ends only by being cancelled."""
        changed = asyncio.Event()
        unsubscribe = self._store.subscribe(lambda _revision: changed.set())
        try:
            while True:
                again_at = await self.sample_monitors()
                changed.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(min(LONGEST_S, max(0.0, again_at - self._clock()))):
                        await changed.wait()
                        await asyncio.sleep(SETTLE_S)
        finally:
            unsubscribe()

    async def sample_monitors(self) -> float:
        """Take what is due now; the moment at which the next is."""
        plan = self._keeper.plan
        if plan is None or not plan.monitors or self._store.world.project.started is None:
            return self._clock() + LONGEST_S
        again_at = self._clock() + LONGEST_S
        for monitor in plan.monitors:
            key = anchor(monitor)
            if key not in self._since and not await self._took_up(key, monitor):
                continue
            now = self._clock()
            due, next_at = grid(self._since[key], monitor.refresh, now)
            if due > self._taken[key]:
                await self._take(plan, monitor, now)
                self._taken[key] = due
            again_at = min(again_at, next_at)
        return again_at

    async def _took_up(self, key: str, monitor: Monitor) -> bool:
        """Whether it is known when the monitor was begun, and how many samples were due when it was sampled last."""

        def look() -> tuple[float, float | None]:
            return self._writer.begun(key, self._clock()), self._writer.last(monitor_series(monitor.name, ""))

        try:
            since, last = await asyncio.to_thread(look)
        except (sqlite3.Error, OSError) as error:
            self._complain(error)
            return False
        self._since[key] = since
        self._taken[key] = 0 if last is None else grid(since, monitor.refresh, last)[0]
        return True

    async def _take(self, plan: Plan, monitor: Monitor, now: float) -> None:
        values = measured(plan, self._store.world, now, monitor.metrics or DEFAULT)
        series = {monitor_series(monitor.name, name): value for name, value in values.items()}
        await self._write(now, series, KEPT_OF_MONITORS)

    async def runs_forever(self) -> None:
        """A duty that ends only by being cancelled; it does nothing while performance-tracking is off."""
        changed = asyncio.Event()
        unsubscribe = self._store.subscribe(lambda _revision: changed.set())
        try:
            while True:
                live = await self.sample_runs()
                if live is not None:
                    await asyncio.sleep(SAMPLE_RUNS_S * max(1.0, live / MANY_RUNS))
                    continue
                changed.clear()
                await changed.wait()
                await asyncio.sleep(SETTLE_S)
        finally:
            unsubscribe()
            self._writer.close()

    async def sample_runs(self) -> int | None:
        """Take what each live run uses now; how many there are. None: none, or nobody wants to know."""
        plan = self._keeper.plan
        live = [run.id for run in self._store.world.live_runs() if run.pid is not None]
        if plan is None or PERFORMANCE not in plan.features or not live:
            return None
        found = await self._usage(live)
        values: dict[str, float | None] = {}
        for run, sample in found.items():
            values[run_series(run, "cpu_s")] = sample.cpu_s
            values[run_series(run, "rss_kib")] = sample.rss_kib
            values[run_series(run, "read_bytes")] = sample.read_bytes
            values[run_series(run, "written_bytes")] = sample.written_bytes
        if values:
            await self._write(self._clock(), values, KEPT_OF_RUNS)
        return len(live)

    async def _write(self, at: float, values: Mapping[str, float | None], keep: int) -> None:
        try:
            await asyncio.to_thread(self._writer.write, at, values, keep)
        except (sqlite3.Error, OSError) as error:
            self._complain(error)
        else:
            self._complained = False

    def _complain(self, error: Exception) -> None:
        if not self._complained:
            log.error("%s cannot be written, measurements are lost: %s", self._writer.path, error)
        self._complained = True
