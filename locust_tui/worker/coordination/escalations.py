"""Escalations: raised by people, agents and matters themselves, acknowledged, answered, and carried up by the clock."""

from __future__ import annotations

from locust_tui.client import requests as r
from locust_tui.domain.clock import Clock
from locust_tui.domain.people import WORKER
from locust_tui.state.store import Store

from ..callers import Caller
from ..planning import PlanKeeper
from ..told import Told
from . import escalation_rules as rules
from .moments import settle_forever


class Escalations:
    """One per worker: the Taker of its requests, and a duty. `settle` is the duty's one look."""

    def __init__(self, store: Store, keeper: PlanKeeper, clock: Clock) -> None:
        self._store, self._keeper, self._clock = store, keeper, clock
        self._again_at: float | None = None

    @property
    def waits(self) -> bool:
        """A moment is ahead at which one goes on by time alone."""
        return self._again_at is not None

    def takes(self, request: r.Request) -> bool:
        return isinstance(request, (r.Escalate, r.AcknowledgeEscalation, r.AnswerEscalation))

    async def __call__(self, request: r.Request, caller: Caller) -> Told:
        plan, world, now = self._keeper.in_force(), self._store.world, self._clock()
        match request:
            case r.Escalate():
                return rules.raise_one(plan, world, request, caller)
            case r.AcknowledgeEscalation():
                return rules.acknowledge(plan, world, request, caller, now)
            case r.AnswerEscalation():
                return rules.answer(plan, world, request, caller, now)
            case _:
                raise NotImplementedError(type(request).__name__)

    async def settle(self) -> float | None:
        """Record what is due now; returns when time alone makes the next due."""
        plan = self._keeper.plan
        if plan is None:
            return None
        events, self._again_at = rules.by_time(plan, self._store.world, self._clock())
        if events:
            await self._store.append(WORKER, *events)
        return self._again_at

    async def forever(self) -> None:
        """A duty that ends only by being cancelled."""
        await settle_forever(self._store, self._clock, self.settle)
