"""Carries out what people ask of the plan in force: read it again, say yes to a held one, add to it, take back."""

from __future__ import annotations

from functools import singledispatchmethod
from typing import Any

from locust_tui.client import requests as r
from locust_tui.domain.events import PlanAccepted
from locust_tui.errors import NotFoundError, did_you_mean
from locust_tui.state.store import Store

from .callers import Caller
from .planning import PlanKeeper
from .told import Told


class PlanRequests:
    """See `told.Taker`. The keeper commits by itself."""

    def __init__(self, store: Store, keeper: PlanKeeper) -> None:
        self._store, self._keeper = store, keeper

    def takes(self, request: r.Request) -> bool:
        return isinstance(request, r.RecheckPlan | r.ConfirmPlan | r.AddToPlan | r.TakeFromPlan)

    async def __call__(self, request: r.Request, caller: Caller) -> Told:
        told: Told = await self._take(request, caller)
        return told

    @singledispatchmethod
    async def _take(self, request: Any, caller: Caller) -> Told:
        raise NotImplementedError(type(request).__name__)

    @_take.register
    async def _(self, request: r.RecheckPlan, caller: Caller) -> Told:
        await self._keeper.recheck()
        held = self._store.world.project.held
        return Told({"held": None if held is None else held.why})

    @_take.register
    async def _(self, request: r.ConfirmPlan, caller: Caller) -> Told:
        accepted = await self._keeper.confirm(request.digest, caller.person(request.by), request.note)
        return _told(accepted) if accepted is not None else Told({})

    @_take.register
    async def _(self, request: r.AddToPlan, caller: Caller) -> Told:
        return _told(await self._keeper.add(dict(request.values), caller.person(request.by)))

    @_take.register
    async def _(self, request: r.TakeFromPlan, caller: Caller) -> Told:
        added = {path for path, a in self._store.world.additions.items() if a.value}
        for path in request.paths:
            if path not in added:
                near = did_you_mean(path, added) or "what the plan file says is changed in the plan file"
                raise NotFoundError(f"no command put anything at {path}", help=near)
        return _told(await self._keeper.add(dict.fromkeys(request.paths, ""), caller.person(request.by)))


def _told(accepted: PlanAccepted) -> Told:
    return Told({"summary": accepted.summary, "changes": list(accepted.changes)})
