"""Alerts: watched on every change and by the clock, told to people once, acknowledged by a person."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import suppress

from locust_tui.analysis.addresses import OPERATOR
from locust_tui.analysis.alert_readings import OVERDUE_GATE, Reading, readings
from locust_tui.analysis.alerts import Standing, Step, cooldown, step
from locust_tui.analysis.recipients import recipients
from locust_tui.analysis.restored import RESTORED, is_news
from locust_tui.client import requests as r
from locust_tui.domain.clock import Clock
from locust_tui.domain.coordination import AlertStatus
from locust_tui.domain.events import AlertMoved, EventBody
from locust_tui.domain.people import WORKER
from locust_tui.domain.plan import WEEK_S, AlertRule, Plan
from locust_tui.domain.states import AlertState
from locust_tui.domain.world import World
from locust_tui.errors import NotFoundError, RefusedError, did_you_mean
from locust_tui.state.errors import StoreError
from locust_tui.state.store import Store

from ..callers import Caller
from ..planning import PlanKeeper
from ..told import Told
from .posting import posted

log = logging.getLogger(__name__)

LOOK_S = 60.0
"""What time alone changes (planned progress, weeks) is looked at this often in a plan whose weeks are real."""
SETTLE_S = 1.0
"""Changes of the record are looked at together."""
SOONEST_S = 0.25
DISK_PATIENCE_S = 5.0
_PRIORITIES = {"info": "low", "warning": "normal", "critical": "high"}
"""Severity → priority of the message."""
_OVER = frozenset({None, AlertState.RESOLVED})


class Alerts:
    """A taker of acknowledgements, and the duty that moves alerts. What is clear, and since when, it keeps in mind."""

    def __init__(self, store: Store, keeper: PlanKeeper, clock: Clock) -> None:
        self._store = store
        self._keeper = keeper
        self._clock = clock
        self._clear_since: dict[str, float] = {}

    def takes(self, request: r.Request) -> bool:
        return isinstance(request, r.AcknowledgeAlert)

    async def __call__(self, request: r.Request, caller: Caller) -> Told:
        assert isinstance(request, r.AcknowledgeAlert)
        who = request.by or caller.name
        known = self._store.world.alerts
        named = [a for a in known.values() if request.alert in (a.key, a.alert, a.key.rstrip("/"))]
        if not named:
            near = did_you_mean(request.alert, [n for a in known.values() for n in (a.alert, a.key)])
            raise NotFoundError(
                f'no alert "{request.alert}" has ever fired', help=near or "locust-tui alert ls"
            )
        firing = [a for a in named if a.state is AlertState.FIRING]
        if not firing:
            states = ", ".join(f"{a.key.rstrip('/')} is {a.state.value}" for a in named)
            raise RefusedError(f"nothing to acknowledge: {states}", help="locust-tui alert ls")
        why = f"{who} knows"
        events = tuple(AlertMoved(a.alert, a.scope, AlertState.ACKNOWLEDGED, a.values, why) for a in firing)
        return Told({"acknowledged": [a.key.rstrip("/") for a in firing], "by": who}, events)

    async def forever(self) -> None:
        """A duty that ends only by being cancelled."""
        changed = asyncio.Event()
        unsubscribe = self._store.subscribe(lambda _revision: changed.set())
        try:
            while True:
                changed.clear()
                wait, settle = await self._look_once()
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await changed.wait()
                await asyncio.sleep(settle)
        finally:
            unsubscribe()

    async def _look_once(self) -> tuple[float, float]:
        """(seconds until the next look at the latest, seconds to let changes settle)."""
        try:
            again_at = await self.look()
        except StoreError as error:
            log.error("%s", error)
            return DISK_PATIENCE_S, SETTLE_S
        plan = self._keeper.plan
        scale = min(1.0, plan.calendar.week_s / WEEK_S) if plan is not None else 1.0
        wait, settle = max(SOONEST_S, LOOK_S * scale), max(SOONEST_S, SETTLE_S * scale)
        if again_at is not None:
            wait = min(wait, max(0.0, again_at - self._clock()))
        return wait, settle

    async def look(self) -> float | None:
        """Look at every rule once; what moved is committed with its messages. The moment at which time alone moves one."""
        plan = self._keeper.plan
        if plan is None:
            return None
        now, world = self._clock(), self._store.world
        bodies: list[EventBody] = []
        again: list[float] = []
        seen: set[str] = set()
        for reading in readings(plan, world, now):
            key = f"{reading.rule.name}/{reading.scope}"
            seen.add(key)
            done = self._step(plan, reading, world.alerts.get(key), now)
            if done.again_at is not None:
                again.append(done.again_at)
            if done.standing.clear_since is None:
                self._clear_since.pop(key, None)
            else:
                self._clear_since[key] = done.standing.clear_since
            if done.moved:
                bodies += self._moved(plan, reading, done)
        if world.project.started is not None:
            bodies += self._vanished(plan, seen)
        bodies += _told_of_restoring(plan, world)
        if bodies:
            await self._store.append(WORKER, *bodies)
        return min(again, default=None)

    def _step(self, plan: Plan, reading: Reading, status: AlertStatus | None, now: float) -> Step:
        own = reading.rule.name == OVERDUE_GATE
        standing = Standing()
        if status is not None:
            standing = Standing(status.state, status.since, self._clear_since.get(status.key))
        return step(
            standing,
            holds=reading.holds,
            clear=reading.clear,
            hold=reading.rule.hold or 0.0,
            cooldown=0.0 if own else cooldown(plan.calendar),
            now=now,
        )

    def _vanished(self, plan: Plan, seen: set[str]) -> Iterator[EventBody]:
        """Alerts whose rule or scope is there no more."""
        rules = {rule.name: rule for rule in plan.alerts}
        for status in list(self._store.world.alerts.values()):
            if status.key in seen or status.state in _OVER:
                continue
            if status.alert == RESTORED and status.state is AlertState.FIRING:
                continue
            self._clear_since.pop(status.key, None)
            rule = rules.get(status.alert)
            gone = (
                "a person knows"
                if status.alert == RESTORED
                else "the rule is no longer in the plan"
                if rule is None
                else f"{status.scope} is over"
            )
            reading = Reading(rule or AlertRule(status.alert, ""), status.scope, (), None, None)
            says = rule is not None and status.state is not AlertState.PENDING
            yield from self._moved(plan, reading, Step(Standing(AlertState.RESOLVED), True, says, gone))

    def _moved(self, plan: Plan, reading: Reading, done: Step) -> Iterator[EventBody]:
        """The move, and its messages in the same commit: whoever is killed in between has sent all or none."""
        rule, state = reading.rule, done.standing.state
        assert state is not None
        yield AlertMoved(rule.name, reading.scope, state, reading.values, done.why)
        if not done.says:
            return
        world = self._store.world
        earlier = world.alerts.get(f"{rule.name}/{reading.scope}")
        fired = (earlier.fired if earlier else 0) + (state is AlertState.FIRING)
        group = f"alert:{rule.name}/{reading.scope}:{fired}:{state.value}"
        priority = _PRIORITIES.get(rule.severity, "normal") if state is AlertState.FIRING else "low"
        subject = f"alert {rule.name}{f' ({reading.scope})' if reading.scope else ''}: {state.value}"
        for one in recipients(plan, world, ",".join(rule.notify)):
            yield from posted(
                plan, world, one, told(reading, done), id=f"{group}:{one.to}",
                subject=subject[:200], priority=priority, group=group,
            )  # fmt: skip


def _told_of_restoring(plan: Plan, world: World) -> Iterator[EventBody]:
    """To whoever operates the plan, by the ways that it names: nobody may be before a screen, and starts wait. Once."""
    if not is_news(world):
        return
    status = world.alerts[f"{RESTORED}/"]
    group = f"alert:{RESTORED}/:{status.fired}:{status.state.value}"
    text = f"{status.why}; starts wait until a person knows: locust-tui alert ack {RESTORED}"
    yield from posted(
        plan, world, OPERATOR, text, id=f"{group}:{OPERATOR}",
        subject=f"alert {RESTORED}: {status.state.value}", priority=_PRIORITIES["critical"], group=group,
    )  # fmt: skip


def told(reading: Reading, done: Step) -> str:
    """The message: the condition, the values that it rests on, and where."""
    values = ", ".join(f"{name} {_figure(value)}" for name, value in reading.values)
    where = f" in {reading.scope}" if reading.scope else ""
    why = f"; {done.why}" if done.why and done.standing.state is AlertState.RESOLVED else ""
    return f"{reading.rule.when or reading.rule.name}{where}: {values or 'no values'}{why}"


def _figure(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.4g}"
