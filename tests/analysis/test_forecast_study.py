"""The forecast looked into: what moves it, what it rests on, throughput, limits, and how it stood before."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_plans import random_dags
from seed_plan import START, WEEK, at_week_end, seed_plan

import slipping_plan as told
from locust_tui.analysis.forecast import RUNS, forecast, simulate, window_class
from locust_tui.analysis.forecast_columns import Plain, columns_for
from locust_tui.analysis.forecast_history import (
    MOST_WEEKS,
    ForecastPast,
    forecast_study,
    last_weeks_change,
    plans_of,
)
from locust_tui.analysis.forecast_numpy import Arrays
from locust_tui.analysis.forecast_passes import Model, on_longest_path
from locust_tui.analysis.forecast_study import bins, study_at
from locust_tui.analysis.forecast_throughput import throughput
from locust_tui.domain.plan import Plan, Resources
from locust_tui.domain.states import GateState, WorkstreamState
from locust_tui.domain.studies.forecast import AT_RISK, EARLY, IN_WINDOW, LATE, change_words
from locust_tui.domain.studies.forecast_study import ForecastStudy
from locust_tui.domain.world import GateStatus, ProjectStatus, WorkstreamStatus, World

S = WorkstreamState


def finished_in(weeks: list[float], of: Plan | None = None) -> World:
    """A world in which the first workstreams were accepted in the middle of these weeks (1-based)."""
    world = World(project=ProjectStatus(started=START))
    for w, week in zip((of or seed_plan()).workstreams, weeks, strict=False):
        at = START + (week - 0.5) * WEEK
        world.workstreams[w] = WorkstreamStatus(w, S.ACCEPTED, first_started=START, accepted_at=at)
    return world


# lists and arrays


@settings(deadline=None, max_examples=25)
@given(random_dags(), st.integers(0, 99), st.floats(0, 6))
def test_lists_and_arrays_give_the_same_figures_to_the_last_bit(plan: Plan, seed: int, week: float) -> None:
    plan = replace(
        plan,
        workstreams={
            w.id: replace(w, estimate=(0.5, 1.0, 4.0)) if n % 3 == 1 else w
            for n, w in enumerate(plan.workstreams.values())
        },
    )
    world = World(project=ProjectStatus(started=START))
    world.workstreams["w0"] = WorkstreamStatus("w0", S.RUNNING, first_started=START)

    def outcomes(columns: Plain | Arrays) -> list[object]:
        model = Model(plan, world, at_week_end(week), gates=True, strict=False, as_planned=False, seed=seed)
        found = [model.batch(columns, n) for n in (40, 7)]
        paths = [on_longest_path(model, columns, o) for o in found]
        ranks = columns.ranks(found[0].finish)
        return [
            [columns.listed(column) for o in found for column in (o.finish, *o.ends, *o.durations)],
            [{i: columns.count(runs) for i, runs in path.items()} for path in paths],
            columns.listed(ranks),
            columns.correlation(ranks, columns.ranks(found[0].durations[0])),
            [columns.listed(columns.day_ends(o.finish, 5)) for o in found],
        ]

    assert outcomes(Plain()) == outcomes(Arrays())


def test_chances_are_those_of_pythons_own_generator() -> None:
    assert Arrays().chances(random.Random("a"), 5).tolist() == Plain().chances(random.Random("a"), 5)
    assert isinstance(columns_for(10**6, 10), Arrays)


@pytest.mark.parametrize("size", [15, 300, 3_000])
def test_a_forecast_in_passing_never_loads_the_arrays(size: int) -> None:
    """Those of the worker, of reports and of verbs that only read."""
    code = f"""
import sys
from locust_tui.analysis.forecast import forecast, runs_in_passing
from locust_tui.domain.plan import Plan, Project, Weeks, Workstream
from locust_tui.domain.world import World
works = {{f"w{{n}}": Workstream(f"w{{n}}", "work", weeks=Weeks(1, 2)) for n in range({size})}}
plan = Plan(Project("p", "p"), works)
assert forecast(plan, World(), 0.0, runs=runs_in_passing(plan)).p50_week
sys.exit("numpy" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


# the window


@pytest.mark.parametrize(
    ("p50", "p85", "found"),
    [
        (7.9, 9.0, EARLY), (8.0, 12.0, IN_WINDOW), (12.0, 12.1, AT_RISK), (12.1, 13.0, LATE), (7.0, 12.5, AT_RISK),
    ],
)  # fmt: skip
def test_each_class_of_the_window(p50: float, p85: float, found: str) -> None:
    assert window_class((8, 12), p50, p85) == found
    assert window_class(None, p50, p85) == ""


def test_the_class_follows_the_clock() -> None:
    """Nothing is begun: the later it is, the later the finish."""
    world = World(project=ProjectStatus(started=START))
    plan = replace(seed_plan(), project=replace(seed_plan().project, window=(12, 16)))
    classes = [
        forecast(plan, world, at_week_end(week), gates=False, runs=400).window_class
        for week in (0.0, 2.0, 3.5, 5.0)
    ]
    assert classes == [EARLY, IN_WINDOW, AT_RISK, LATE]


# what moves it


def study(
    plan: Plan | None = None, world: World | None = None, at: float = START, runs: int = 2_000
) -> ForecastStudy:
    return study_at(plan or seed_plan(), world or World(), at, gates=False, runs=runs)


def test_what_moves_the_finish_is_what_the_longest_path_runs_through() -> None:
    movers = {m.id: m for m in study().movers}
    assert movers["WS-01"].critical == 100.0
    assert movers["WS-14"].adds == pytest.approx(
        0.6, abs=0.1
    )  # nothing is beside it: its own P85 less its P50
    assert movers["WS-01"].adds == pytest.approx(0.35, abs=0.1)  # half of it is overlapped
    assert movers["WS-14"].correlation is not None
    assert movers["WS-14"].correlation > 0.4
    assert "WS-07" not in movers
    assert all(m.p50 <= m.p85 for m in movers.values())
    shown = [round(m.adds or 0.0, 3) for m in study().movers]
    assert shown == sorted(shown, reverse=True)


def test_near_critical_work_is_named() -> None:
    assert {m.id for m in study().movers if m.near} <= {"WS-02", "WS-05"}
    late = replace(seed_plan().workstreams["WS-15"], estimate=(2.0, 6.0, 14.0))
    plan = replace(seed_plan(), workstreams={**seed_plan().workstreams, "WS-15": late})
    assert next(m for m in study(plan).movers if m.id == "WS-15").near


def test_finished_and_deferred_work_moves_nothing() -> None:
    world = World(project=ProjectStatus(started=START))
    world.workstreams["WS-01"] = WorkstreamStatus(
        "WS-01", S.ACCEPTED, first_started=START, accepted_at=at_week_end(2.0)
    )
    world.workstreams["WS-15"] = WorkstreamStatus("WS-15", S.DEFERRED)
    found = study(world=world, at=at_week_end(2.0))
    assert {"WS-01", "WS-15"} & {m.id for m in found.movers} == set()
    assert {"WS-01", "WS-15"} & {w for w, _ in found.criticality} == set()


def test_the_spread_holds_every_run() -> None:
    found = study()
    assert found.bins is not None
    assert sum(found.bins.counts) == found.runs
    assert bins([3.0] * 7).counts == (7,)
    last = found.bins.first + found.bins.width * len(found.bins.counts)
    assert found.bins.first <= 11.8 <= last


# what is true of every plan


@settings(deadline=None, max_examples=40)
@given(random_dags(), st.data())
def test_a_longer_estimate_never_makes_anything_earlier(plan: Plan, data: st.DataObject) -> None:
    """The chances of each workstream stay the same, so it holds run by run."""
    chosen = data.draw(st.sampled_from(sorted(plan.workstreams)))
    low, mode, high = sorted(data.draw(st.tuples(*[st.floats(0.5, 6)] * 3)))
    more = data.draw(st.floats(0, 3))

    def finish(estimate: tuple[float, float, float]) -> list[float]:
        work = replace(plan.workstreams[chosen], estimate=estimate)
        changed = replace(plan, workstreams={**plan.workstreams, chosen: work})
        found = forecast(changed, World(), START, runs=60)
        assert found.p50_week is not None
        assert found.p85_week is not None
        assert found.p95_week is not None
        assert found.p50_week <= found.p85_week <= found.p95_week
        return [found.p50_week, found.p85_week, found.p95_week]

    before, after = finish((low, mode, high)), finish((low + more, mode + more, high + more))
    assert all(a >= b for a, b in zip(after, before, strict=True))


@settings(deadline=None, max_examples=15)
@given(st.sampled_from(sorted(seed_plan().workstreams)), st.floats(0, 4), st.integers(0, 9))
def test_nor_does_it_where_gates_hold_what_they_hold(chosen: str, more: float, seed: int) -> None:
    def finishes(extra: float) -> tuple[float, ...]:
        work = replace(seed_plan().workstreams[chosen], estimate=(1 + extra, 2 + extra, 4 + extra))
        plan = replace(seed_plan(), workstreams={**seed_plan().workstreams, chosen: work})
        found = simulate(plan, World(), START, runs=60, seed=seed)
        return (*found.finishes, *(week for weeks in found.gates.values() for week in weeks))

    assert all(a >= b - 1e-9 for a, b in zip(finishes(more), finishes(0.0), strict=True))


@settings(deadline=None, max_examples=25)
@given(random_dags(most=6), st.data())
def test_taking_work_out_of_scope_never_makes_the_plan_later(plan: Plan, data: st.DataObject) -> None:
    out = data.draw(st.sets(st.sampled_from(sorted(plan.workstreams))))
    world = World(workstreams={w: WorkstreamStatus(w, S.DEFERRED) for w in out})
    world.project = ProjectStatus(started=START)
    whole = World(project=ProjectStatus(started=START))
    less, all_of_it = (simulate(plan, w, START, runs=40).finishes for w in (world, whole))
    assert all(a <= b + 1e-9 for a, b in zip(less, all_of_it, strict=True))


# by throughput


def test_weeks_without_anything_finished_count_too() -> None:
    found = throughput(seed_plan(), finished_in([1, 1, 3, 5]), at_week_end(5.0))
    assert found.counts == (2, 0, 1, 0, 1)
    assert found.left == 11


def test_too_short_a_history_is_said_and_so_is_one_in_which_nothing_ended() -> None:
    short = throughput(seed_plan(), finished_in([1, 2]), at_week_end(3.9))
    assert (short.p50_week, short.reason) == (None, "not enough history: 3 of 4 whole weeks")
    none = throughput(seed_plan(), World(project=ProjectStatus(started=START)), at_week_end(6.0))
    assert (none.p85_week, none.reason) == (None, "no finish in sight: nothing was finished in 6 weeks")


def test_weeks_behind_the_good_end_do_not_count() -> None:
    plan = seed_plan()
    world = finished_in([n // 2 + 1 for n in range(len(plan.workstreams))])
    for id in plan.gates:
        world.gates[id] = GateStatus(id, GateState.GO)
    world.project = replace(world.project, ended=at_week_end(8.0))
    found = throughput(plan, world, at_week_end(50.0))
    assert (found.left, len(found.counts), found.reason) == (0, 8, "nothing is left to finish")


def test_the_same_count_every_week_is_certain() -> None:
    found = throughput(seed_plan(), finished_in([1, 2, 3, 4, 5]), at_week_end(5.0))
    assert (found.p50_week, found.p85_week, found.p95_week) == (15.0, 15.0, 15.0)
    assert [(h.weeks, h.p50, h.p95) for h in found.how_many] == [(1, 1, 1), (2, 2, 2), (4, 4, 4), (8, 8, 8)]


def test_the_exact_weeks_are_those_that_drawing_finds() -> None:
    world = finished_in([1, 1, 1, 2, 4, 4])
    found = throughput(seed_plan(), world, at_week_end(5.0))
    assert found.counts == (3, 1, 0, 2, 0)
    rng, ends, after_four = random.Random(1), Counter[int](), []
    for _ in range(20_000):
        left, week, done = found.left, 0, 0
        while left > 0:
            week += 1
            drawn = rng.choice(found.counts)
            left -= drawn
            done += drawn if week <= 4 else 0
        ends[week] += 1
        after_four.append(min(done, found.left))
    drawn_weeks = sorted(ends.elements())
    for percent, week in ((50, found.p50_week), (85, found.p85_week), (95, found.p95_week)):
        assert week == 5 + drawn_weeks[20_000 * percent // 100 - 1]
    many = next(h for h in found.how_many if h.weeks == 4)
    assert many.p85 == sorted(after_four, reverse=True)[20_000 * 85 // 100 - 1]


def test_throughput_is_never_earlier_than_the_network_at_its_best() -> None:
    world = finished_in([1, 1, 1, 2, 3, 4])
    at = at_week_end(4.0)
    found = study_at(seed_plan(), world, at, gates=False, runs=300)
    assert found.throughput is not None
    assert found.throughput.least_week is not None
    quick = throughput(seed_plan(), world, at, least=40.0)
    assert (quick.p50_week, quick.p95_week) == (40.0, 40.0)
    assert found.throughput.least_week <= simulate(seed_plan(), world, at, gates=False, runs=300).finishes[0]


def test_the_wait_for_a_rare_finish_has_an_end() -> None:
    plan = seed_plan()
    found = throughput(plan, finished_in([1]), at_week_end(500.0))
    assert found.p95_week is None
    assert "not within 520 weeks" in found.reason


# what it rests on


def test_an_assumption_is_called_one() -> None:
    assert study().basis.words == ("15 triangular 0.67–1–1.5 × planned: an assumption",)


def test_the_sample_names_its_workstreams_runs_and_events() -> None:
    past = ForecastPast()
    past.take(told.events(), {told.DIGEST: told.slipping_plan()})
    plan, world = told.slipping_plan(), told.world()
    found = forecast_study(plan, world, told.at_week(6.6), past, runs=200)
    assert found.basis.used
    assert found.basis.words[0].endswith("by what 6 finished took over their plan")
    sample = {s.workstream: s for s in found.basis.finished}
    assert list(sample) == ["WS-01", "WS-02", "WS-03", "WS-04", "WS-07", "WS-05"]
    assert sample["WS-05"].ratio == pytest.approx(4.2 / 3, abs=0.15)
    assert sample["WS-05"].runs == ("WS-05.1",)
    bodies = {event.revision: event.body for event in told.events()}
    began, ended = (bodies[r] for r in sample["WS-05"].rests.revisions)
    assert type(began).__name__ == "RunCreated"
    assert getattr(ended, "new", None) is S.ACCEPTED


def test_a_limit_of_agents_that_binds_is_said() -> None:
    free = study()
    assert free.caps is not None
    assert (free.caps.smallest, free.caps.binds) == (4, False)
    few = study(replace(seed_plan(), resources=Resources(max_agents=2)))
    assert few.caps is not None
    assert few.caps.binds
    assert few.caps.levelled == pytest.approx(21.0)


def test_where_nothing_can_be_computed_the_study_says_why() -> None:
    found = study_at(replace(seed_plan(), workstreams={}), World(), START)
    assert found.view.reason == "the plan has no workstreams"
    assert (found.bins, found.movers) == (None, ())


def test_a_finished_plan_is_complete() -> None:
    world = finished_in([3.0] * 15)
    waiting = study_at(seed_plan(), world, at_week_end(4.0), runs=100)
    assert not waiting.complete  # its gates are not decided
    world.gates = {g: GateStatus(g, GateState.GO, since=at_week_end(3.0)) for g in seed_plan().gates}
    found = study_at(seed_plan(), world, at_week_end(4.0), gates=False, runs=100)
    assert found.complete
    assert found.movers == ()
    assert found.view.p95_week == pytest.approx(2.5, abs=0.3)


# over time


def the_past(week: float, parts: int = 1) -> ForecastStudy:
    """The study at a week, its past taken in at once or in parts."""
    past, plan = ForecastPast(), told.slipping_plan()
    events = told.events(week)
    found = None
    for part in range(1, parts + 1):
        now = week * part / parts
        new = [event for event in events if past.revision < event.revision and event.at <= told.at_week(now)]
        past.take(new, dict.fromkeys(plans_of(new), plan))
        found = forecast_study(plan, told.world(now), told.at_week(now), past, runs=500, digest=told.DIGEST)
    assert found is not None
    return found


def test_the_forecast_as_it_stood_at_the_end_of_each_week() -> None:
    found = the_past(6.6)
    assert [s.week for s in found.past] == pytest.approx([1, 2, 3, 4, 5, 6], abs=0.01)
    assert [s.finished for s in found.past] == [0, 0, 1, 2, 3, 4]
    for standing in found.past[:3]:
        alone = the_past(standing.week)
        assert alone.standing.finished == standing.finished
        expected = forecast(told.slipping_plan(), told.world(standing.week), standing.at, runs=RUNS)
        assert (standing.p50_week, standing.p85_week) == (expected.p50_week, expected.p85_week)


def test_a_past_taken_in_bit_by_bit_is_the_same() -> None:
    assert the_past(6.6, parts=5).past == the_past(6.6).past


def test_what_changed_since_last_week_is_said_with_its_reason() -> None:
    change = the_past(6.6).change
    assert change is not None
    assert change.before.week == pytest.approx(6.0)
    words = change_words(change)
    assert words.startswith("P85 ")
    assert " at the end of week 6: " in words
    if change.shift:
        assert change.reasons


def test_a_week_that_has_only_begun_is_compared_with_the_one_before() -> None:
    found = the_past(6.1)
    now = found.standing
    assert found.change is not None
    assert found.change.before.week == pytest.approx(5.0)
    assert last_weeks_change((), now) is None


def test_the_past_that_is_looked_at_is_bounded() -> None:
    plan = replace(told.slipping_plan(), workstreams=dict(list(told.slipping_plan().workstreams.items())[:2]))
    past = ForecastPast(gates=False)
    past.take(told.events(2.0), {})
    standings = past.standings(replace(plan, gates={}), START + 1, told.at_week(200))
    assert len(standings) == MOST_WEEKS
    assert standings[-1].week == pytest.approx(200)


def test_without_a_record_there_is_no_past() -> None:
    plan = told.slipping_plan()
    found = forecast_study(plan, told.world(), told.at_week(6.6), ForecastPast(), runs=100)
    assert (found.past, found.change) == ((), None)
