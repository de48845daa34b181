"""The risk register: watches trigger and clear risks, people trigger, close and reopen them, and owners are told."""

from __future__ import annotations

from locust_tui.analysis.addresses import address
from locust_tui.analysis.escalations import meta_of
from locust_tui.analysis.risks import moved_by_watch
from locust_tui.client import requests as r
from locust_tui.domain import events as e
from locust_tui.domain.clock import Clock
from locust_tui.domain.people import WORKER
from locust_tui.domain.plan import Plan, Risk
from locust_tui.domain.states import RiskState
from locust_tui.domain.world import World
from locust_tui.errors import NotFoundError, RefusedError, UsageError, did_you_mean
from locust_tui.state.store import Store

from ..callers import Caller
from ..planning import PlanKeeper
from ..told import Told
from .moments import settle_forever
from .telling import HIGH, NORMAL, tell

MOST_TEXT = 16_384


class Risks:
    """One per worker: the Taker of its requests, and a duty. `settle` is the duty's one look."""

    def __init__(self, store: Store, keeper: PlanKeeper, clock: Clock) -> None:
        self._store, self._keeper, self._clock = store, keeper, clock

    def takes(self, request: r.Request) -> bool:
        return isinstance(request, r.MoveRisk)

    async def __call__(self, request: r.Request, caller: Caller) -> Told:
        assert isinstance(request, r.MoveRisk)
        return move_risk(self._keeper.in_force(), self._store.world, request, request.by or caller.name)

    async def settle(self) -> float | None:
        """Record what the watches say now; time alone moves no risk."""
        if (plan := self._keeper.plan) is not None and (events := by_watches(plan, self._store.world)):
            await self._store.append(WORKER, *events)
        return None

    async def forever(self) -> None:
        """A duty that ends only by being cancelled."""
        await settle_forever(self._store, self._clock, self.settle)


def by_watches(plan: Plan, world: World) -> list[e.EventBody]:
    """Risks that their watches move now, each with a word to its owner."""
    events: list[e.EventBody] = []
    for risk in plan.risks:
        if risk.watch is not None and (moved := moved_by_watch(risk, world)) is not None:
            events += _moved(plan, world, risk, *moved, sender="worker")
    return events


def move_risk(plan: Plan, world: World, request: r.MoveRisk, name: str) -> Told:
    """A person's word about a risk. NotFoundError, RefusedError where it is in that state already."""
    known = {risk.id: risk for risk in plan.risks}
    folded = {id.casefold(): risk for id, risk in known.items()}
    risk = known.get(request.risk) or folded.get(request.risk.casefold())
    if risk is None:
        near = did_you_mean(request.risk, known) or "locust-tui risk ls"
        raise NotFoundError(f'no risk "{request.risk}"', help=near)
    if len(request.note) > MOST_TEXT:
        raise UsageError(f"a note has at most {MOST_TEXT} characters")
    status = world.risks.get(risk.id)
    if (status.state if status is not None else RiskState.OPEN) is request.state:
        since = f": {status.why} ({status.by})" if status is not None and status.why else ""
        raise RefusedError(f"{risk.id} is {request.state} already{since}; nothing was changed")
    events = _moved(plan, world, risk, request.state, request.note, sender=name)
    return Told({"risk": risk.id, "state": request.state.value, "owner": risk.owner}, tuple(events))


def _moved(
    plan: Plan, world: World, risk: Risk, state: RiskState, why: str, *, sender: str
) -> list[e.EventBody]:
    owner = (address(plan, world.runs, risk.owner) or risk.owner) if risk.owner else meta_of(plan)
    answer = f"\nwhat was planned against it: {risk.mitigation}" if risk.mitigation else ""
    told = tell(
        plan, world, f"risk-{risk.id}", () if owner == sender else (owner,),
        f"{risk.risk}{f': {why}' if why else ''}{answer}", sender=sender, subject=f"risk {risk.id} is {state}",
        priority=HIGH if state is RiskState.TRIGGERED else NORMAL,
    )  # fmt: skip
    return [e.RiskMoved(risk.id, state, why), *told]
