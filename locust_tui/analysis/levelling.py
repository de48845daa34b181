"""Levelling: the schedule that a limited number of agents can keep, by serial schedule generation.

Repeatedly the eligible workstream with the least latest start (ties: priority, then id) is placed at the
earliest moment at which an agent is free for its whole duration. Levelled, not proven optimal.
"""

from __future__ import annotations

import bisect

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.plan import Plan, Priority

from .driving import EPSILON, lag_days
from .network import Network, build_network
from .schedule import Schedule, schedule_network

_RANK = {Priority.CRITICAL: 0, Priority.HIGH: 1, Priority.MEDIUM: 2, Priority.LOW: 3}


@dataclass(frozen=True, slots=True)
class Levelled:
    cap: int
    weeks: float
    """Finish of the levelled schedule, in plan weeks."""
    starts: dict[str, float]
    """Start of each workstream, plan weeks since the start of week 1."""


class _Usage:
    """How many agents are busy, as a step function of time."""

    def __init__(self, cap: int) -> None:
        self.cap = cap
        self.times = [0.0]
        self.busy = [0]

    def earliest(self, begin: float, duration: float) -> float:
        """First moment from `begin` at which an agent is free for `duration`."""
        i = max(0, bisect.bisect_right(self.times, begin + EPSILON) - 1)
        while True:
            clash = self._clash(i, begin + duration)
            if clash is None:
                return begin
            i = clash + 1
            begin = self.times[i]

    def _clash(self, i: int, end: float) -> int | None:
        """The last full step between step `i` and `end`, searched forward; None when all have room."""
        while i < len(self.times) and self.times[i] < end - EPSILON:
            if self.busy[i] >= self.cap:
                return i
            i += 1
        return None

    def take(self, begin: float, end: float) -> None:
        first, last = self._step(begin), self._step(end)
        for i in range(first, last):
            self.busy[i] += 1

    def _step(self, time: float) -> int:
        i = bisect.bisect_left(self.times, time - EPSILON)
        if i < len(self.times) and abs(self.times[i] - time) <= EPSILON:
            return i
        self.times.insert(i, time)
        self.busy.insert(i, self.busy[i - 1])
        return i


def levelled(plan: Plan, cap: int, *, strict: bool = False, gates: bool = False) -> Levelled:
    """The plan with at most `cap` agents at work at any time; `cap` below 1 counts as 1."""
    network = build_network(plan, strict=strict, gates=gates)
    return level_network(plan, network, schedule_network(network), cap)


def level_network(plan: Plan, network: Network, unlimited: Schedule, cap: int) -> Levelled:
    """As `levelled`, over a network and its unlimited schedule that the caller has at hand."""
    cap = max(1, cap)
    usage = _Usage(cap)
    n = len(network)
    es, ef = [0.0] * n, [0.0] * n
    waiting = [len(set(network.fs[i]) | set(network.ff[i])) for i in range(n)]
    eligible = [i for i in range(n) if not waiting[i]]
    keys = [_order(plan, network.ids[i], unlimited.ls[i]) for i in range(n)]
    while eligible:
        i = min(eligible, key=keys.__getitem__)
        eligible.remove(i)
        es[i], ef[i] = _place(network, usage, es, ef, i)
        for j in set(network.fs_after[i]) | set(network.ff_after[i]):
            waiting[j] -= 1
            if not waiting[j]:
                eligible.append(j)
    starts = {network.ids[i]: es[i] for i in network.works}
    return Levelled(cap, max(ef, default=0.0), starts)


def _order(plan: Plan, node: str, latest_start: float) -> tuple[float, int, str]:
    workstream = plan.workstreams.get(node)
    return (round(latest_start, 6), _RANK[workstream.priority] if workstream else -1, node)


def _place(network: Network, usage: _Usage, es: list[float], ef: list[float], i: int) -> tuple[float, float]:
    begin = max((ef[p] for p in network.fs[i]), default=0.0)
    for p, fraction in network.ss[i]:
        begin = max(begin, es[p] + lag_days(network, network.durations[p], fraction))
    duration = network.durations[i]
    if duration > 0:
        begin = usage.earliest(begin, duration)
        usage.take(begin, begin + duration)
    return begin, max(begin + duration, *(ef[p] for p in network.ff[i]), begin)


def smallest_cap(plan: Plan, *, strict: bool = False, gates: bool = False) -> int | None:
    """Fewest agents at a time that delay nothing; None for a plan without workstreams."""
    if not plan.workstreams:
        return None
    network = build_network(plan, strict=strict, gates=gates)
    unlimited = schedule_network(network)
    low, high = 1, len(plan.workstreams)
    while low < high:
        middle = (low + high) // 2
        if level_network(plan, network, unlimited, middle).weeks <= unlimited.weeks + EPSILON:
            high = middle
        else:
            low = middle + 1
    return low
