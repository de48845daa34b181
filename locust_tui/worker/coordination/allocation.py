"""Slots that are asked for, granted and taken back: by the plan's rule, by a person, by the clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from locust_tui.analysis import grants
from locust_tui.client import requests as r
from locust_tui.domain.clock import Clock
from locust_tui.domain.people import WORKER
from locust_tui.state.store import Store

from ..callers import Caller
from ..planning import PlanKeeper
from ..told import Told
from . import grant_rules as rules
from .moments import settle_forever


class Allocation:
    """One per worker: the Taker of its requests, and a duty. `wake`: slots came or went, look who may start."""

    def __init__(self, store: Store, keeper: PlanKeeper, clock: Clock, wake: Callable[[], None]) -> None:
        self._store, self._keeper, self._clock, self._wake = store, keeper, clock, wake

    def takes(self, request: r.Request) -> bool:
        return isinstance(request, (r.RequestAgents, r.EndGrant))

    async def __call__(self, request: r.Request, caller: Caller) -> Told:
        if isinstance(request, r.EndGrant):
            return rules.end_grant(self._store.world, request, request.by or caller.name)
        assert isinstance(request, r.RequestAgents)
        run = self._store.world.runs.get(caller.run)
        told = rules.request_agents(self._keeper.in_force(), self._store.world, request, run)

        async def answer() -> None:
            await self.settle()
            told.data.update(self._became(told.data["item"]))

        return told._replace(then=answer)

    def _became(self, item: str) -> dict[str, Any]:
        """What the rule has made of a request by now, beside it."""
        ask, grant = self._store.world.asks.get(item), self._store.world.grants.get(item)
        if ask is None or ask.open:
            plan = self._keeper.plan
            full = plan is not None and grants.room(plan, self._store.world) == 0
            return {"why": grants.no_room(plan, self._store.world)} if full and plan is not None else {}
        granted = grant.count if grant is not None else 0
        until = grant.until if grant is not None else None
        return {"waiting": False, "granted": granted, "until": until, "by": ask.by}

    async def settle(self) -> float | None:
        """Record what is due now; returns when time alone makes the next due."""
        while (plan := self._keeper.plan) is not None:
            events, again_at = rules.by_time(plan, self._store.world, self._clock())
            if not events:
                return again_at
            await self._store.append(WORKER, *events)
            self._wake()
        return None

    async def forever(self) -> None:
        """A duty that ends only by being cancelled."""
        await settle_forever(self._store, self._clock, self.settle)
