"""The forecast of the cockpit's headline: computed off the loop, no more often than it is worth."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable

from locust_tui.analysis.forecast import forecast_in_passing
from locust_tui.domain.clock import plan_time, project_start
from locust_tui.domain.plan import Plan
from locust_tui.domain.snapshot import ForecastView
from locust_tui.domain.states import UNFINISHED
from locust_tui.domain.world import World
from locust_tui.state.record_now import record_now

AFTER_S, ANEW_S = 0.5, 3.0
"""Least time between two forecasts: when work began or was finished, when only time has passed."""
SHARE = 20.0
"""And no sooner than so many times what the last one took."""


class Headline:
    """`latest` is the newest forecast; `news` is called when there is another, or when one is due."""

    def __init__(self, news: Callable[[], None]) -> None:
        self.latest: ForecastView | None = None
        self._news = news
        self._rests_on: tuple[object, ...] = ()
        self._ended = float("-inf")
        self._took = 0.0
        self._computing: asyncio.Task[None] | None = None

    def close(self) -> None:
        """Give up what is under way."""
        if self._computing is not None:
            self._computing.cancel()

    def compute_when_due(self, plan: Plan, world: World) -> None:
        """Begin another when work began or was finished, or a tenth of a plan week passed."""
        rests_on = (_tenth(plan, world), id(plan), *(
            (s.id, s.state, len(s.verified)) for s in world.workstreams.values()
        ))  # fmt: skip
        if self._computing is not None or rests_on == self._rests_on:
            return
        same_work = rests_on[1:] == self._rests_on[1:]
        pause = max(ANEW_S if same_work else AFTER_S, SHARE * self._took)
        early = self._ended + pause - time.monotonic()
        if early > 0:
            asyncio.get_running_loop().call_later(early, self._news)
            return
        self._rests_on = rests_on
        self._computing = asyncio.create_task(self._compute(plan, world))

    async def _compute(self, plan: Plan, world: World) -> None:
        began, still = time.monotonic(), world.still()
        try:
            self.latest = await asyncio.to_thread(forecast_in_passing, plan, still, record_now(still))
            self._news()
        finally:
            self._ended = time.monotonic()
            self._took = self._ended - began
            self._computing = None


def _tenth(plan: Plan, world: World) -> int | None:
    """Tenths of a plan week that have passed; None where time changes nothing any more."""
    if world.project.started is None or all(s.state not in UNFINISHED for s in world.workstreams.values()):
        return None
    start = project_start(plan.calendar, world.project.started)
    return math.floor(10 * plan_time(plan.calendar, start, record_now(world)))
