"""What is asked for one workstream: to steer it, by a person or an orchestrator's agent, and to take its worktree away."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial, singledispatchmethod
from typing import Any

from locust_tui.client import requests as r
from locust_tui.domain.clock import Clock
from locust_tui.domain.events import EventBody, Noted, RunChanged, WorkstreamMoved, WorktreeRemoved
from locust_tui.domain.people import WORKER
from locust_tui.domain.plan import Plan
from locust_tui.domain.states import ATTEMPTED_STATES, RunState, WorkstreamState
from locust_tui.errors import RefusedError
from locust_tui.signs import stands
from locust_tui.state.store import Store

from .branches import Branches
from .callers import Caller
from .commanding import commanded
from .planning import PlanKeeper
from .run_ends import stopping_event
from .steering import find_workstream, may_be_mended_by_hand, steer
from .supervisor import Supervisor
from .told import Told


class WorkstreamRequests:
    """See `told.Taker`."""

    def __init__(
        self, store: Store, keeper: PlanKeeper, supervisor: Supervisor, branches: Branches, clock: Clock
    ) -> None:
        self._store = store
        self._keeper = keeper
        self._supervisor = supervisor
        self._branches = branches
        self._clock = clock

    def takes(self, request: r.Request) -> bool:
        return isinstance(request, r.SteerWorkstream | r.CommandWorkstream | r.RemoveWorktree)

    async def __call__(self, request: r.Request, caller: Caller) -> Told:
        told: Told = await self._take(request, caller)
        return told

    @property
    def _plan(self) -> Plan:
        return self._keeper.in_force()

    @singledispatchmethod
    async def _take(self, request: Any, caller: Caller) -> Told:
        raise NotImplementedError(type(request).__name__)

    @_take.register
    async def _(self, request: r.SteerWorkstream, caller: Caller) -> Told:
        if request.action is r.WorkstreamAction.ACCEPT:
            await self._look_again(request.workstream)
        steered = steer(self._plan, self._store.world, request, caller, self._clock())
        if steered.resume is not None:
            # first the processes, then the record: what is written as running does run
            await self._supervisor.thaw(steered.resume.id)
            steered = steer(self._plan, self._store.world, request, caller, self._clock())
        events: list[EventBody] = list(steered.events)
        then: Callable[[], Awaitable[None] | None] | None = None
        if steered.resume is not None:
            events.append(RunChanged(steered.resume.id, RunState.RUNNING, "process"))
        if (paused := steered.pause) is not None:
            events.append(
                RunChanged(paused.id, RunState.PAUSED, "process", f"paused by {request.by or caller.name}")
            )
            then = partial(self._supervisor.freeze, paused.id)
        if (stopped := steered.stop) is not None:
            why = steered.why_stop
            events.append(stopping_event(stopped, why))
            then = partial(self._supervisor.stop, stopped.id, why)
        moves = [e.new.value for e in events if isinstance(e, WorkstreamMoved)]
        state = moves[-1] if moves else self._store.world.workstream(request.workstream).state.value
        return Told({"state": state}, tuple(events), then)

    @_take.register
    async def _(self, request: r.CommandWorkstream, caller: Caller) -> Told:
        try:
            steering = commanded(self._plan, self._store.world, request, caller)
            told: Told = await self._take(steering, caller)
        except RefusedError as error:
            noted = Noted("warning", f"refused: {error.message}", caller.run)
            await self._store.append(caller.itself(), noted)
            raise
        return told

    async def _look_again(self, workstream: str) -> None:
        """Before a yes: what stands in its worktree now. Raises RefusedError while something is left over there."""
        status = self._store.world.workstream(workstream)
        by_hand = may_be_mended_by_hand(self._store.world, status)
        if workstream not in self._plan.workstreams or not (
            by_hand or status.state is WorkstreamState.REVIEW
        ):
            return
        found = await self._branches.look_again(self._plan, workstream)
        if found is None:
            return
        await self._store.append(WORKER, found)
        if found.problem:
            raise RefusedError(f"{workstream} cannot accept: {found.problem}")
        if by_hand and (conflict := await self._branches.conflict(self._plan, workstream)):
            raise RefusedError(
                f"{workstream} cannot accept: {conflict}", help="commit that, then accept again"
            )

    @_take.register
    async def _(self, request: r.RemoveWorktree, caller: Caller) -> Told:
        found = find_workstream(self._plan, request.workstream)
        status = self._store.world.workstream(found.id)
        run = self._store.world.latest_run(found.id)
        if status.state in ATTEMPTED_STATES and not request.discard:
            raise RefusedError(
                f"{found.id} stays: it is {stands(status.state)}", help=f"locust-tui why {found.id}"
            )
        if run is not None and run.live:
            raise RefusedError(f"{found.id} stays: {run.id} works in it", help=f"locust-tui kill {run.id}")
        removed = await self._branches.remove(self._plan, found.id, discard=request.discard)
        return Told(
            {"trash": removed.trash, "path": removed.path},
            (WorktreeRemoved(found.id, removed.trash),),
            partial(self._branches.forget, self._plan, found.id),
        )
