"""Tells orchestrators when what their workstreams need of another domain is there, or slips: one message for each change."""

from __future__ import annotations

import asyncio
import logging

from locust_tui.analysis import needs_news as n
from locust_tui.domain.clock import Clock
from locust_tui.domain.events import EventBody
from locust_tui.domain.people import WORKER
from locust_tui.domain.plan import Plan
from locust_tui.domain.world import WorkstreamStatus
from locust_tui.state.errors import StoreError
from locust_tui.state.store import Store

from ..planning import PlanKeeper
from .posting import posted

log = logging.getLogger(__name__)

RECENT_S = 3600.0
"""A need that was met without a worker of ours seeing it is news if what met it is not older."""
LONGEST_S = 3600.0
SETTLE_S = 0.25
"""What changes together is told together."""
AGAIN_S = 1.0


class NeedsNews:
    """A duty. Needs that are met when they come into the plan are no news."""

    def __init__(self, store: Store, keeper: PlanKeeper, clock: Clock) -> None:
        self._store, self._keeper, self._clock = store, keeper, clock
        self._plan: Plan | None = None
        self._edges: tuple[n.Edge, ...] = ()
        self._known: frozenset[n.Edge] = frozenset()
        """Met, and told or not to be told."""
        self._of: dict[str, list[n.Edge]] = {}
        """Workstream → the needs that it meets or has."""
        self._seen: dict[str, WorkstreamStatus | None] = {}
        """What the last look saw of them."""

    async def forever(self) -> None:
        """Until cancelled."""
        changed = asyncio.Event()
        leave = self._store.subscribe(lambda _revision: changed.set())
        try:
            while True:
                changed.clear()
                try:
                    at = await self.look()
                except StoreError as error:
                    log.error("%s", error)
                    self._seen, at = {}, self._clock() + AGAIN_S
                try:
                    async with asyncio.timeout(max(0.0, min(LONGEST_S, at - self._clock()))):
                        await changed.wait()
                except TimeoutError:
                    self._seen = {}
                await asyncio.sleep(SETTLE_S)
        finally:
            leave()

    async def look(self) -> float:
        """Tell what is to be told; when to look again, if nothing happens before."""
        plan, world, now = self._keeper.plan, self._store.world, self._clock()
        if plan is None or world.project.started is None:
            return now + LONGEST_S
        if plan is not self._plan:
            self._take_up(plan)
        late = n.next_late(plan, world, now, self._edges)
        at = now + LONGEST_S if late is None else late
        seen = {id: world.workstreams.get(id) for id in self._of}
        edges = self._edges if not self._seen else self._moved(seen)
        self._seen = seen
        if not edges:
            return at
        events: list[EventBody] = []
        for one in n.news(plan, world, now, edges, self._known):
            events += posted(
                plan, world, one.owner, one.text, id=one.id, subject=one.subject, group=one.group
            )
        met = n.met_edges(plan, world, edges)
        if events:
            await self._store.append(WORKER, *events)
        self._known |= met
        return at

    def _moved(self, seen: dict[str, WorkstreamStatus | None]) -> tuple[n.Edge, ...]:
        """Needs of which a side is no longer what the last look saw."""
        moved = (id for id, status in seen.items() if status is not self._seen.get(id))
        return tuple(dict.fromkeys(edge for id in moved for edge in self._of[id]))

    def _take_up(self, plan: Plan) -> None:
        """Another plan: what is met of its new needs is known. At the start, what was met lately may still be news."""
        world, found = self._store.world, n.edges(plan)
        first = self._plan is None
        old = set(self._edges)
        new = (e for e in n.met_edges(plan, world, found) if e not in old)
        told_late = (e for e in new if not (first and self._is_recent(e)))
        self._known = frozenset((*(self._known & frozenset(found)), *told_late))
        self._plan, self._edges, self._seen, self._of = plan, found, {}, {}
        for edge in found:
            for id in (edge.target, edge.successor):
                self._of.setdefault(id, []).append(edge)

    def _is_recent(self, edge: n.Edge) -> bool:
        status = self._store.world.workstream(edge.target)
        return status.since is not None and self._clock() - status.since < RECENT_S
