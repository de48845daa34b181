"""What fixes the dates of a schedule: the relations that bind each node, and the path of them to the finish."""

from __future__ import annotations

import math
from collections.abc import Sequence

from locust_tui.domain.dataclass import dataclass

from .actuals import Actuals
from .network import Network

EPSILON = 1e-9


@dataclass(frozen=True, slots=True)
class Dates:
    """A forward pass: lists are indexed like `network.ids`, in plan weeks."""

    network: Network
    es: Sequence[float]
    ef: Sequence[float]
    durations: Sequence[float]
    actual: Actuals

    def is_begun(self, i: int) -> bool:
        node = self.network.ids[i]
        return node in self.actual.started or node in self.actual.finished

    def waits_to_end(self, i: int) -> bool:
        """Whether it ends later than its duration asks for: it waits for the end of another."""
        return self.ef[i] > self.es[i] + self.durations[i] + EPSILON


def lag_days(network: Network, duration: float, fraction: float) -> float:
    """Lag of an overlap in weeks: the fraction of the duration, rounded up to a working day."""
    return math.ceil(fraction * duration * network.days - 1e-6) / network.days


def overlap_bound(dates: Dates, p: int, fraction: float, i: int) -> float | None:
    """Earliest start of `i` that its need of a part of `p` allows; None once that need is met.

    Work that has begun and not come so far by its own dates is expected there a working day from now.
    """
    network, actual = dates.network, dates.actual
    node = network.ids[p]
    if (node, network.ids[i]) in actual.met:
        return None
    bound = dates.es[p] + lag_days(network, dates.durations[p], fraction)
    if fraction > 0 and node in actual.started and node not in actual.finished:
        return max(bound, actual.at + 1.0 / network.days)
    return bound


def start_drivers(dates: Dates, i: int) -> list[int]:
    """Nodes that fix the start of node `i`; of one that has begun: those that it began right after. Empty: none does."""
    network, es, ef = dates.network, dates.es, dates.ef
    gone = dates.actual.removed
    found = [p for p in network.fs[i] if abs(ef[p] - es[i]) <= EPSILON]
    for p, fraction in network.ss[i]:
        bound = overlap_bound(dates, p, fraction, i)
        if bound is not None and abs(bound - es[i]) <= EPSILON:
            found.append(p)
    return [p for p in found if network.ids[p] not in gone]


def end_drivers(dates: Dates, i: int) -> list[int]:
    """Nodes whose end fixes that of node `i`; empty where its own duration does."""
    if not dates.waits_to_end(i):
        return []
    ef = dates.ef
    return [p for p in dates.network.ff[i] if abs(ef[p] - ef[i]) <= EPSILON]


def drivers(dates: Dates, i: int) -> list[int]:
    """What must move for the end of node `i` to move: ends that it waits for, else what fixes its start."""
    return end_drivers(dates, i) if dates.waits_to_end(i) else start_drivers(dates, i)


def waited_for(dates: Dates, i: int) -> list[int]:
    """What node `i`, which has begun, had to wait for last; partial needs are dated by the network."""
    network, es, ef = dates.network, dates.es, dates.ef
    met = {p: ef[p] for p in network.fs[i]}
    for p, fraction in network.ss[i]:
        met[p] = min(ef[p], es[p] + lag_days(network, dates.durations[p], fraction))
    here = {p: at for p, at in met.items() if network.ids[p] not in dates.actual.removed}
    latest = max(here.values(), default=0.0)
    return [p for p, at in here.items() if at >= latest - EPSILON]


def driving_path(dates: Dates, ls: Sequence[float]) -> tuple[tuple[str, ...], bool]:
    """Workstreams from the node that finishes last back along the relations that fix its dates, first to last, and
    whether that path begins later than the plan."""
    network, es, ef = dates.network, dates.es, dates.ef
    if not network.works:
        return (), False
    order = {i: rank for rank, i in enumerate(network.works)}
    node = min(network.works, key=lambda i: (-round(ef[i], 6), ls[i] - es[i], order[i]))
    path: list[int] = []
    while True:
        path.append(node)
        found = drivers(dates, node)
        if not found:
            break
        node = min(found, key=lambda p: (round(ls[p] - es[p], 6), -dates.durations[p], order.get(p, -1)))
    works = tuple(network.ids[i] for i in reversed(path) if i in order)
    return works, es[path[-1]] > EPSILON
