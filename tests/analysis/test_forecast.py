"""The simulated forecast: its reference values, what it learns from what happened, and when it says nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_plans import change, random_dags
from seed_plan import START, at_week_end, seed_plan

from locust_tui.analysis.forecast import finish_by, forecast, simulate
from locust_tui.analysis.schedule import critical_path
from locust_tui.domain.plan import Plan, Project, SchedulePolicy, Workstream
from locust_tui.domain.snapshot import ForecastView
from locust_tui.domain.states import GateState, WorkstreamState
from locust_tui.domain.world import GateStatus, ProjectStatus, WorkstreamStatus, World

S = WorkstreamState


@pytest.mark.parametrize(
    ("gates", "strict", "as_planned", "p50", "p85", "p95", "in_window"),
    [
        (False, False, False, 11.8, 12.7, 13.2, 61),
        (True, False, False, 12.7, 13.5, 14.0, 18),
        (False, True, False, 18.0, 19.2, 20.0, 0),
        (False, False, True, 12.4, 13.0, 13.3, 23),
    ],
)
def test_the_seed_as_planned(
    gates: bool, strict: bool, as_planned: bool, p50: float, p85: float, p95: float, in_window: float
) -> None:
    found = forecast(seed_plan(), World(), START, gates=gates, strict=strict, as_planned=as_planned)
    assert found.p50_week == pytest.approx(p50, abs=0.15)
    assert found.p85_week == pytest.approx(p85, abs=0.15)
    assert found.p95_week == pytest.approx(p95, abs=0.15)
    assert found.in_window == pytest.approx(in_window, abs=3)
    assert [(g.id, g.due_week) for g in found.gates] == [("g1", 4), ("g2", 6), ("g3", 8), ("g4", 12)]


def test_a_plan_that_keeps_to_its_dates_is_forecast_so() -> None:
    plan = replace(seed_plan(), schedule=SchedulePolicy.AS_PLANNED)
    assert forecast(plan, World(), START, gates=False).p50_week == pytest.approx(12.4, abs=0.15)
    assert forecast(plan, World(), START, gates=False, as_planned=False).p50_week == pytest.approx(
        11.8, abs=0.15
    )


def test_what_is_critical_and_how_often() -> None:
    shares = simulate(seed_plan(), World(), START, gates=False, criticality=True).criticality
    for work in ("WS-01", "WS-06", "WS-12", "WS-13"):
        assert shares[work] == pytest.approx(1.0, abs=0.002), work
    assert shares["WS-14"] == pytest.approx(0.96, abs=0.02)
    assert shares["WS-05"] == pytest.approx(0.51, abs=0.02)
    assert shares["WS-02"] == pytest.approx(0.49, abs=0.02)
    assert shares["WS-07"] == 0.0


def test_the_same_question_has_the_same_answer() -> None:
    assert forecast(seed_plan(), World(), START) == forecast(seed_plan(), World(), START)
    assert forecast(seed_plan(), World(), START, seed=1) != forecast(seed_plan(), World(), START, seed=2)


def finished(week: float) -> World:
    """A world in which everything was accepted by the end of `week`, each exactly as planned or at that week."""
    world = World(project=ProjectStatus(started=START))
    for w in seed_plan().workstreams.values():
        assert w.weeks is not None
        end = at_week_end(min(float(w.weeks.last), week))
        world.workstreams[w.id] = WorkstreamStatus(
            w.id, S.ACCEPTED, first_started=at_week_end(w.weeks.first - 1.0), accepted_at=end
        )
    return world


def test_a_finished_plan_is_certain() -> None:
    world = finished(11.0)
    world.gates = {g: GateStatus(g, GateState.GO, since=at_week_end(11.0)) for g in seed_plan().gates}
    found = forecast(seed_plan(), world, at_week_end(20.0))
    assert (found.p50_week, found.p95_week, found.in_window) == (11.0, 11.0, 100.0)


def test_nothing_undone_lies_before_now() -> None:
    plan, world = seed_plan(), World(project=ProjectStatus(started=START))
    found = forecast(plan, world, at_week_end(6.0))
    assert found.p50_week is not None
    assert found.p50_week > 6 + 11
    assert min(simulate(plan, world, at_week_end(6.0), runs=200).finishes) > 6 + 0.67 * 11 - 0.5


def test_running_work_takes_longer_than_it_has_run() -> None:
    plan = Plan(Project("p", "p", window=(1, 9)), {"a": replace(seed_plan().workstreams["WS-01"], id="a")})
    world = World(project=ProjectStatus(started=START))
    world.workstreams["a"] = WorkstreamStatus("a", S.RUNNING, first_started=START)
    ends = simulate(plan, world, at_week_end(2.5), runs=500).finishes
    assert ends[0] > 2.5
    assert ends[-1] <= 3.0 + 1e-9
    beyond = simulate(plan, world, at_week_end(5.0), runs=50).finishes
    assert beyond == pytest.approx([5.2] * 50)  # past every assumption: one more working day


def test_five_finished_workstreams_replace_the_assumption() -> None:
    plan, world = seed_plan(), World(project=ProjectStatus(started=START))
    for i, w in enumerate(["WS-01", "WS-02", "WS-03", "WS-04", "WS-05"]):
        begun = at_week_end(0.1 * i)
        weeks = plan.workstreams[w].weeks
        assert weeks is not None
        world.workstreams[w] = WorkstreamStatus(
            w,
            S.ACCEPTED,
            first_started=begun,
            accepted_at=begun + 0.1 * (at_week_end(1.0) - START) * weeks.duration,
        )
    found = simulate(plan, world, at_week_end(1.0), runs=200, gates=False)
    assert found.finishes[0] == pytest.approx(found.finishes[-1])  # all ten times as fast: no spread is left
    assert found.finishes[0] < 1 + 0.15 * 11


def test_an_estimate_draws_within_its_bounds() -> None:
    work = Workstream("a", "a", estimate=(1.0, 2.0, 6.0))
    plan = Plan(Project("p", "p", window=(1, 9)), {"a": work})
    ends = simulate(plan, World(), START, runs=2_000).finishes
    assert ends[0] >= 1.0
    assert ends[-1] <= 6.0
    assert sum(ends) / len(ends) == pytest.approx((1 + 4 * 2 + 6) / 6, abs=0.1)
    fixed = replace(plan, workstreams={"a": replace(work, estimate=(2.0, 2.0, 2.0))})
    assert set(simulate(fixed, World(), START, runs=10).finishes) == {2.0}


@pytest.mark.parametrize(
    ("plan", "reason"),
    [
        (Plan(Project("p", "p"), {}), "the plan has no workstreams"),
        (Plan(Project("p", "p"), {"a": Workstream("a", "a")}), "no dates in the plan"),
    ],
)
def test_without_dates_nothing_is_forecast(plan: Plan, reason: str) -> None:
    assert forecast(plan, World(), START) == ForecastView(None, None, None, None, reason=reason)


def test_without_scope_nothing_is_forecast() -> None:
    world = World(workstreams={w: WorkstreamStatus(w, S.DEFERRED) for w in seed_plan().workstreams})
    assert forecast(seed_plan(), world, START).reason == "no workstream is left in scope"


def test_without_a_window_there_is_no_chance_to_state() -> None:
    plan = replace(seed_plan(), project=Project("p", "p"))
    found = forecast(plan, World(), START, runs=50)
    assert found.in_window is None
    assert found.p50_week is not None


def test_percentiles_are_ranks_rounded_up() -> None:
    values = [float(i) for i in range(1, 101)]
    assert [finish_by(values, p) for p in (50, 85, 95)] == [50.0, 85.0, 95.0]
    assert finish_by([1.01], 50) == 1.1


@settings(deadline=None, max_examples=30)
@given(random_dags())
def test_no_outcome_beats_the_best_durations(plan: Plan) -> None:
    ends = simulate(plan, World(), START, runs=40).finishes
    assert ends[0] >= 0.67 * max(critical_path(plan).network.durations) - 1e-9
    assert ends[-1] <= 1.5 * sum(critical_path(plan).network.durations) + 1e-9


@settings(deadline=None, max_examples=30)
@given(st.data())
def test_any_world_has_a_forecast_or_a_reason(data: st.DataObject) -> None:
    plan, world = seed_plan(), World()
    for _ in range(data.draw(st.integers(0, 12))):
        data.draw(change(plan, world))
    found = forecast(plan, world, START + data.draw(st.floats(-1, 40)) * 7 * 86_400, runs=20)
    assert (found.p50_week is None) == bool(found.reason)
