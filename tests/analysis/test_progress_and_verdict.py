"""Progress by verified weight, planned value by working days, and the verdict with its reasons."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seed_plan import START, WEEK, at_week_end, seed_plan

from locust_tui.analysis.due import due_moment
from locust_tui.analysis.progress import expected_progress, progress
from locust_tui.analysis.risks import risk_views
from locust_tui.analysis.verdict import Judged, is_complete, verdict
from locust_tui.analysis.worktime import days_between, working_time
from locust_tui.domain.criterion import Command, CriterionResult
from locust_tui.domain.people import Condition, Decision, Person
from locust_tui.domain.plan import Calendar, Gate, Need, Plan, Project, Weeks, Workstream
from locust_tui.domain.snapshot import ForecastView
from locust_tui.domain.states import (
    CriterionState,
    DecisionKind,
    GateState,
    RunState,
    Verdict,
    WorkstreamState,
)
from locust_tui.domain.world import GateStatus, ProjectStatus, RunStatus, WorkstreamStatus, World

S = WorkstreamState
ON_PLAN = [4.0, 14.7, 26.5, 37.0, 46.5, 56.0, 66.0, 77.0, 84.0, 92.0, 97.3, 100.0]
PHASE_1 = [13.8, 50.6, 82.2, 100.0]
PHASE_4 = [5.7, 20.7, 44.8, 72.4, 90.8, 100.0]


def works_of(plan: Plan, phase: str) -> list[str]:
    return [w.id for w in plan.workstreams.values() if w.phase == phase]


def test_expected_progress_of_the_seed_at_the_end_of_each_week() -> None:
    plan = seed_plan()
    works = plan.workstreams
    whole = [expected_progress(plan, works.values(), week) for week in range(1, 13)]
    first = [expected_progress(plan, [works[w] for w in works_of(plan, "1")], week) for week in range(1, 5)]
    fourth = [expected_progress(plan, [works[w] for w in works_of(plan, "4")], week) for week in range(7, 13)]
    assert whole == pytest.approx(ON_PLAN, abs=0.05)
    assert first == pytest.approx(PHASE_1, abs=0.05)
    assert fourth == pytest.approx(PHASE_4, abs=0.051)


def on_plan(week: int) -> World:
    """At the end of `week`, as planned: what has ended is accepted, of the rest the planned share is verified."""
    world = World(project=ProjectStatus(started=START, worker_pid=7))
    for w in seed_plan().workstreams.values():
        assert w.weeks is not None
        begun = at_week_end(w.weeks.first - 1.0)
        if w.weeks.last <= week:
            world.workstreams[w.id] = WorkstreamStatus(
                w.id, S.ACCEPTED, first_started=begun, accepted_at=at_week_end(w.weeks.last)
            )
        elif w.weeks.first <= week:
            share = (week - w.weeks.first + 1) / w.weeks.duration
            parts = tuple(f"d{i}" for i in range(1, round(5 * share) + 1))
            world.workstreams[w.id] = WorkstreamStatus(w.id, S.RUNNING, first_started=begun, verified=parts)
    for gate in seed_plan().gates.values():
        if gate.week is not None and gate.week <= week:
            world.gates[gate.id] = GateStatus(gate.id, GateState.GO, since=at_week_end(gate.week))
    return world


def test_progress_counts_weight_and_only_what_is_verified() -> None:
    world = on_plan(4)
    found = progress(seed_plan(), world, 4.0)
    assert found.value == pytest.approx((8 * 100 + 8 * 100 + 8 * 100 + 5 * 100 + 8 * 60 + 8 * 40) / 100)
    assert found.expected == pytest.approx(37.0, abs=0.05)
    world.workstreams["WS-05"] = replace(world.workstreams["WS-05"], reported=100.0)
    assert progress(seed_plan(), world, 4.0) == found


def test_deferred_and_cancelled_work_leaves_both_sums() -> None:
    plan, world = seed_plan(), on_plan(4)
    world.workstreams["WS-14"] = WorkstreamStatus("WS-14", S.DEFERRED)
    world.workstreams["WS-15"] = WorkstreamStatus("WS-15", S.CANCELLED)
    found = progress(plan, world, 4.0)
    assert (found.weight, found.removed, found.reason) == (84.0, 2, "scope −2")
    assert found.value == pytest.approx((29 * 100 + 8 * 60 + 8 * 40) / 84)


def test_no_weight_is_not_available_never_0_or_100() -> None:
    plan, world = seed_plan(), World()
    for w in plan.workstreams:
        world.workstreams[w] = WorkstreamStatus(w, S.DEFERRED)
    found = progress(plan, world, 4.0)
    assert (found.value, found.expected, found.spi) == (None, None, None)
    assert found.reason == "no workstream is left in scope"
    assert progress(plan, World(), 4.0, []).reason == "no workstream has a weight"


def test_without_weeks_the_phases_give_a_straight_line_and_without_phases_nothing() -> None:
    plan = seed_plan()
    bare = [replace(w, weeks=None) for w in plan.workstreams.values()]
    assert expected_progress(plan, bare, 6.0) == pytest.approx(50.0)
    assert expected_progress(replace(plan, phases={}), bare, 6.0) is None


def test_only_working_days_pass() -> None:
    calendar = seed_plan().calendar
    wednesday_noon = START + 2.5 * 86_400
    saturday = START + 5.2 * 86_400
    assert working_time(calendar, START, wednesday_noon) == pytest.approx(0.5)
    assert working_time(calendar, START, saturday) == pytest.approx(1.0)
    assert days_between(calendar, START, wednesday_noon, saturday) == pytest.approx(2.5)
    holidays = replace(calendar, holidays=("2025-11-17", "2025-11-18"))
    assert working_time(holidays, START, wednesday_noon) == pytest.approx(0.5 / 3)
    closed = replace(calendar, holidays=tuple(f"2025-11-{17 + i}" for i in range(5)))
    assert working_time(closed, START, START + 1) == 1.0
    scaled = Calendar(week_s=2.0)
    assert working_time(scaled, 100.0, 103.0) == 1.5


@given(st.floats(0, 20), st.floats(0, 20))
def test_working_time_never_runs_backwards(a: float, b: float) -> None:
    calendar = replace(seed_plan().calendar, holidays=("2025-11-26", "2025-12-25"))
    early, late = sorted((START + a * WEEK, START + b * WEEK))
    assert working_time(calendar, START, early) <= working_time(calendar, START, late) + 1e-9


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("week 2", at_week_end(2)),
        ("2", at_week_end(2)),
        ("w2", at_week_end(2)),
        ("2025-11-17", START + 86_400),
        ("2025-11-17T12:00", START + 43_200),
        ("2025-11-17T12:00:00+01:00", START + 39_600),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_due_dates_as_people_write_them(text: str | None, moment: float | None) -> None:
    assert due_moment(text, seed_plan(), World(project=ProjectStatus(started=START))) == moment


GOOD = ForecastView(11.0, 11.9, 12.0, 90.0)


def judge(
    world: World,
    week: float,
    plan: Plan | None = None,
    forecast: ForecastView | None = GOOD,
    worker: int | None = 7,
    live: int = 0,
    critical: frozenset[str] = frozenset(),
) -> tuple[Verdict, tuple[str, ...]]:
    plan = plan or seed_plan()
    runs = tuple(RunStatus(f"x.{n}", "x", n, "dev", state=RunState.RUNNING) for n in range(live))
    judged = Judged(progress(plan, world, week), forecast, critical, risk_views(plan, world), worker, runs)
    return verdict(plan, world, at_week_end(week), judged)


def behind(points: float) -> World:
    """The seed at the end of week 4, short of so many points of verified weight."""
    world = on_plan(4)
    for w in ("WS-06", "WS-05", "WS-04", "WS-03", "WS-02"):
        if points <= 0:
            break
        weight = seed_plan().workstreams[w].weight
        done = {"WS-06": 0.4, "WS-05": 0.6}.get(w, 1.0)
        share = max(0.0, done - points / weight)
        points -= (done - share) * weight
        parts = tuple(f"d{i}" for i in range(1, int(5 * share + 1e-6) + 1))
        world.workstreams[w] = WorkstreamStatus(w, S.RUNNING, first_started=START, verified=parts)
    return world


def test_on_plan_is_yes_with_its_reasons() -> None:
    answer, reasons = judge(on_plan(4), 4)
    assert answer is Verdict.YES
    assert reasons == ("progress 37 %, plan 37 %", "finish P85 wk 11.9, window ends wk 12")


def test_the_two_ends() -> None:
    assert judge(World(), 0)[0] is Verdict.NOT_STARTED
    assert judge(on_plan(12), 13)[0] is Verdict.COMPLETE
    world = on_plan(12)
    world.gates["g4"] = GateStatus("g4", GateState.PENDING)
    assert not is_complete(seed_plan(), world)
    world.workstreams["WS-07"] = WorkstreamStatus("WS-07", S.DEFERRED)
    world.gates["g4"] = GateStatus("g4", GateState.CONDITIONAL)
    assert is_complete(seed_plan(), world)


def test_agents_without_a_worker_are_unknown() -> None:
    answer, reasons = judge(on_plan(4), 4, worker=None, live=2)
    assert answer is Verdict.UNKNOWN
    assert reasons == ("no worker is running: 2 agents are on the record but unwatched",)
    assert judge(on_plan(4), 4, worker=None, live=0)[0] is Verdict.YES


def test_without_dates_there_is_nothing_to_compare_but_a_hold_still_says_no() -> None:
    plan = seed_plan()
    works = {k: replace(w, weeks=None) for k, w in plan.workstreams.items()}
    gates = {k: replace(g, week=None) for k, g in plan.gates.items()}
    bare = replace(plan, workstreams=works, phases={}, gates=gates)
    none = ForecastView(None, None, None, None, reason="no dates in the plan")
    begun = World(project=ProjectStatus(started=START))
    assert judge(begun, 0.5, bare, none) == (
        Verdict.UNKNOWN,
        ("no dates in the plan: nothing to compare with",),
    )
    assert judge(on_plan(4), 4, bare, none) == (Verdict.YES, ("4 of 15 workstreams accepted, none failed",))
    world = on_plan(4)
    world.gates["g2"] = GateStatus("g2", GateState.HOLD)
    assert judge(world, 4, bare, none) == (Verdict.NO, ("gate g2 is on hold",))


@pytest.mark.parametrize(
    ("forecast", "answer"),
    [
        (ForecastView(12.1, 13.0, 14.0, 40.0), Verdict.NO),
        (ForecastView(12.0, 12.1, 14.0, 60.0), Verdict.AT_RISK),
        (ForecastView(11.0, 12.0, 14.0, 90.0), Verdict.YES),
        (None, Verdict.YES),
    ],
)
def test_the_forecast_against_the_window(forecast: ForecastView | None, answer: Verdict) -> None:
    assert judge(on_plan(4), 4, forecast=forecast)[0] is answer


def test_points_behind_plan() -> None:
    # expected is 37.0 at the end of week 4
    assert judge(behind(9.0), 4)[0] is Verdict.NO  # 28 of 37: the index is below 0.85
    answer, reasons = judge(behind(22.0), 4)
    assert answer is Verdict.NO
    assert any("points behind" in r for r in reasons)
    answer, reasons = judge(behind(3.2), 4)
    assert answer is Verdict.AT_RISK
    assert reasons == ("schedule performance index 0.91, below 0.95",)


def test_early_on_a_low_index_is_only_a_risk() -> None:
    world = World(project=ProjectStatus(started=START))
    answer, reasons = judge(world, 1)
    assert answer is Verdict.AT_RISK
    assert reasons == ("schedule performance index 0.00, below 0.95",)


def test_in_the_first_week_no_gap_and_no_index_is_more_than_a_risk() -> None:
    plan = seed_plan()
    works = {w.id: replace(w, weeks=Weeks(1, 1)) for w in plan.workstreams.values()}
    short = replace(plan, workstreams=works)
    world = World(project=ProjectStatus(started=START))
    answer, reasons = judge(world, 0.6, short)
    assert answer is Verdict.AT_RISK
    assert any("points behind" in r for r in reasons)
    assert any("performance index" in r for r in reasons)
    assert judge(world, 1.0, short)[0] is Verdict.NO
    late = judge(world, 0.0, short, ForecastView(12.2, 13.0, 14.0, 40.0))
    assert late[0] is Verdict.NO
    assert late[1][0] == "finish P50 wk 12.2, window ends wk 12"


def test_a_plan_without_dates_names_what_stopped_and_what_waits() -> None:
    a, b = (Workstream(id, id, run=Command(("true",), "true")) for id in "ab")
    plan = Plan(Project("p", "p"), {"a": a, "b": b}, gates={"ship": Gate("ship", "ship", needs=(Need("b"),))})
    world = World(project=ProjectStatus(started=START))
    none = ForecastView(None, None, None, None, reason="no dates in the plan")
    world.workstreams["a"] = WorkstreamStatus("a", S.FAILED, reason="exit code 7")
    assert judge(world, 0.1, plan, none) == (Verdict.AT_RISK, ("a failed: exit code 7",))
    world.workstreams["a"] = WorkstreamStatus("a", S.RUNNING, blocker="no disk")
    assert judge(world, 0.1, plan, none) == (
        Verdict.AT_RISK,
        ("a is blocked, its agent says: no disk",),
    )
    world.workstreams.update(a=WorkstreamStatus("a", S.ACCEPTED), b=WorkstreamStatus("b", S.ACCEPTED))
    world.gates["ship"] = GateStatus("ship", GateState.PENDING)
    answer, reasons = judge(world, 0.1, plan, none)
    assert (answer, reasons[-1]) == (Verdict.YES, "waits for a decision on gate ship")


def test_an_overdue_gate_is_a_risk_and_after_five_days_a_no() -> None:
    world = on_plan(4)
    world.gates["g1"] = GateStatus("g1", GateState.PENDING)
    plan = replace(seed_plan(), workstreams={"WS-01": seed_plan().workstreams["WS-01"]})
    assert judge(world, 4.0, plan)[0] is Verdict.YES
    assert judge(world, 4.9, plan)[1] == ("gate g1 is 5 working days overdue",)
    answer, reasons = judge(world, 6.0, plan)
    assert answer is Verdict.NO
    assert reasons == ("gate g1 is 10 working days overdue",)


@pytest.mark.parametrize(
    ("state", "words"), [(GateState.HOLD, "gate g2 is on hold"), (GateState.KILLED, "gate g2 is killed")]
)
def test_a_hold_or_kill_in_force_is_a_no(state: GateState, words: str) -> None:
    world = on_plan(4)
    world.gates["g2"] = GateStatus("g2", state)
    assert judge(world, 4) == (Verdict.NO, (words,))


def test_critical_work_that_is_stuck_for_more_than_a_day() -> None:
    world = on_plan(4)
    stuck = replace(world.workstreams["WS-05"], state=S.NEEDS_INPUT, since=at_week_end(4) - 3 * 86_400)
    world.workstreams["WS-05"] = stuck
    assert judge(world, 4, critical=frozenset({"WS-05"}))[0] is Verdict.YES  # since Friday, and it is Monday
    world.workstreams["WS-05"] = replace(stuck, since=at_week_end(4) - 5 * 86_400)
    answer, reasons = judge(world, 4, critical=frozenset({"WS-05"}))
    assert (answer, reasons) == (
        Verdict.AT_RISK,
        ("critical workstream WS-05 needs input for 3 working days",),
    )
    assert judge(world, 4)[0] is Verdict.YES  # with float it does not make the project at risk


def test_risks_that_triggered_or_have_no_answer() -> None:
    world = on_plan(4)
    world.criteria["risk/R1"] = CriterionResult("risk/R1", CriterionState.FAIL)
    assert judge(world, 4) == (Verdict.AT_RISK, ("risk R1 has triggered: Ratatui API changes",))
    world.criteria["risk/R1"] = CriterionResult("risk/R1", CriterionState.ERROR)
    assert judge(world, 4)[0] is Verdict.YES
    plan = seed_plan()
    risks = tuple(replace(r, owner=None) if r.id == "R3" else r for r in plan.risks)
    answer, reasons = judge(on_plan(4), 4, replace(plan, risks=risks))
    assert answer is Verdict.AT_RISK
    assert reasons == ("risk R3 scores 6 and has no response: Plugin API instability",)


def test_a_condition_past_its_date_is_a_risk() -> None:
    world = on_plan(4)
    for due, expected in (("week 5", Verdict.YES), ("2025-12-01", Verdict.AT_RISK)):
        conditions = (Condition("write the guide", "ana", due),)
        decision = Decision(DecisionKind.CONDITIONAL, Person("ana"), START, conditions=conditions)
        world.gates["g1"] = GateStatus("g1", GateState.CONDITIONAL, since=START, decisions=(decision,))
        assert judge(world, 4)[0] is expected, due


def test_all_reasons_are_listed_the_worst_first() -> None:
    world = behind(22.0)
    world.gates["g2"] = GateStatus("g2", GateState.HOLD)
    world.criteria["risk/R1"] = CriterionResult("risk/R1", CriterionState.FAIL)
    answer, reasons = judge(world, 4, forecast=ForecastView(13.0, 14.0, 15.0, 1.0))
    assert answer is Verdict.NO
    assert [r.split()[0] for r in reasons] == ["finish", "gate", "progress", "schedule", "risk"]


def test_a_phase_line_is_drawn_over_all_its_phases() -> None:
    plan = seed_plan()
    phases = {"1": replace(plan.phases["1"], weeks=Weeks(3, 4))}
    bare = [replace(w, weeks=None) for w in plan.workstreams.values() if w.phase == "1"]
    assert expected_progress(replace(plan, phases=phases), bare, 3.0) == pytest.approx(50.0)
