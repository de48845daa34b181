"""Carries out what people ask of the plan in force: read it again, say yes to a held one, add to it, take back."""

from __future__ import annotations

from functools import singledispatchmethod
from typing import Any

from locust_tui.client import requests as r
from locust_tui.errors import NotFoundError, did_you_mean
from locust_tui.state.store import Store

from .callers import Caller
from .planning import PlanKeeper
from .told import of_plan


class PlanRequests:
    """See `told.CommittingTaker`: the keeper commits."""

    def __init__(self, store: Store, keeper: PlanKeeper) -> None:
        self._store, self._keeper = store, keeper

    def takes(self, request: r.Request) -> bool:
        return isinstance(request, r.RecheckPlan | r.ConfirmPlan | r.AddToPlan | r.TakeFromPlan)

    async def __call__(self, request: r.Request, caller: Caller, key: str) -> dict[str, Any]:
        """The data of the answer. Raises LocustTuiError."""
        data: dict[str, Any] = await self._take(request, caller, key)
        return data

    @singledispatchmethod
    async def _take(self, request: Any, caller: Caller, key: str) -> dict[str, Any]:
        raise NotImplementedError(type(request).__name__)

    @_take.register
    async def _(self, request: r.RecheckPlan, caller: Caller, key: str) -> dict[str, Any]:
        await self._keeper.recheck()
        held = self._store.world.project.held
        return {"held": None if held is None else held.why}

    @_take.register
    async def _(self, request: r.ConfirmPlan, caller: Caller, key: str) -> dict[str, Any]:
        by = caller.person(request.by)
        accepted = await self._keeper.confirm(request.digest, by, request.note, key)
        return of_plan(accepted) if accepted is not None else {}

    @_take.register
    async def _(self, request: r.AddToPlan, caller: Caller, key: str) -> dict[str, Any]:
        return of_plan(await self._keeper.add(dict(request.values), caller.person(request.by), key))

    @_take.register
    async def _(self, request: r.TakeFromPlan, caller: Caller, key: str) -> dict[str, Any]:
        added = {path for path, a in self._store.world.additions.items() if a.value}
        for path in request.paths:
            if path not in added:
                near = did_you_mean(path, added) or "what the plan file says is changed in the plan file"
                raise NotFoundError(f"no command put anything at {path}", help=near)
        return of_plan(
            await self._keeper.add(dict.fromkeys(request.paths, ""), caller.person(request.by), key)
        )
