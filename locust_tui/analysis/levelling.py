"""Levelling: the schedule that a limited number of agents can keep, by serial schedule generation.

Repeatedly the eligible workstream with the least latest start (ties: priority, then id) is placed at the earliest
moment at which every cap leaves room for its whole duration. Levelled, not proven optimal.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from heapq import heapify, heappop, heappush

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.plan import Plan, Priority

from .caps import Caps, Demand, Usage, plan_caps
from .driving import EPSILON, lag_days
from .network import Network, build_network
from .schedule import Schedule, schedule_network

_RANK = {Priority.CRITICAL: 0, Priority.HIGH: 1, Priority.MEDIUM: 2, Priority.LOW: 3}
_SEARCHED_ONE_BY_ONE = 32
"""More agents in some numbers can take longer than fewer, so few are all looked at; many are halved."""


@dataclass(frozen=True, slots=True)
class Levelled:
    cap: int | None
    """Agents at a time in all; None: as many as there is work for."""
    weeks: float
    """Finish of the levelled schedule, in plan weeks; infinite where a cap of none bars some work for ever."""
    starts: dict[str, float]
    """Start of each workstream, plan weeks since the start of week 1."""
    delay: float = 0.0
    """Plan weeks by which the caps move the finish."""
    busy: float = 0.0
    """Agent-weeks of all work."""
    peak: int = 0
    """Most agents at work at a time."""

    @property
    def utilisation(self) -> float | None:
        """Points of the cap's agent-weeks that are worked: busy / (cap × weeks); None without a cap or an end."""
        if self.cap is None or not 0 < self.weeks < math.inf:
            return None
        return 100.0 * self.busy / (self.cap * self.weeks)


def levelled(plan: Plan, cap: int | Caps, *, strict: bool = False, gates: bool = False) -> Levelled:
    """The plan with at most `cap` agents at work at any time, or under several caps at once; a total below 1 counts as 1."""
    network = build_network(plan, strict=strict, gates=gates)
    return level_network(plan, network, schedule_network(network), cap)


def level_network(plan: Plan, network: Network, unlimited: Schedule, cap: int | Caps) -> Levelled:
    """As `levelled`, over a network and its unlimited schedule that the caller has at hand."""
    caps = Caps(max(1, cap)) if isinstance(cap, int) else cap
    demand = Demand(plan, caps)
    usage = Usage(demand)
    n = len(network)
    es, ef = [0.0] * n, [0.0] * n
    after = [set(network.fs_after[i]) | set(network.ff_after[i]) for i in range(n)]
    waiting = [len(set(network.fs[i]) | set(network.ff[i])) for i in range(n)]
    keys = [_order(plan, network.ids[i], unlimited.ls[i]) for i in range(n)]
    eligible = [(keys[i], i) for i in range(n) if not waiting[i]]
    heapify(eligible)
    while eligible:
        _, i = heappop(eligible)
        uses = demand.of(network.ids[i]) if network.ids[i] in plan.workstreams else ()
        es[i], ef[i] = _place(network, usage, es, ef, i, uses)
        for j in after[i]:
            waiting[j] -= 1
            if not waiting[j]:
                heappush(eligible, (keys[j], j))
    weeks = max(ef, default=0.0)
    return Levelled(
        caps.total,
        weeks,
        {network.ids[i]: es[i] for i in network.works},
        weeks - unlimited.weeks,
        sum(network.durations[i] for i in network.works),
        _peak(network, es, network.works),
    )


def _order(plan: Plan, node: str, latest_start: float) -> tuple[float, int, str]:
    workstream = plan.workstreams.get(node)
    return (round(latest_start, 6), _RANK[workstream.priority] if workstream else -1, node)


def _place(
    network: Network, usage: Usage, es: list[float], ef: list[float], i: int, uses: tuple[int, ...]
) -> tuple[float, float]:
    begin = max((ef[p] for p in network.fs[i]), default=0.0)
    for p, fraction in network.ss[i]:
        begin = max(begin, es[p] + lag_days(network, network.durations[p], fraction))
    duration = network.durations[i]
    if duration > 0 and begin < math.inf:
        found = usage.earliest(begin, duration, uses)
        begin = math.inf if found is None else found
        if found is not None:
            usage.take(begin, begin + duration, uses)
    return begin, max(begin + duration, *(ef[p] for p in network.ff[i]), begin)


def _peak(network: Network, starts: Iterable[float] | list[float], members: Iterable[int]) -> int:
    """Most of `members` at work at a time."""
    begins = list(starts)
    steps: list[tuple[float, int]] = []
    for i in members:
        if network.durations[i] > 0 and begins[i] < math.inf:
            steps += [(round(begins[i], 6), 1), (round(begins[i] + network.durations[i], 6), -1)]
    most = now = 0
    for _, change in sorted(steps):
        now += change
        most = max(most, now)
    return most


def under_plan_caps(plan: Plan, *, strict: bool = False, gates: bool = False) -> Levelled:
    """The plan under every cap that it names: in all, of each agent type, of each orchestrator."""
    return levelled(plan, plan_caps(plan), strict=strict, gates=gates)


def caps_one_to(plan: Plan, most: int, *, strict: bool = False, gates: bool = False) -> Iterator[Levelled]:
    """The plan with 1, 2 … `most` agents at a time."""
    network = build_network(plan, strict=strict, gates=gates)
    unlimited = schedule_network(network)
    for cap in range(1, most + 1):
        yield level_network(plan, network, unlimited, cap)


def smallest_cap(plan: Plan, *, strict: bool = False, gates: bool = False) -> int | None:
    """Fewest agents at a time that delay nothing; None for a plan without workstreams."""
    if not plan.workstreams:
        return None
    network = build_network(plan, strict=strict, gates=gates)
    return _smallest(plan, network, network.works, Caps)


def smallest_caps(
    plan: Plan, *, strict: bool = False, gates: bool = False
) -> tuple[dict[str, int], dict[str, int]]:
    """Fewest agents of each type, and of each orchestrator, that delay nothing while nothing else is capped.

    Both only name those that have work.
    """
    network = build_network(plan, strict=strict, gates=gates)
    works = [(i, plan.workstreams[network.ids[i]]) for i in network.works]
    types, owners = {}, {}
    for name in dict.fromkeys(w.agent for _, w in works if w.agent is not None and w.run is None):
        mine = [i for i, w in works if w.agent == name and w.run is None]
        types[name] = _smallest(plan, network, mine, _of_type(name))
    for name in dict.fromkeys(w.orchestrator for _, w in works if w.orchestrator is not None):
        mine = [i for i, w in works if w.orchestrator == name]
        owners[name] = _smallest(plan, network, mine, _of_owner(name))
    return types, owners


def _of_type(name: str) -> Callable[[int], Caps]:
    return lambda cap: Caps(types={name: cap})


def _of_owner(name: str) -> Callable[[int], Caps]:
    return lambda cap: Caps(quotas={name: cap})


def _smallest(plan: Plan, network: Network, members: Iterable[int], caps: Callable[[int], Caps]) -> int:
    """Fewest agents for `members` that delay nothing, between what their work needs and what never waits."""
    unlimited = schedule_network(network)
    mine = list(members)
    work = sum(network.durations[i] for i in mine)
    low = max(1, math.ceil(work / unlimited.weeks - EPSILON)) if unlimited.weeks > 0 else 1
    high = max(low, _peak(network, unlimited.es, mine))

    def delays_nothing(cap: int) -> bool:
        return level_network(plan, network, unlimited, caps(cap)).delay <= EPSILON

    if high - low > _SEARCHED_ONE_BY_ONE:
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if delays_nothing(middle) else (middle + 1, high)
        return low
    return next((cap for cap in range(low, high) if delays_nothing(cap)), high)
