"""When facts, success checks and the watches of risks are measured: at the start, in every plan week and at the end, where
something asks for them; what a risk watches every hour besides, and what is looked at after the release when it is due."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from locust_tui.analysis.actuals import plan_start
from locust_tui.analysis.after_release import to_measure
from locust_tui.analysis.facts import fact_criteria, fact_value
from locust_tui.analysis.quantities import KNOWN_QUANTITIES, Quantities
from locust_tui.analysis.success import OWNER as SUCCESS
from locust_tui.analysis.verdict import is_complete
from locust_tui.criteria.observation import FactOutcome, outcome_key
from locust_tui.domain.clock import week_end, week_of
from locust_tui.domain.criterion import Criterion, ProbeKind, criterion_key
from locust_tui.domain.plan import Plan
from locust_tui.domain.states import CriterionState
from locust_tui.domain.world import World

_NAME = re.compile(r"[^\W\d]\w*")
WATCH_S = 3600.0
"""A risk's watch, and the plan's own facts that it rests on, are measured this often, unless it says `max_age`."""
COMPUTED_S = 300.0
"""The same of a watch that only looks at quantities which the plan itself gives."""
_UNMEASURED = frozenset({CriterionState.NOT_RUN, CriterionState.STALE})


class _Watch(NamedTuple):
    key: str
    rests_on: tuple[str, ...]
    """Keys of the facts that it looks at."""
    every: float


class FactWatch:
    """One per worker; what a plan asks for is found once."""

    def __init__(self) -> None:
        self._plan: Plan | None = None
        self._facts: tuple[str, ...] = ()
        self._watches: tuple[_Watch, ...] = ()

    def due(self, plan: Plan, world: World, now: float) -> tuple[list[str], float | None]:
        """(keys to measure now, when to ask again at the latest). Nothing before the start; after the end, what is looked
        at after the release."""
        if plan is not self._plan:
            self._plan, self._facts, self._watches = plan, tuple(_facts(plan)), tuple(_watches(plan))
        start = plan_start(plan, world)
        project = world.project
        if start is None or project.started is None:
            return [], None
        late, late_at = to_measure(plan, world, now) if plan.after_release else ([], None)
        if project.ended is not None or not (self._facts or self._watches):
            return late, late_at
        week = max(1, week_of(plan.calendar, start, now))
        since = max(project.started, week_end(plan.calendar, start, week - 1))
        keys = {key for key in self._facts if _measured_at(world, key) < since}
        if (completed := _completed_at(plan, world)) is not None:
            keys.update(key for key in self._facts if _begun_at(world, key) < completed)
        again_at = week_end(plan.calendar, start, week)
        for watch in self._watches:
            for key in (k for k in watch.rests_on if k in self._facts):
                if now - _measured_at(world, key) >= watch.every:
                    keys.add(key)
            at = _measured_at(world, watch.key)
            newest = max((_measured_at(world, k) for k in watch.rests_on), default=since)
            if newest > at or (not watch.rests_on and now - at >= watch.every):
                keys.add(watch.key)
            looked = min(_measured_at(world, k) for k in (watch.key, *watch.rests_on))
            again_at = min(again_at, (looked if now - looked < watch.every else now) + watch.every)
        again_at = again_at if late_at is None else min(again_at, late_at)
        return [k for k in (*self._facts, *(w.key for w in self._watches)) if k in keys] + late, again_at


def fact_outcomes(criterion: Criterion, plan: Plan, world: World, now: float) -> dict[str, FactOutcome]:
    """What the probes of `criterion` that name a fact find: its latest value, by the key that `judge` looks under."""
    return {
        outcome_key(i): _latest(probe.text, plan, world, now)
        for i, probe in enumerate(criterion.probes)
        if probe.kind is ProbeKind.FACT
    }


def _latest(name: str, plan: Plan, world: World, now: float) -> FactOutcome:
    newest, at = FactOutcome(name), float("-inf")
    for key, criterion in fact_criteria(plan):
        value = fact_value(criterion, key, world, now) if criterion.fact == name else None
        if value is None or _measured_at(world, key) <= at:
            continue
        limit = criterion.limit
        unit = (limit.unit if limit is not None else None) or world.criteria[key].unit
        newest, at = FactOutcome(name, value, unit), _measured_at(world, key)
    if newest.value is None and name in KNOWN_QUANTITIES:
        return FactOutcome(name, Quantities(plan, world, now)[name])
    return newest


def _facts(plan: Plan) -> Iterator[str]:
    """Keys of the plan's own facts that a measure, a rule or another check names."""
    wanted = set(_NAME.findall(" ".join(_expressions(plan))))
    wanted.update(p.text for c in _criteria(plan) for p in c.probes if p.kind is ProbeKind.FACT)
    for fact in plan.facts:
        if fact.fact in wanted:
            yield criterion_key("fact", fact.id)
    for check in plan.success:
        if check.criterion is not None and check.criterion.machine:
            yield criterion_key(SUCCESS, check.criterion.id)


def _completed_at(plan: Plan, world: World) -> float | None:
    """When the last of a finished plan was accepted or let through: what success rests on is measured once more then."""
    if not plan.success or not is_complete(plan, world):
        return None
    ends = [s.accepted_at for s in world.workstreams.values() if s.accepted_at is not None]
    ends += [g.since for g in world.gates.values() if g.since is not None]
    return max(ends, default=None)


def _watches(plan: Plan) -> Iterator[_Watch]:
    for risk in plan.risks:
        if risk.watch is not None and risk.watch.machine:
            names = {p.text for p in risk.watch.probes if p.kind is ProbeKind.FACT}
            rests_on = tuple(key for key, c in fact_criteria(plan) if c.fact in names)
            computed = names and names <= KNOWN_QUANTITIES.keys()
            every = risk.watch.max_age or (COMPUTED_S if computed else WATCH_S)
            yield _Watch(criterion_key("risk", risk.id), rests_on, every)


def _expressions(plan: Plan) -> Iterable[str]:
    yield from (kpi.measure for kpi in plan.kpis.values())
    yield from (alert.when for alert in plan.alerts)
    yield from (risk.link.when for risk in plan.risks if risk.link is not None)
    yield from (name for monitor in plan.monitors for name in monitor.metrics)
    yield from (check.check or "" for check in (*plan.success, *plan.after_release))


def _criteria(plan: Plan) -> Iterable[Criterion]:
    yield from (risk.watch for risk in plan.risks if risk.watch is not None)
    yield from (c for gate in plan.gates.values() for c in gate.criteria)
    yield from (c for work in plan.workstreams.values() for c in work.accept)
    yield from (s.criterion for s in (*plan.success, *plan.after_release) if s.criterion is not None)


def _begun_at(world: World, key: str) -> float:
    """When that measurement began: one that was under way while the work ended saw it unfinished."""
    result = world.criteria.get(key)
    duration = result.evidence.duration_s if result is not None and result.evidence is not None else 0.0
    return _measured_at(world, key) - duration


def _measured_at(world: World, key: str) -> float:
    """When the result that counts was measured; minus infinity where there is none."""
    result = world.criteria.get(key)
    if result is None or result.evidence is None or result.state in _UNMEASURED:
        return float("-inf")
    return result.evidence.at
