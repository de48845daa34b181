"""The forecast looked into, for one viewer: what was simulated of past weeks is kept from one look to the next."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from locust_tui.analysis.ending import told_at
from locust_tui.analysis.forecast_history import KINDS, ForecastPast, forecast_study, plans_of

if TYPE_CHECKING:
    from locust_tui.domain.plan import Calendar, Plan
    from locust_tui.domain.studies.forecast_study import ForecastStudy
    from locust_tui.state.async_reader import AsyncReader

    from .feed_studies import Ground


class ForecastLook:
    """`look` is asked for the study as often as somebody wants to see it; looks are made one after the other."""

    def __init__(self) -> None:
        self._past = ForecastPast()
        self._calendar: Calendar | None = None
        self._one_at_a_time = asyncio.Lock()

    async def look(self, ground: Ground, reader: AsyncReader | None) -> ForecastStudy:
        """Reads only what is new in the record; simulates in a thread. StoreError."""
        async with self._one_at_a_time:
            plan, world = ground.plan, ground.world
            if self._calendar != plan.calendar or world.revision < self._past.revision:
                self._past, self._calendar = ForecastPast(), plan.calendar
            if reader is not None:
                after = self._past.revision
                events = await reader.read(lambda store: store.events(after, kinds=KINDS))
                # one by one: snapshots are read in between
                plans = {digest: await _read_plan(reader, digest) for digest in plans_of(events)}
                self._past.take(events, plans)
            now = told_at(plan, world, ground.at)
            return await asyncio.to_thread(forecast_study, plan, world, now, self._past, digest=ground.digest)


async def _read_plan(reader: AsyncReader, digest: str) -> Plan:
    return await reader.read(lambda store: store.plan_of(digest)[0])
