"""The cheapest set of workstreams that cuts every critical path: a minimal cut of the critical part of a network."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping

from ..driving import EPSILON, lag_days
from ..schedule import Schedule

Graph = dict[int, dict[int, float]]
"""Residual capacities. Node i of the network is 2i (in) and 2i + 1 (out)."""
_SOURCE, _SINK = -1, -2


def cheapest_cut(schedule: Schedule, prices: Mapping[str, float]) -> tuple[str, ...]:
    """Ids in plan order; empty where some critical path has none of `prices`, so that nothing cuts it.

    By augmenting paths, shortest first (Edmonds and Karp 1972); the cut nearest to the start of the plan.
    """
    graph = _critical(schedule, prices)
    if not _saturate(graph):
        return ()
    reached = _reached(graph)
    index = schedule.network.index
    return tuple(id for id in prices if 2 * index[id] in reached and 2 * index[id] + 1 not in reached)


def _critical(schedule: Schedule, prices: Mapping[str, float]) -> Graph:
    network, es, ef = schedule.network, schedule.es, schedule.ef
    graph: Graph = {_SOURCE: {}, _SINK: {}}
    critical = {i for i in range(len(network)) if schedule.ls[i] - es[i] <= EPSILON}
    for i in critical:
        price = prices.get(network.ids[i])
        _join(graph, 2 * i, 2 * i + 1, math.inf if price is None else max(price, EPSILON))
        before = [p for p in network.fs[i] if p in critical and abs(ef[p] - es[i]) <= EPSILON]
        before += [
            p
            for p, fraction in network.ss[i]
            if p in critical and abs(es[p] + _lag(schedule, p, fraction) - es[i]) <= EPSILON
        ]
        before += [p for p in network.ff[i] if p in critical and abs(ef[p] - ef[i]) <= EPSILON]
        for p in before:
            _join(graph, 2 * p + 1, 2 * i, math.inf)
        if not before:
            _join(graph, _SOURCE, 2 * i, math.inf)
        if abs(ef[i] - schedule.weeks) <= EPSILON:
            _join(graph, 2 * i + 1, _SINK, math.inf)
    return graph


def _lag(schedule: Schedule, p: int, fraction: float) -> float:
    return lag_days(schedule.network, schedule.durations[p], fraction)


def _join(graph: Graph, a: int, b: int, capacity: float) -> None:
    graph.setdefault(a, {})[b] = capacity
    graph.setdefault(b, {}).setdefault(a, 0.0)


def _saturate(graph: Graph) -> bool:
    """Send as much as flows; whether that is bounded."""
    while True:
        came = _reached(graph)
        if _SINK not in came:
            return True
        path, node = [], _SINK
        while node != _SOURCE:
            path.append((came[node], node))
            node = came[node]
        flow = min(graph[a][b] for a, b in path)
        if flow == math.inf:
            return False
        for a, b in path:
            graph[a][b] -= flow
            graph[b][a] += flow


def _reached(graph: Graph) -> dict[int, int]:
    """Nodes that more could flow to → the node before each, on a shortest way."""
    came, waiting = {_SOURCE: _SOURCE}, deque([_SOURCE])
    while waiting:
        a = waiting.popleft()
        for b, left in graph[a].items():
            if left > EPSILON / 2 and b not in came:
                came[b] = a
                waiting.append(b)
    return came
