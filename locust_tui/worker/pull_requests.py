"""Looks whether pull requests of accepted work have been merged, as far as their owner has fetched that."""

from __future__ import annotations

import asyncio
import logging

from locust_tui.analysis.came_to import open_pull_request
from locust_tui.domain.events import WorkMerged
from locust_tui.domain.people import WORKER
from locust_tui.domain.plan import Plan
from locust_tui.errors import LocustTuiError
from locust_tui.state.store import Store

from .branches import Branches
from .planning import PlanKeeper

log = logging.getLogger(__name__)

LOOK_S = 10.0


class PullRequests:
    """One per worker. `forever` is a duty that ends only by being cancelled."""

    def __init__(self, store: Store, keeper: PlanKeeper, branches: Branches) -> None:
        self._store = store
        self._keeper = keeper
        self._branches = branches
        self._seen: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
        """The open ones, and where home was, at the last look."""

    async def forever(self) -> None:
        """Every few seconds, at the cost of nothing while none is open, and of a look at two refs while nothing moved."""
        while True:
            waiting = tuple(w.id for w in self._store.world.workstreams.values() if open_pull_request(w))
            plan = self._keeper.plan
            if waiting and plan is not None:
                try:
                    await self._look(plan, waiting)
                except LocustTuiError as error:
                    log.error("%s", error)
            await asyncio.sleep(LOOK_S)

    async def _look(self, plan: Plan, waiting: tuple[str, ...]) -> None:
        from locust_tui.git.landing import came_home, homes

        space = await self._branches.space(plan)
        now = (waiting, await homes(space))
        if now == self._seen:
            return
        for workstream in waiting:
            head = await came_home(space, workstream)
            if head is not None and open_pull_request(self._store.world.workstream(workstream)):
                await self._store.append(WORKER, WorkMerged(workstream, head, space.integration))
        self._seen = now
