"""Caps on agents at work, and how many of each are busy in the course of a schedule."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Mapping
from dataclasses import field

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.plan import Plan

from .driving import EPSILON
from .slots import FLOATING, OWN_COMMAND


@dataclass(frozen=True, slots=True)
class Caps:
    """How many agents may be at work at a time. What is not named has no cap."""

    total: int | None = None
    types: Mapping[str, int] = field(default_factory=dict)
    """Agent type → its cap; a workstream's own command is none."""
    quotas: Mapping[str, int] = field(default_factory=dict)
    """Orchestrator → slots of its own."""
    floating: int = 0
    """Slots for whatever orchestrators have running beyond their own."""


def plan_caps(plan: Plan) -> Caps:
    """What the plan allows."""
    pools = plan.resources.pools
    return Caps(
        plan.resources.max_agents,
        {a.name: a.max for a in plan.agents.values() if a.max is not None},
        {owner: slots for owner, slots in pools.items() if owner != FLOATING},
        pools.get(FLOATING, 0),
    )


class Demand:
    """Which caps each workstream counts against, as positions in a list of counts: the total, its type, its owner."""

    def __init__(self, plan: Plan, caps: Caps) -> None:
        self.caps = caps
        names = ["", *(f"type {t}" for t in caps.types), *(f"owner {o}" for o in caps.quotas)]
        self._at = {name: i for i, name in enumerate(names)}
        self.size = len(names)
        self.limits = [caps.total, *caps.types.values(), *caps.quotas.values()]
        self.owners = range(1 + len(caps.types), self.size)
        self._of = {
            w.id: self._uses(w.agent if w.run is None else OWN_COMMAND, w.orchestrator)
            for w in plan.workstreams.values()
        }

    def _uses(self, agent_type: str | None, owner: str | None) -> tuple[int, ...]:
        wanted = ("", f"type {agent_type}", f"owner {owner}")
        return tuple(self._at[name] for name in wanted if name in self._at)

    def of(self, work: str) -> tuple[int, ...]:
        return self._of[work]

    def fits(self, counts: list[int], uses: Iterable[int]) -> bool:
        """Whether one more agent that counts against `uses` may be at work beside `counts`."""
        for i in uses:
            limit = self.limits[i]
            if limit is None or counts[i] < limit:
                continue
            if i not in self.owners or self._borrowed(counts) >= self.caps.floating:
                return False
        return True

    def _borrowed(self, counts: list[int]) -> int:
        return sum(max(0, counts[i] - (self.limits[i] or 0)) for i in self.owners)


class Usage:
    """How many agents are busy under each cap, as a step function of time."""

    def __init__(self, demand: Demand) -> None:
        self._demand = demand
        self.times = [0.0]
        self.busy = [[0] * demand.size]

    def earliest(self, begin: float, duration: float, uses: tuple[int, ...]) -> float | None:
        """First moment from `begin` at which every cap leaves room for `duration`; None where none ever does."""
        i = max(0, bisect.bisect_right(self.times, begin + EPSILON) - 1)
        while True:
            clash = self._clash(i, begin + duration, uses)
            if clash is None:
                return begin
            i = clash + 1
            if i >= len(self.times):
                return None
            begin = self.times[i]

    def _clash(self, i: int, end: float, uses: tuple[int, ...]) -> int | None:
        """The first full step between step `i` and `end`; None when all have room."""
        while i < len(self.times) and self.times[i] < end - EPSILON:
            if not self._demand.fits(self.busy[i], uses):
                return i
            i += 1
        return None

    def take(self, begin: float, end: float, uses: tuple[int, ...]) -> None:
        first, last = self._step(begin), self._step(end)
        for i in range(first, last):
            for use in uses:
                self.busy[i][use] += 1

    def _step(self, time: float) -> int:
        i = bisect.bisect_left(self.times, time - EPSILON)
        if i < len(self.times) and abs(self.times[i] - time) <= EPSILON:
            return i
        self.times.insert(i, time)
        self.busy.insert(i, list(self.busy[i - 1]))
        return i
