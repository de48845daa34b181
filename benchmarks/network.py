"""The critical path of 1,000 workstreams, and the whole timeline, beside networkx' longest path of the same graph.

`python benchmarks/network.py [--rounds 7]`. In one process, taking turns; best of the rounds, for what disturbs only
makes slower. networkx has the strict graph as one weighted arc a need and finds one path; ours has partial needs,
floats of every node and the path.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import networkx as nx
from figures import goal

from locust_tui.analysis.levelling import levelled
from locust_tui.analysis.network import build_network
from locust_tui.analysis.schedule import critical_path, schedule_network
from locust_tui.analysis.timeline import timeline
from locust_tui.domain.plan import Need, NeedKind, Plan, Project, Weeks, Workstream
from locust_tui.domain.world import World

COUNT, BACK = 1_000, 3


def plan_of(count: int) -> Plan:
    """Each workstream needs the three before it: all, half, and a start."""
    conditions = (
        Need("", NeedKind.DONE),
        Need("", NeedKind.PERCENT, percent=50.0),
        Need("", NeedKind.STARTED),
    )
    works = {}
    for i in range(count):
        needs = tuple(
            Need(f"w{i - back}", kind.kind, kind.percent)
            for back, kind in enumerate(conditions, 1)
            if i - back >= 0
        )
        first = i // 10 + 1
        works[f"w{i}"] = Workstream(f"w{i}", f"work {i}", weeks=Weeks(first, first + i % 3), needs=needs)
    return Plan(Project("bench", "bench"), works)


def graph_of(plan: Plan) -> nx.DiGraph:
    graph = nx.DiGraph()
    graph.add_nodes_from(plan.workstreams)
    for w in plan.workstreams.values():
        assert w.weeks is not None
        for n in w.needs:
            graph.add_edge(n.target, w.id, weight=w.weeks.duration)
    return graph


def plain_loop(plan: Plan) -> float:
    """The strict forward pass and nothing else, over a plan whose order is topological."""
    ends: dict[str, float] = {}
    for w in plan.workstreams.values():
        assert w.weeks is not None
        ends[w.id] = max((ends[n.target] for n in w.needs), default=0.0) + w.weeks.duration
    return max(ends.values())


def best(calls: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Milliseconds of each, the best of `rounds` turns."""
    found = dict.fromkeys(calls, float("inf"))
    for _ in range(rounds):
        for name, call in calls.items():
            begin = time.perf_counter()
            call()
            found[name] = min(found[name], (time.perf_counter() - begin) * 1000)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    plan, world = plan_of(COUNT), World()
    graph, network = graph_of(plan), build_network(plan)
    assert nx.dag_longest_path_length(graph) + 1 == critical_path(plan, strict=True).weeks == plain_loop(plan)
    found = best(
        {
            "plain loop, ends alone": lambda: plain_loop(plan),
            "networkx, building": lambda: graph_of(plan),
            "networkx, longest path": lambda: nx.dag_longest_path(graph),
            "ours, building": lambda: build_network(plan),
            "ours, critical path": lambda: schedule_network(network),
            "ours, both": lambda: critical_path(plan),
            "ours, timeline": lambda: timeline(plan, world, 0.0),
            "ours, levelled at 4": lambda: levelled(plan, 4),
        },
        rounds,
    )
    print(f"{COUNT} workstreams, {graph.number_of_edges()} needs; best of {rounds}")
    for name, ms in found.items():
        print(f"  {name:26}{ms:9.2f} ms")
    theirs = found["networkx, building"] + found["networkx, longest path"]
    goal("critical path of 1,000, building included", found["ours, both"], 50, "ms")
    goal("critical path of 1,000, x networkx", found["ours, both"] / theirs, 5)
    goal("pass of 1,000, x plain loop", found["ours, critical path"] / found["plain loop, ends alone"], 40)
    goal("timeline of 1,000", found["ours, timeline"], 250, "ms")


if __name__ == "__main__":
    main()
