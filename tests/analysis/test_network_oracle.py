"""The critical path method against networkx: starts, ends and floats as longest paths in a graph of starts and ends."""

from __future__ import annotations

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, composite
from random_plans import random_dags
from seed_plan import seed_plan

from locust_tui.analysis.actuals import Actuals
from locust_tui.analysis.driving import drivers, lag_days
from locust_tui.analysis.network import Network, build_network
from locust_tui.analysis.schedule import critical_path, schedule_network
from locust_tui.domain.plan import Plan

DAY = 0.2


@composite
def pasts(draw: DrawFn, plan: Plan) -> Actuals:
    """What may have happened by some moment: some work begun, some of it done, some given up, some partial needs met."""
    at = draw(st.integers(0, 40)) * DAY
    started: dict[str, float] = {}
    finished: dict[str, float] = {}
    removed = set()
    for work in plan.workstreams:
        fate = draw(st.sampled_from(["ahead", "ahead", "runs", "done", "gone"]))
        if fate == "gone":
            removed.add(work)
        elif fate != "ahead":
            started[work] = draw(st.floats(0, 1)) * at
            if fate == "done":
                finished[work] = started[work] + draw(st.floats(0, 1)) * (at - started[work])
    partial = [(n.target, w.id) for w in plan.workstreams.values() for n in w.needs if n.target in started]
    met = frozenset(edge for edge in partial if draw(st.booleans()))
    return Actuals(at, started, finished, frozenset(removed), met)


def graph_of(network: Network, past: Actuals) -> nx.DiGraph:
    """Every arc (a, b) of weight -w says: b no earlier than w after a. Shortest paths are the longest of the plan."""
    graph = nx.DiGraph()

    def arc(a: object, b: object, weeks: float) -> None:
        if not graph.has_edge(a, b) or graph.edges[a, b]["weight"] > -weeks:
            graph.add_edge(a, b, weight=-weeks)

    ids = network.ids
    for i, node in enumerate(ids):
        if node in past.removed:
            continue
        begun, done = past.started.get(node), past.finished.get(node)
        duration = network.durations[i]
        if done is not None:
            begin = done if begun is None else min(begun, done)
            arc("source", (i, "start"), begin)
            arc((i, "start"), (i, "end"), done - begin)
        elif begun is not None:
            arc("source", (i, "start"), begun)
            duration = max(duration, past.at + DAY - begun)
        else:
            arc("source", (i, "start"), past.at)
        if done is None:
            arc((i, "start"), (i, "end"), duration)
        arc((i, "end"), "sink", 0.0)
        relations(graph, arc, network, past, i)
    return graph


def relations(graph: nx.DiGraph, arc: object, network: Network, past: Actuals, j: int) -> None:
    assert callable(arc)
    node = network.ids[j]
    begun, done = node in past.started or node in past.finished, node in past.finished
    for i in network.fs[j]:
        if not begun and network.ids[i] not in past.removed:
            arc((i, "end"), (j, "start"), 0.0)
    for i, fraction in network.ss[j]:
        other = network.ids[i]
        if begun or other in past.removed or (other, node) in past.met:
            continue
        duration = network.durations[i]
        if other in past.finished:
            duration = past.finished[other] - min(
                past.started.get(other, past.finished[other]), past.finished[other]
            )
        elif other in past.started:
            duration = max(duration, past.at + DAY - past.started[other])
            if fraction:
                arc("source", (j, "start"), past.at + DAY)
        arc((i, "start"), (j, "start"), lag_days(network, duration, fraction))
    for i in network.ff[j]:
        if not done and network.ids[i] not in past.removed:
            arc((i, "end"), (j, "end"), 0.0)


def longest(graph: nx.DiGraph, source: object) -> dict[object, float]:
    return {node: -weeks for node, weeks in nx.single_source_bellman_ford_path_length(graph, source).items()}


@settings(deadline=None, max_examples=150)
@given(st.data(), random_dags(most=12), st.booleans())
def test_starts_ends_and_floats_are_longest_paths(data: st.DataObject, plan: Plan, strict: bool) -> None:
    network = build_network(plan, strict=strict)
    past = data.draw(pasts(plan) | st.just(Actuals()))
    schedule = schedule_network(network, actual=past)
    graph = graph_of(network, past)
    if graph.number_of_nodes() == 0:
        assert schedule.weeks == 0.0
        return
    ahead = longest(graph, "source")
    back = longest(graph.reverse(copy=False), "sink")
    assert schedule.weeks == pytest.approx(ahead["sink"])
    for i in network.works:
        if network.ids[i] in past.removed:
            continue
        start, end = (i, "start"), (i, "end")
        assert schedule.es[i] == pytest.approx(ahead[start])
        assert schedule.ef[i] == pytest.approx(ahead[end])
        assert schedule.lf[i] == pytest.approx(ahead["sink"] - back[end])
        assert schedule.ls[i] == pytest.approx(ahead["sink"] - back[start])
        assert schedule.total_float(network.ids[i]) == pytest.approx(
            max(0.0, ahead["sink"] - back[start] - ahead[start]), abs=1e-6
        )


@settings(deadline=None)
@given(st.data(), random_dags(most=12))
def test_nothing_undone_lies_in_the_past_and_what_is_done_stays(data: st.DataObject, plan: Plan) -> None:
    past = data.draw(pasts(plan))
    schedule = schedule_network(build_network(plan), actual=past)
    index = schedule.network.index
    for work in plan.workstreams:
        i = index[work]
        if work in past.finished:
            assert schedule.ef[i] == past.finished[work]
        elif work in past.started:
            assert schedule.es[i] == past.started[work]
            assert schedule.ef[i] >= past.at + DAY - 1e-9
        elif work not in past.removed:
            assert schedule.es[i] >= past.at


@settings(deadline=None)
@given(st.data(), random_dags(most=12))
def test_free_float_is_no_more_than_total_float_and_moves_nobody(data: st.DataObject, plan: Plan) -> None:
    past = data.draw(pasts(plan) | st.just(Actuals()))
    schedule = schedule_network(build_network(plan), actual=past)
    for work in plan.workstreams:
        i = schedule.network.index[work]
        if work not in past.removed:
            assert (
                -1e-9
                <= schedule.free[i]
                <= max(schedule.lf[i] - schedule.ef[i], schedule.total_float(work)) + 1e-6
            )


@settings(deadline=None)
@given(st.data(), random_dags(most=12))
def test_what_drives_a_date_binds_it(data: st.DataObject, plan: Plan) -> None:
    """Nothing drives the start of what could begin at once; else one of its drivers ends, or comes so far, just then."""
    past = data.draw(pasts(plan) | st.just(Actuals()))
    schedule = schedule_network(build_network(plan), actual=past)
    for i in schedule.network.works:
        if schedule.network.ids[i] in (past.removed | set(past.started) | set(past.finished)):
            continue
        late = schedule.es[i] > past.at + 1e-9
        found = drivers(schedule.dates, i)
        assert bool(found) or not late
        assert all(schedule.network.ids[p] not in past.removed for p in found)


def test_the_longest_path_of_the_example_is_that_of_networkx() -> None:
    plan = seed_plan()
    network = build_network(plan, strict=True)
    graph = nx.DiGraph()
    graph.add_nodes_from(plan.workstreams)
    for w in plan.workstreams.values():
        graph.add_edges_from((n.target, w.id) for n in w.needs)
    for before, after in graph.edges:
        graph.edges[before, after]["weight"] = network.durations[network.index[after]]
    path = nx.dag_longest_path(graph, weight="weight")
    assert critical_path(plan, strict=True).path == tuple(path)
    first = network.durations[network.index[path[0]]]
    assert (
        nx.dag_longest_path_length(graph, weight="weight") + first == critical_path(plan, strict=True).weeks
    )
