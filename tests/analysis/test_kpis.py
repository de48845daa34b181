"""KPIs: the values the plan's measures give, when they give none, and their course over the weeks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seed_plan import START, at_week_end, run, seed_plan

from locust_tui.analysis.expression import compile_expression
from locust_tui.analysis.history import History
from locust_tui.analysis.kpis import kpi_views, meets_target
from locust_tui.analysis.quantities import KNOWN_QUANTITIES, Quantities, known_names
from locust_tui.domain.criterion import CriterionResult, Limit
from locust_tui.domain.plan import Kpi, Plan
from locust_tui.domain.snapshot import KpiView
from locust_tui.domain.states import CriterionState, GateState, RunState, WorkstreamState
from locust_tui.domain.world import GateStatus, ProjectStatus, RunStatus, WorkstreamStatus, World

S = WorkstreamState
DAY = 86_400.0


def started() -> World:
    return World(project=ProjectStatus(started=START))


def kpis(world: World, now: float, plan: Plan | None = None) -> dict[str, KpiView]:
    return {k.id: k for k in kpi_views(plan or seed_plan(), world, now)}


def accept(world: World, **weeks: float) -> World:
    for name, week in weeks.items():
        work = name.replace("_", "-")
        world.workstreams[work] = WorkstreamStatus(work, S.ACCEPTED, accepted_at=at_week_end(week))
    return world


def test_velocity_counts_the_current_week_by_its_working_days() -> None:
    world = accept(started(), WS_01=1.9, WS_02=2.9, WS_03=3.9, WS_04=3.95, WS_05=4.3)
    wednesday_evening = at_week_end(4) + 2.5 * DAY
    found = kpis(world, wednesday_evening)["velocity"]
    assert found.value == pytest.approx(5 / 4.5)
    assert found.second == "last full week 2, mean of 4 full weeks 1.0"
    assert found.ok is False
    assert found.trend == pytest.approx((0.0, 0.5, 2 / 3, 1.0, 5 / 4.5))


def test_within_the_first_day_it_is_too_early_for_a_rate() -> None:
    found = kpis(started(), START + 0.9 * DAY)["velocity"]
    assert (found.value, found.ok) == (None, None)
    assert found.reason.startswith("too early")
    first_day = kpis(started(), START + DAY)["velocity"]
    assert (first_day.value, first_day.ok, first_day.second) == (
        0.0,
        None,
        "too early to judge: no full week has ended",
    )
    assert kpis(started(), START + 7 * DAY)["velocity"].ok is False


def test_the_clock_of_a_rate_stops_with_the_plan() -> None:
    plan = replace(seed_plan(), gates={}, milestones=())
    world = accept(started(), **{w.replace("-", "_"): 10.0 for w in plan.workstreams})
    for now in (at_week_end(10), at_week_end(30)):
        assert kpis(world, now, plan)["velocity"].value == pytest.approx(1.5)


def test_first_pass_and_the_ratio_of_reviews_are_different_numbers() -> None:
    world = started()
    world.workstreams["WS-01"] = WorkstreamStatus(
        "WS-01", S.ACCEPTED, reviews=3, reviews_passed=1, first_review_passed=False
    )
    found = kpis(world, at_week_end(1))["quality"]
    assert found.value == 0.0
    assert found.second == "33 % of all reviews passed (1 of 3)"
    world.workstreams["WS-02"] = WorkstreamStatus(
        "WS-02", S.ACCEPTED, reviews=1, reviews_passed=1, first_review_passed=True
    )
    found = kpis(world, at_week_end(1))["quality"]
    assert (found.value, found.ok) == (50.0, False)


def test_rework_is_the_share_of_hours_of_later_attempts() -> None:
    world = started()
    spans = {"WS-01.1": (0, 6), "WS-01.2": (6, 8), "core.2": (0, 2)}
    for name, (begin, end) in spans.items():
        subject, attempt = name.split(".")
        world.runs[name] = RunStatus(
            name,
            subject,
            int(attempt),
            "coder",
            RunState.EXITED,
            started=START + begin * 3600,
            ended=START + end * 3600,
        )
    found = kpis(world, at_week_end(1))["efficiency"]
    assert found.value == pytest.approx(20.0)
    assert found.ok is False  # below 20 excludes 20
    world.runs["WS-02.1"] = RunStatus(
        "WS-02.1", "WS-02", 1, "coder", RunState.RUNNING, started=at_week_end(1) - 3600
    )
    assert kpis(world, at_week_end(1))["efficiency"].value == pytest.approx(200 / 11)


def test_predictability_counts_what_is_due_and_at_the_end_all() -> None:
    world = accept(started(), WS_01=2.0)
    world.gates = {
        "g1": GateStatus("g1", GateState.GO, since=at_week_end(3.5)),
        "g2": GateStatus("g2", GateState.PENDING, since=at_week_end(5.9)),
    }
    found = kpis(world, at_week_end(6) - 60)["predictability"]
    assert found.value == 100.0
    found = kpis(world, at_week_end(6) + 60)["predictability"]  # g2 and the milestone that needs it
    assert (found.value, found.ok) == (50.0, False)
    plan = replace(seed_plan(), milestones=(), gates={"g1": seed_plan().gates["g1"]})
    complete = accept(started(), **{w.replace("-", "_"): 2.0 for w in plan.workstreams})
    complete.gates = {"g1": GateStatus("g1", GateState.GO, since=at_week_end(2))}
    assert kpis(complete, at_week_end(2), plan)["predictability"].value == 100.0


@pytest.mark.parametrize(
    ("kpi", "reason"),
    [
        ("quality", "nothing has been reviewed yet"),
        ("efficiency", "no agent has run yet"),
        ("predictability", "no milestone or gate is due yet"),
    ],
)
def test_nothing_to_count_is_not_available_with_the_reason(kpi: str, reason: str) -> None:
    found = kpis(started(), at_week_end(1))[kpi]
    assert (found.value, found.ok, found.reason) == (None, None, reason)
    assert kpis(World(), START)[kpi].reason == "the plan has not been started"


def test_the_past_of_what_has_no_stamps_stays_unknown() -> None:
    world = started()
    world.workstreams["WS-01"] = WorkstreamStatus("WS-01", S.REVIEW, reviews=1, first_review_passed=True)
    assert kpis(world, at_week_end(3) + 60)["quality"].trend == (None, None, None, 100.0)


def test_the_trend_keeps_half_a_year() -> None:
    assert len(kpis(started(), at_week_end(500))["velocity"].trend) == 27


@pytest.mark.parametrize(
    ("limits", "value", "met"),
    [
        ({"low": 2, "high": 3}, 2.0, True),
        ({"low": 2, "high": 3}, 3.0, True),
        ({"low": 2, "high": 3}, 3.01, False),
        ({"above": 80}, 80.0, False),
        ({"below": 20}, 20.0, False),
        ({"minimum": 90}, 90.0, True),
        ({"maximum": 5}, 5.1, False),
        ({}, 1.0, None),
    ],
)
def test_targets(limits: dict[str, float], value: float, met: bool | None) -> None:
    assert meets_target(Kpi("k", "k", "week", **limits), value) is met


def own(measure: str, unit: str | None = None) -> Plan:
    return replace(seed_plan(), kpis={"own": Kpi("own", "Own", measure, unit=unit)})


def test_own_measures_over_quantities_and_facts() -> None:
    world = started()
    key = "gate:g2/overlay-render"
    world.criteria[key] = CriterionResult(key, CriterionState.PASS, 9_000_000.0, "ns")
    now = at_week_end(1)
    assert kpis(world, now, own("overlay_render_ms"))["own"].value == 9.0  # in the unit of its limit
    assert kpis(world, now, own("progress / expected_progress", "%"))["own"].value == 0.0
    assert kpis(world, now, own("expected_progress", "%"))["own"].value == pytest.approx(4.0)
    assert kpis(world, now, own("100 * week / 4", "%"))["own"].value == pytest.approx(25.0)
    failing = kpis(world, now, own("published"))["own"]
    assert (failing.value, failing.reason) == (None, "not known yet: published")


def test_a_measure_that_is_no_expression_says_so_and_breaks_nothing() -> None:
    found = kpis(started(), at_week_end(1), own("workstream_completed / week"))["own"]
    assert (found.value, found.reason) == (None, 'unknown name "workstream_completed"')
    assert kpis(started(), at_week_end(1), own("((("))["own"].value is None


def test_every_known_quantity_is_computed_and_described() -> None:
    plan, world = seed_plan(), accept(started(), WS_01=1.5)
    quantities = Quantities(plan, world, at_week_end(2))
    for name, description in KNOWN_QUANTITIES.items():
        assert description
        assert quantities[name] is None or isinstance(quantities[name], (int, float)), name
    assert quantities["workstreams_completed"] == 1
    assert quantities["phase_progress"] == pytest.approx(100 * 8 / 29)
    assert set(known_names(plan)) - set(KNOWN_QUANTITIES) == {"overlay_render_ms", "published"}


def test_in_an_alert_the_quantities_are_those_of_the_phase() -> None:
    plan, world = seed_plan(), started()
    world.workstreams["WS-01"] = WorkstreamStatus("WS-01", S.RUNNING, first_started=START)
    late = compile_expression("phase_progress < expected_progress - 10", known_names(plan))
    assert late.holds(Quantities(plan, world, at_week_end(2), phase="1")) is True
    assert late.holds(Quantities(plan, world, at_week_end(2), phase="4")) is False
    assert Quantities(plan, world, at_week_end(2), phase="1")["expected_progress"] == pytest.approx(
        50.6, abs=0.05
    )


def test_facts_are_yes_or_no_where_they_have_no_number_and_unknown_when_stale() -> None:
    plan, world = seed_plan(), started()
    key = "gate:g4/published"
    for state, value in (
        (CriterionState.PASS, True),
        (CriterionState.FAIL, False),
        (CriterionState.STALE, None),
    ):
        world.criteria[key] = CriterionResult(key, state)
        assert Quantities(plan, world, START)["published"] is value
    status = replace(run("web"), limit=Limit(expect="200"), fact="reachable")
    plan = replace(plan, facts=(status,))
    world.criteria["fact/web"] = CriterionResult("fact/web", CriterionState.FAIL, 404.0)
    assert Quantities(plan, world, START)["reachable"] is False


@given(
    st.lists(st.tuples(st.floats(0, 1e5), st.floats(0, 1e5), st.integers(1, 3)), max_size=12),
    st.floats(0, 3e5),
)
def test_hours_up_to_any_moment_are_the_sum_of_the_overlaps(
    spans: list[tuple[float, float, int]], at: float
) -> None:
    plan, world = seed_plan(), World()
    for i, (begin, length, attempt) in enumerate(spans):
        ended = None if i % 4 == 3 else begin + length
        state = RunState.RUNNING if ended is None else RunState.EXITED
        world.runs[str(i)] = RunStatus(str(i), "WS-01", attempt, "coder", state, started=begin, ended=ended)
    now = 3e5
    for rework in (False, True):
        overlaps = [
            max(0.0, min(at, r.ended if r.ended is not None else now) - (r.started or 0.0))
            for r in world.runs.values()
            if not rework or r.attempt > 1
        ]
        hours = History(plan, world, now).run_hours(at, rework=rework)
        assert hours == pytest.approx(sum(overlaps) / 3600, abs=1e-6)
