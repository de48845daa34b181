"""The network of a plan: dates, floats, the path that drives the finish, and levelling under a cap."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_plans import random_dags
from seed_plan import need, seed_plan

from effort import cpu_s
from locust_tui.analysis.actuals import Actuals
from locust_tui.analysis.driving import lag_days
from locust_tui.analysis.levelling import levelled, smallest_cap
from locust_tui.analysis.network import Network, NetworkCycleError, build_network
from locust_tui.analysis.schedule import critical_path, schedule_network
from locust_tui.domain.plan import Gate, Plan, Project, Weeks, Workstream

PATH = ("WS-01", "WS-05", "WS-06", "WS-12", "WS-13", "WS-14")
STARTED_LATER = {"WS-07", "WS-08", "WS-15"}


def test_strict_needs_take_seventeen_weeks() -> None:
    schedule = critical_path(seed_plan(), strict=True)
    assert schedule.weeks == pytest.approx(17.0)
    assert schedule.path == PATH
    assert schedule.critical == PATH
    assert schedule.floats["WS-02"] == pytest.approx(1.0)


def test_overlaps_take_eleven_weeks_and_start_where_the_plan_says() -> None:
    plan = seed_plan()
    schedule = critical_path(plan)
    assert schedule.weeks == pytest.approx(11.0)
    assert schedule.path == PATH
    starts = dict(zip(schedule.network.ids, schedule.es, strict=True))
    for w in plan.workstreams.values():
        assert w.weeks is not None
        if w.id not in STARTED_LATER:
            assert starts[w.id] == pytest.approx(w.weeks.first - 1), w.id


def test_released_at_their_planned_weeks_all_start_there_and_a_date_drives_the_finish() -> None:
    plan = seed_plan()
    schedule = critical_path(plan, as_planned=True)
    starts = dict(zip(schedule.network.ids, schedule.es, strict=True))
    assert {w.id: w.weeks.first - 1 for w in plan.workstreams.values() if w.weeks} == pytest.approx(
        {w: starts[w] for w in plan.workstreams}
    )
    assert schedule.weeks == pytest.approx(12.0)
    assert schedule.path == ("WS-15",)
    assert schedule.driven_by_date


def test_gates_bind_what_they_hold_but_not_the_finish_of_the_seed() -> None:
    schedule = critical_path(seed_plan(), gates=True)
    starts = dict(zip(schedule.network.ids, schedule.es, strict=True))
    assert schedule.weeks == pytest.approx(11.0)
    assert starts["WS-15"] == pytest.approx(8.0)


def test_the_loop_of_a_cycle_is_named_in_order() -> None:
    works = {
        "build": Workstream("build", "build", needs=(need("unit"),)),
        "docs": Workstream("docs", "docs", needs=(need("build"),)),
        "unit": Workstream("unit", "unit", needs=(need("docs"),)),
    }
    with pytest.raises(NetworkCycleError) as caught:
        build_network(Plan(Project("p", "p"), works))
    loop = caught.value.loop
    assert loop[0] == loop[-1]
    assert set(loop) == {"build", "docs", "unit"}
    needs = {(w.needs[0].target, w.id) for w in works.values()}
    assert set(pairwise(loop)) == needs


def test_a_cycle_may_run_through_a_gate() -> None:
    works = {"a": Workstream("a", "a", phase="1", needs=(need("g"),))}
    with pytest.raises(NetworkCycleError) as caught:
        build_network(Plan(Project("p", "p"), works, gates={"g": Gate("g", "g", closes="1")}))
    assert set(caught.value.loop) == {"a", "g"}


def test_what_happened_stays_and_nothing_undone_lies_in_the_past() -> None:
    past = Actuals(at=4.0, started={"WS-01": 0.0, "WS-02": 1.0}, finished={"WS-01": 3.0})
    schedule = critical_path(seed_plan(), actual=past)
    es = dict(zip(schedule.network.ids, schedule.es, strict=True))
    ef = dict(zip(schedule.network.ids, schedule.ef, strict=True))
    assert ef["WS-01"] == 3.0
    assert ef["WS-02"] == pytest.approx(4.2)  # late already: at least one more working day
    assert es["WS-05"] == 4.0
    assert schedule.weeks == pytest.approx(
        4.0 + 1 + 3 + 1 + 1 + 3
    )  # WS-05, 06, 12, 13 by their overlaps, then 14


def test_removed_work_takes_no_time() -> None:
    plan = seed_plan()
    for gone, weeks in ({"WS-07", "WS-08", "WS-10"}, 11.0), ({"WS-14", "WS-15"}, 10.0):
        assert critical_path(plan, actual=Actuals(removed=frozenset(gone))).weeks == pytest.approx(weeks)


def test_an_empty_plan_has_no_length() -> None:
    schedule = critical_path(Plan(Project("p", "p"), {}))
    assert (schedule.weeks, schedule.path) == (0.0, ())


def relaxed(network: Network) -> tuple[list[float], list[float]]:
    """Longest path by relaxing every constraint until nothing moves: another way than the pass in order."""
    es = [0.0] * len(network)
    ef = list(network.durations)
    moved = True
    while moved:
        moved = False
        for j in reversed(range(len(network))):
            begin = max([es[j], *(ef[i] for i in network.fs[j])])
            for i, p in network.ss[j]:
                begin = max(begin, es[i] + lag_days(network, network.durations[i], p))
            end = max([begin + network.durations[j], *(ef[i] for i in network.ff[j])])
            if (begin, end) != (es[j], ef[j]):
                es[j], ef[j], moved = begin, end, True
    return es, ef


@settings(deadline=None)
@given(random_dags(), st.booleans())
def test_the_forward_pass_is_the_longest_path(plan: Plan, strict: bool) -> None:
    schedule = critical_path(plan, strict=strict)
    es, ef = relaxed(schedule.network)
    assert list(schedule.es) == pytest.approx(es)
    assert list(schedule.ef) == pytest.approx(ef)
    assert schedule.weeks == pytest.approx(max(ef))


@settings(deadline=None)
@given(random_dags())
def test_a_float_is_exactly_how_far_a_start_may_slip(plan: Plan) -> None:
    schedule = critical_path(plan)
    network = schedule.network
    for i in network.works:
        slack = schedule.total_float(network.ids[i])
        assert slack >= 0
        assert schedule.free[i] >= 0

        def finish(start: float, node: int = i) -> float:
            releases = [0.0] * len(network)
            releases[node] = start
            return schedule_network(replace(network, releases=tuple(releases)), as_planned=True).weeks

        assert finish(schedule.es[i] + slack) == pytest.approx(schedule.weeks)
        assert finish(schedule.es[i] + slack + 0.2) > schedule.weeks + 0.1


@settings(deadline=None)
@given(random_dags())
def test_the_path_ends_with_the_finish_and_has_no_gap(plan: Plan) -> None:
    schedule = critical_path(plan)
    ef = {work: schedule.ef[schedule.network.index[work]] for work in schedule.path}
    es = {work: schedule.es[schedule.network.index[work]] for work in schedule.path}
    assert ef[schedule.path[-1]] == pytest.approx(schedule.weeks)
    assert es[schedule.path[0]] == pytest.approx(0.0)
    for earlier, later in pairwise(schedule.path):
        assert es[later] <= ef[earlier] + 1e-9
        assert earlier in {n.target for n in plan.workstreams[later].needs}


@pytest.mark.parametrize(
    ("strict", "weeks", "enough"),
    [(True, [39, 21, 17, 17, 17, 17], 3), (False, [39, 21, 15, 11, 11, 11], 4)],
)
def test_levelling_the_seed_under_one_to_six_agents(strict: bool, weeks: list[int], enough: int) -> None:
    plan = seed_plan()
    assert [levelled(plan, cap, strict=strict).weeks for cap in range(1, 7)] == pytest.approx(weeks)
    assert smallest_cap(plan, strict=strict) == enough


@settings(deadline=None)
@given(random_dags(), st.integers(1, 4))
def test_levelling_keeps_the_cap_the_needs_and_idles_nobody(plan: Plan, cap: int) -> None:
    network = build_network(plan, strict=True)
    found = levelled(plan, cap, strict=True)
    ends = {w: s + network.durations[network.index[w]] for w, s in found.starts.items()}
    moments = sorted({*found.starts.values(), *ends.values()})
    for t in moments:
        busy = [w for w, s in found.starts.items() if s <= t + 1e-9 and ends[w] > t + 1e-9]
        assert len(busy) <= cap
    for w in plan.workstreams.values():
        for n in w.needs:
            assert found.starts[w.id] >= ends[n.target] - 1e-9
    assert found.weeks >= critical_path(plan, strict=True).weeks - 1e-9
    if cap >= len(plan.workstreams):
        assert found.weeks == pytest.approx(critical_path(plan, strict=True).weeks)
    total = sum(network.durations)
    assert total / cap - 1e-9 <= found.weeks <= total + 1e-9


def test_a_thousand_workstreams_are_scheduled_in_a_moment() -> None:
    works = {
        f"w{i}": Workstream(
            f"w{i}",
            "w",
            weeks=Weeks(1, 2),
            needs=tuple(need(f"w{j}", "50%") for j in range(max(0, i - 3), i)),
        )
        for i in range(1_000)
    }
    network = build_network(Plan(Project("p", "p"), works))
    assert (
        cpu_s(lambda: schedule_network(network)) < 0.1
    )  # 3 ms on an idle machine; the limit only catches a change of order
