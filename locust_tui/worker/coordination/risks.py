"""The risk register: watches trigger and clear risks, people trigger, close and reopen them, and owners are told."""

from __future__ import annotations

import time

from locust_tui.analysis.addresses import address
from locust_tui.analysis.escalations import meta_of
from locust_tui.analysis.risk_links import link_findings
from locust_tui.analysis.risks import moved_by_watch
from locust_tui.client import requests as r
from locust_tui.domain import events as e
from locust_tui.domain.clock import Clock
from locust_tui.domain.criterion import CriterionResult, Evidence, criterion_key
from locust_tui.domain.people import WORKER
from locust_tui.domain.plan import Plan, Risk
from locust_tui.domain.states import CriterionState, RiskState
from locust_tui.domain.world import World
from locust_tui.errors import NotFoundError, RefusedError, UsageError, did_you_mean
from locust_tui.state.store import Store

from ..callers import Caller
from ..facts import COMPUTED_S, WATCH_S
from ..planning import PlanKeeper
from ..told import Told
from .moments import settle_forever
from .telling import HIGH, NORMAL, tell

MOST_TEXT = 16_384
LEAST_S, SHARE = 1.0, 20
"""Between two looks at what is computed: so many seconds, and so many times what the look before took."""


class Risks:
    """One per worker: the Taker of its requests, and a duty. `settle` is the duty's one look."""

    def __init__(self, store: Store, keeper: PlanKeeper, clock: Clock) -> None:
        self._store, self._keeper, self._clock = store, keeper, clock
        self._look_at = 0.0
        """Before this moment nothing is computed again, whatever was recorded."""

    def takes(self, request: r.Request) -> bool:
        return isinstance(request, r.MoveRisk)

    async def __call__(self, request: r.Request, caller: Caller) -> Told:
        assert isinstance(request, r.MoveRisk)
        return move_risk(self._keeper.in_force(), self._store.world, request, request.by or caller.name)

    async def settle(self) -> float | None:
        """Record what the watches say now; the moment to look again, None while nothing but news moves a risk."""
        plan, world = self._keeper.plan, self._store.world
        if plan is None:
            return None
        began, now = time.perf_counter(), self._clock()
        if now >= self._look_at and (found := by_links(plan, world, now)):
            await self._store.append(WORKER, *found)
        if now >= self._look_at:
            self._look_at = now + max(LEAST_S, SHARE * (time.perf_counter() - began))
        if events := by_watches(plan, world):
            await self._store.append(WORKER, *events)
        if not _looks(plan, world):
            return None
        return max(self._look_at, now + every(plan))

    async def forever(self) -> None:
        """A duty that ends only by being cancelled."""
        await settle_forever(self._store, self._clock, self.settle)


def _looks(plan: Plan, world: World) -> bool:
    """Whether a risk of a plan that runs watches what time alone may change."""
    project = world.project
    running = project.started is not None and project.ended is None
    return running and any(risk.link is not None for risk in plan.risks)


def every(plan: Plan) -> float:
    """Seconds between two looks where nothing is recorded: five minutes, or a tenth of a short plan week."""
    return min(COMPUTED_S, max(LEAST_S, plan.calendar.week_s / 10))


def by_links(plan: Plan, world: World, now: float) -> list[e.EventBody]:
    """What the watches that look at KPIs, gates and expressions find, where that is news or its record has grown old."""
    events: list[e.EventBody] = []
    for risk, found in link_findings(plan, world, now).items():
        key = criterion_key("risk", risk)
        known = world.criteria.get(key)
        if known is None and found.state is CriterionState.NOT_RUN:
            continue
        if known is not None and known.state is found.state and not _is_old(known, plan, world, risk, now):
            continue
        evidence = Evidence(now, detail=found.detail)
        events.append(
            e.CriterionMeasured(CriterionResult(key, found.state, found.value, found.unit, None, evidence))
        )
    return events


def _is_old(known: CriterionResult, plan: Plan, world: World, risk: str, now: float) -> bool:
    """Whether the record of what a watch found is to be made anew although it finds the same: its age says so, or a
    person moved the risk since, and from then on the watch counts again."""
    at = known.evidence.at if known.evidence is not None else 0.0
    moved = world.risks.get(risk)
    if moved is not None and moved.by != WORKER.name and (moved.since or 0.0) >= at:
        return now - (moved.since or 0.0) >= every(plan)
    return now - at >= WATCH_S


def by_watches(plan: Plan, world: World) -> list[e.EventBody]:
    """Risks that their watches move now, each with a word to its owner."""
    events: list[e.EventBody] = []
    for risk in plan.risks:
        if (risk.watch or risk.link) is not None and (moved := moved_by_watch(risk, world)) is not None:
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
