"""Carries out what persons say of the plan's course: why it changed, and that they agree to it as it is."""

from __future__ import annotations

import asyncio

from locust_tui.client import requests as r
from locust_tui.domain.events import BaselineSet, PlanAccepted, PlanNoted
from locust_tui.errors import NotFoundError, RefusedError, UsageError
from locust_tui.state.reader import ReadOnlyStore
from locust_tui.state.store import Store

from .callers import Caller
from .planning import PlanKeeper
from .told import Told

MOST_TEXT = 16_384


class PlanRecord:
    """See `told.Taker`."""

    def __init__(self, store: Store, keeper: PlanKeeper) -> None:
        self._store, self._keeper = store, keeper

    def takes(self, request: r.Request) -> bool:
        return isinstance(request, r.NotePlanChange | r.SetBaseline)

    async def __call__(self, request: r.Request, caller: Caller) -> Told:
        assert isinstance(request, r.NotePlanChange | r.SetBaseline)
        if not request.note.strip():
            raise UsageError("a note is wanted: it is what the record is asked for later", help="--note TEXT")
        if len(request.note) > MOST_TEXT:
            raise UsageError(f"a note has at most {MOST_TEXT} characters")
        return self._agree(request) if isinstance(request, r.SetBaseline) else await self._note(request)

    def _agree(self, request: r.SetBaseline) -> Told:
        self._keeper.in_force()
        digest = self._store.world.project.plan_digest or ""
        if request.digest not in ("", digest):
            raise RefusedError(
                "the plan changed while you looked", help="look at the newest change and agree to that"
            )
        if digest == self._store.world.project.baseline:
            raise RefusedError("the plan in force is what was agreed last; nothing was changed")
        return Told({"digest": digest}, (BaselineSet(digest, request.note),))

    async def _note(self, request: r.NotePlanChange) -> Told:
        accepted = await asyncio.to_thread(self._accepted, request.plan)
        return Told(
            {"plan": request.plan, "digest": accepted.digest}, (PlanNoted(request.plan, request.note),)
        )

    def _accepted(self, revision: int) -> PlanAccepted:
        with ReadOnlyStore(self._store.path) as record:
            for event in record.events(revision - 1, limit=1, kinds=("plan.accepted",)):
                if event.revision == revision and isinstance(event.body, PlanAccepted):
                    return event.body
        raise NotFoundError(
            f"no plan came into force at revision {revision}", help="locust-tui baseline changes"
        )
