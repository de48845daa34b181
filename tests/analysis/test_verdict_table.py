"""Every rule of the verdict, at its limit and past it, in the order in which they are asked; and limits of a plan's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_plans import change, random_dags
from seed_plan import START, WEEK, at_week_end, seed_plan

from locust_tui.analysis.forecast import forecast_in_passing
from locust_tui.analysis.overview import build_snapshot
from locust_tui.analysis.phases import phase_state
from locust_tui.analysis.progress import Progress
from locust_tui.analysis.risks import risk_views
from locust_tui.analysis.verdict import gate_lateness, part_verdict, verdicts
from locust_tui.analysis.verdict_rules import Judged
from locust_tui.analysis.verdict_study import part_rules, plan_rules
from locust_tui.domain.criterion import CriterionResult
from locust_tui.domain.people import Condition, Decision, Person
from locust_tui.domain.plan import Orchestrator, Plan, VerdictLimits
from locust_tui.domain.snapshot import ForecastView
from locust_tui.domain.states import (
    CriterionState,
    DecisionKind,
    GateState,
    PhaseState,
    RunState,
    Verdict,
    WorkstreamState,
)
from locust_tui.domain.studies.verdict import Verdicts
from locust_tui.domain.world import GateStatus, ProjectStatus, RunStatus, WorkstreamStatus, World
from locust_tui.plans.reading import read_data

S, V = WorkstreamState, Verdict
PLAN = seed_plan()
BO = Person("bo")
GOOD = ForecastView(11.0, 12.0, 12.5, 90.0)
ON_PLAN = Progress(37.0, 37.0, 1.0, 100.0, 0)


def begun(plan: Plan = PLAN) -> World:
    """Under way, every workstream running, gates not due."""
    world = World(project=ProjectStatus(started=START, worker_pid=7))
    for w in plan.workstreams:
        world.workstreams[w] = WorkstreamStatus(w, S.RUNNING, since=START, first_started=START)
    return world


def judge(
    world: World,
    *,
    plan: Plan = PLAN,
    week: float = 4.0,
    progress: Progress = ON_PLAN,
    forecast: ForecastView | None = GOOD,
    worker: int | None = 7,
    live: tuple[RunStatus, ...] = (),
    critical: frozenset[str] = frozenset(),
) -> Verdicts:
    judged = Judged(progress, forecast, critical, risk_views(plan, world), worker, live)
    return verdicts(plan, world, at_week_end(week), judged)


def behind(points: float, expected: float = 100.0) -> Progress:
    return Progress(expected - points, expected, (expected - points) / expected, 100.0, 0)


def gate(world: World, id: str, state: GateState, due: str | None = None) -> None:
    conditions = (Condition("write it down", "ana", due),)
    decision = Decision(DecisionKind.CONDITIONAL, BO, START, conditions=conditions)
    world.gates[id] = GateStatus(id, state, since=START, decisions=(decision,) if due else ())


def with_gate(id: str, state: GateState, due: str | None = None) -> Callable[[World], None]:
    return lambda world: gate(world, id, state, due)


def stuck(state: WorkstreamState, days: float) -> Callable[[World], None]:
    def do(world: World) -> None:
        since = (
            at_week_end(4) - 2 * 86_400 - days * 86_400
        )  # week 4 ends two days behind its last working day
        world.workstreams["WS-05"] = WorkstreamStatus("WS-05", state, since=since, first_started=START)

    return do


def risk(state: CriterionState) -> Callable[[World], None]:
    return lambda world: world.criteria.update({"risk/R1": CriterionResult("risk/R1", state)})


def nothing(world: World) -> None:
    """Leave it as it is."""


SHUT = with_gate("g1", GateState.PENDING)
ROWS: list[tuple[str, Verdict, Callable[[World], None], dict[str, object], str]] = [
    # what, verdict, what happened, what is judged, a reason
    ("on plan", V.YES, with_gate("g1", GateState.GO), {}, "progress 37 %, plan 37 %"),
    ("P50 at the window's end", V.YES, nothing, {"forecast": ForecastView(12.0, 12.0, 12.0, 90.0)}, "finish P85 wk 12.0, window ends wk 12"),
    ("P50 behind it", V.NO, nothing, {"forecast": ForecastView(12.1, 13.0, 14.0, 40.0)}, "finish P50 wk 12.1, window ends wk 12"),
    ("P50 behind it with its gates alone", V.AT_RISK, nothing, {"forecast": ForecastView(12.7, 13.5, 14.0, 20.0, work_p50_week=11.8)}, "finish P50 wk 12.7, window ends wk 12: by its gates, for the work alone P50 is wk 11.8"),
    ("P50 behind it with gates and without", V.NO, nothing, {"forecast": ForecastView(14.0, 14.5, 15.0, 0.0, work_p50_week=12.1)}, "finish P50 wk 14.0, window ends wk 12"),
    ("P85 behind it", V.AT_RISK, nothing, {"forecast": ForecastView(11.0, 12.1, 14.0, 60.0)}, "finish P85 wk 12.1, window ends wk 12"),
    ("4 points behind", V.YES, nothing, {"progress": behind(4.0)}, "progress 96 %, plan 100 %"),
    ("10 points behind", V.AT_RISK, nothing, {"progress": behind(10.0)}, "progress 90 %, plan 100 %: 10 points behind"),
    ("20 points behind", V.NO, nothing, {"progress": behind(20.0)}, "progress 80 %, plan 100 %: 20 points behind"),
    ("20 points behind in the first week", V.AT_RISK, nothing, {"progress": behind(20.0), "week": 0.9}, "progress 80 %, plan 100 %: 20 points behind"),
    ("an index of 0.94", V.AT_RISK, nothing, {"progress": behind(3.0, 50.0)}, "schedule performance index 0.94, below 0.95"),
    ("an index of 0.84", V.NO, nothing, {"progress": behind(8.0, 50.0)}, "schedule performance index 0.84, below 0.85"),
    ("a low index before 10 points are expected", V.AT_RISK, nothing, {"progress": behind(4.0, 9.9)}, "schedule performance index 0.60, below 0.95"),
    ("no index where nothing was planned", V.YES, nothing, {"progress": Progress(0.0, 0.0, None, 100.0, 0)}, "progress 0 %, plan 0 %"),
    ("a gate at its date", V.YES, SHUT, {"week": 4.0}, "waits for a decision on gate g1"),
    ("a gate overdue by 5 working days", V.AT_RISK, SHUT, {"week": 5.0}, "gate g1 is 5 working days overdue"),
    ("a gate overdue by 6", V.NO, SHUT, {"week": 5.15}, "gate g1 is 6 working days overdue"),
    ("a gate on hold", V.NO, with_gate("g2", GateState.HOLD), {}, "gate g2 is on hold"),
    ("a killed gate", V.NO, with_gate("g2", GateState.KILLED), {}, "gate g2 is killed"),
    ("critical work stuck for a day", V.YES, stuck(S.FAILED, 1.0), {"critical": frozenset({"WS-05"})}, "progress 37 %, plan 37 %"),
    ("critical work failed for 2 days", V.AT_RISK, stuck(S.FAILED, 2.0), {"critical": frozenset({"WS-05"})}, "critical workstream WS-05 failed for 2 working days"),
    ("critical work blocked", V.AT_RISK, stuck(S.BLOCKED, 2.0), {"critical": frozenset({"WS-05"})}, "critical workstream WS-05 blocked for 2 working days"),
    ("critical work without an answer", V.AT_RISK, stuck(S.NEEDS_INPUT, 2.0), {"critical": frozenset({"WS-05"})}, "critical workstream WS-05 needs input for 2 working days"),
    ("the same with float", V.YES, stuck(S.FAILED, 2.0), {}, "progress 37 %, plan 37 %"),
    ("a triggered risk", V.AT_RISK, risk(CriterionState.FAIL), {}, "risk R1 has triggered: Ratatui API changes"),
    ("a condition past due", V.AT_RISK, with_gate("g1", GateState.CONDITIONAL, "2025-12-01"), {}, "condition of gate g1 is past due: write it down"),
    ("a condition ahead", V.YES, with_gate("g1", GateState.CONDITIONAL, "week 9"), {}, "progress 37 %, plan 37 %"),
    ("agents that nobody watches", V.UNKNOWN, nothing, {"worker": None, "live": (RunStatus("a.1", "a", 1, "dev", state=RunState.RUNNING),)}, "no worker is running: 1 agent is on the record but unwatched"),
    ("a stalled agent", V.AT_RISK, nothing, {"live": (RunStatus("WS-05.1", "WS-05", 1, "dev", state=RunState.STALLED),)}, ""),
    ("no dates", V.UNKNOWN, nothing, {"progress": Progress(0.0, None, None, 1.0, 0, "", "no dates in the plan")}, "no dates in the plan: nothing to compare with"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "answer", "do", "given", "reason"), ROWS, ids=[row[0] for row in ROWS])
def test_each_rule_at_its_limit_and_past_it(
    what: str, answer: Verdict, do: Callable[[World], None], given: dict[str, object], reason: str
) -> None:
    world = begun()
    gate(world, "g1", GateState.GO)
    do(world)
    found = judge(world, **given)  # type: ignore[arg-type]
    assert found.answer is answer, found.reasons
    assert reason == "" or reason in found.reasons
    deciding = {rule.answer for rule in found.rules if rule.holds}
    assert answer in deciding or (answer is V.YES and not deciding)


def test_the_ends_come_before_everything_else() -> None:
    world = begun()
    gate(world, "g2", GateState.KILLED)
    world.project = replace(world.project, started=None)
    assert judge(world).answer is V.NOT_STARTED
    for w in PLAN.workstreams:
        world.workstreams[w] = WorkstreamStatus(w, S.ACCEPTED)
    for g in PLAN.gates:
        gate(world, g, GateState.GO)
    assert judge(world).answer is V.COMPLETE
    assert judge(world).reasons == ("every workstream is accepted and every gate is open",)


def test_what_is_complete_without_some_of_its_work_says_without_which() -> None:
    world = begun()
    for w in PLAN.workstreams:
        world.workstreams[w] = WorkstreamStatus(w, S.ACCEPTED)
    for w, state in (("WS-07", S.CANCELLED), ("WS-08", S.CANCELLED), ("WS-10", S.DEFERRED)):
        world.workstreams[w] = WorkstreamStatus(w, state)
    for g in PLAN.gates:
        gate(world, g, GateState.GO)
    said = "12 of 15 workstreams accepted (cancelled: WS-07, WS-08; deferred: WS-10) and every gate is open"
    assert (judge(world).answer, judge(world).reasons) == (V.COMPLETE, (said,))


def test_a_no_lists_the_reasons_for_a_risk_too_and_each_once() -> None:
    world = begun()
    gate(world, "g1", GateState.GO)
    risk(CriterionState.FAIL)(world)
    found = judge(world, progress=behind(30.0), forecast=ForecastView(13.0, 14.0, 15.0, 1.0))
    assert found.answer is V.NO
    assert [r.split()[0] for r in found.reasons] == ["finish", "progress", "schedule", "risk"]
    assert len(set(found.reasons)) == len(found.reasons)


LIMITS = [
    ("gap_at_risk", 3.0, {"progress": behind(4.0)}, V.AT_RISK, "gap"),
    ("gap_off_track", 12.0, {"progress": behind(13.0)}, V.NO, "gap"),
    ("spi_at_risk", 0.99, {"progress": behind(4.0)}, V.AT_RISK, "spi"),
    ("spi_off_track", 0.95, {"progress": behind(8.0)}, V.NO, "spi"),
    ("spi_from", 5.0, {"progress": behind(4.0, 9.9)}, V.NO, "spi"),
    ("gate_days", 2.0, {"week": 5.0}, V.NO, "gates-overdue"),
    ("stuck_days", 0.5, {"critical": frozenset({"WS-05"})}, V.AT_RISK, "stuck"),
    ("risk_score", 3.0, {}, V.AT_RISK, "risks"),
]


@pytest.mark.parametrize(
    ("limit", "value", "given", "answer", "rule"), LIMITS, ids=[row[0] for row in LIMITS]
)
def test_a_plan_sets_its_own_limits(
    limit: str, value: float, given: dict[str, object], answer: Verdict, rule: str
) -> None:
    risks = tuple(replace(r, owner=None) if r.id == "R1" else r for r in PLAN.risks)
    world = begun()
    gate(world, "g1", GateState.PENDING if limit == "gate_days" else GateState.GO)
    stuck(S.FAILED, 1.0)(world)
    plain = replace(PLAN, risks=risks)
    own = replace(plain, verdict=replace(VerdictLimits(), **{limit: value}))  # type: ignore[arg-type]
    before = judge(world, plan=plain, **given)  # type: ignore[arg-type]
    after = judge(world, plan=own, **given)  # type: ignore[arg-type]
    assert before.answer is not answer
    assert after.answer is answer
    assert [r.id for r in after.rules if r.holds and r.answer is answer][:1] == [rule]


def test_the_file_sets_the_limits_and_refuses_those_that_contradict() -> None:
    text = "workstreams: {a: {run: x}}\nverdict: {%s}\n"
    plan = read_data((text % "gap_at_risk: 5, gate_days: 2").encode(), "p", cached=False).plan
    assert plan is not None
    assert plan.verdict == replace(VerdictLimits(), gap_at_risk=5.0, gate_days=2.0)
    for wrong in ("gap_at_risk: 30", "spi_off_track: 0.99", "gap_at_risk: -1", "gap: 3"):
        reading = read_data((text % wrong).encode(), "p", cached=False)
        assert reading.plan is None
        assert reading.problems[0].line == 2


def test_a_plan_is_judged_by_its_own_rules_and_its_parts_by_theirs() -> None:
    world = begun()
    gate(world, "g1", GateState.GO)
    world.workstreams["WS-07"] = WorkstreamStatus(
        "WS-07", S.FAILED, "exit code 1", since=START, first_started=START
    )
    assert judge(world, critical=frozenset({"WS-01"})).answer is V.YES
    judged = Judged(ON_PLAN, None, frozenset({"WS-01"}), (), 7, ())
    part = part_verdict(
        PLAN, world, at_week_end(4), judged, PLAN.orchestrators["plugins"].workstreams, ("2", "3")
    )
    assert part.answer is V.AT_RISK
    assert part.reasons == ("WS-07 failed: exit code 1",)
    core = part_verdict(PLAN, world, at_week_end(4), judged, PLAN.orchestrators["core"].workstreams, ("1",))
    assert core.answer is V.YES


def test_a_part_is_not_begun_until_it_is_due_and_complete_with_its_work() -> None:
    world = World(project=ProjectStatus(started=START, worker_pid=7))
    works = PLAN.orchestrators["integration"].workstreams

    def part(expected: float) -> Verdict:
        judged = Judged(
            Progress(0.0, expected, 0.0 if expected else None, 1.0, 0), None, frozenset(), (), 7, ()
        )
        return part_verdict(PLAN, world, at_week_end(8), judged, works, ("4",)).answer

    assert part(0.0) is V.NOT_STARTED
    assert part(20.7) is V.NO
    for w in works:
        world.workstreams[w] = WorkstreamStatus(w, S.ACCEPTED)
    assert part(20.7) is not V.COMPLETE
    gate(world, "g4", GateState.GO)
    assert part(20.7) is V.COMPLETE


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_the_rules_of_a_snapshot_give_its_verdict(data: st.DataObject) -> None:
    plan = data.draw(random_dags())
    works = tuple(plan.workstreams)
    plan = replace(plan, orchestrators={"o": Orchestrator("o", "o", workstreams=works[::2])})
    world = World(project=ProjectStatus(started=START, worker_pid=7))
    for _ in range(data.draw(st.integers(0, 5))):
        data.draw(change(plan, world))
    now = START + data.draw(st.floats(0, 12)) * WEEK
    forecast = ForecastView(data.draw(st.floats(1, 14)), data.draw(st.floats(1, 14)), None, None)
    snapshot = build_snapshot(plan, "d", "p", world, now, worker_pid=7, forecast=forecast)
    found = plan_rules(plan, world, snapshot)
    assert (found.answer, found.reasons) == (snapshot.verdict, snapshot.reasons)
    for o in snapshot.orchestrators:
        part = part_rules(
            plan,
            world,
            snapshot,
            o.workstreams,
            plan.orchestrators[o.id].phases,
        )
        assert (part.answer, part.reasons) == (o.verdict, o.reasons)
    for rule in found.rules:
        assert rule.holds is not None or rule.why
        assert (
            rule.holds or not rule.reasons or rule.id in ("complete", "not-started", "unwatched", "baseline")
        )


@pytest.mark.parametrize(
    ("decided", "now", "days"),
    [
        (None, 3.0, None),  # shut, not due
        (None, 4.0, None),  # at its date
        (None, 4.15, 1.0),  # a working day and some of the next behind it
        (None, 5.0, 5.0),
        (None, 6.0, 10.0),
        (4.0, 9.0, 0.0),
        (5.0, 9.0, 5.0),
        (3.0, 9.0, -5.0),
    ],
)
def test_how_late_a_gate_is_in_working_days(decided: float | None, now: float, days: float | None) -> None:
    world = begun()
    if decided is not None:
        go = Decision(DecisionKind.GO, BO, at_week_end(decided))
        world.gates["g1"] = GateStatus("g1", GateState.GO, since=at_week_end(decided), decisions=(go,))
    late = gate_lateness(PLAN.gates["g1"], PLAN, world, at_week_end(now))
    assert late == (None if days is None else pytest.approx(days, abs=0.06))


def test_a_holiday_is_no_working_day_late() -> None:
    closed = replace(PLAN, calendar=replace(PLAN.calendar, holidays=tuple(f"2025-12-{d}" for d in (15, 16))))
    world = begun()
    assert gate_lateness(PLAN.gates["g1"], PLAN, world, at_week_end(5)) == pytest.approx(5.0)
    assert gate_lateness(replace(PLAN.gates["g1"], week=None), PLAN, world, at_week_end(5)) is None
    late = gate_lateness(closed.gates["g1"], closed, world, START + 4.5 * WEEK)
    assert late is not None
    assert late < 5.0


PHASES: list[tuple[str, dict[str, WorkstreamState], GateState, PhaseState]] = [
    ("nothing begun", {}, GateState.NOT_DUE, PhaseState.NOT_STARTED),
    ("one runs", {"WS-01": S.RUNNING}, GateState.NOT_DUE, PhaseState.ACTIVE),
    ("all accepted, not measured", dict.fromkeys(("WS-01", "WS-02", "WS-03", "WS-04"), S.ACCEPTED), GateState.READY, PhaseState.READY_FOR_GATE),
    ("only people missing", dict.fromkeys(("WS-01", "WS-02", "WS-03", "WS-04"), S.ACCEPTED), GateState.PENDING, PhaseState.GATE_PENDING),
    ("deferred work does not count", {"WS-01": S.ACCEPTED, "WS-02": S.ACCEPTED, "WS-03": S.ACCEPTED, "WS-04": S.DEFERRED}, GateState.PENDING, PhaseState.GATE_PENDING),
    ("go", {"WS-01": S.ACCEPTED}, GateState.GO, PhaseState.PASSED),
    ("conditional go", {"WS-01": S.ACCEPTED}, GateState.CONDITIONAL, PhaseState.CONDITIONAL),
    ("recycled", {"WS-01": S.REWORK}, GateState.RECYCLED, PhaseState.RECYCLED),
    ("held", {"WS-01": S.ACCEPTED}, GateState.HOLD, PhaseState.HELD),
    ("killed", {"WS-01": S.ACCEPTED}, GateState.KILLED, PhaseState.KILLED),
]  # fmt: skip


@pytest.mark.parametrize(("what", "works", "gate_state", "state"), PHASES, ids=[row[0] for row in PHASES])
def test_every_state_of_a_phase(
    what: str, works: dict[str, WorkstreamState], gate_state: GateState, state: PhaseState
) -> None:
    world = World(project=ProjectStatus(started=START))
    for id, at in works.items():
        world.workstreams[id] = WorkstreamStatus(id, at)
    world.gates["g1"] = GateStatus("g1", gate_state)
    assert phase_state(PLAN, world, PLAN.phases["1"]) is state


def test_the_example_starts_at_risk_for_its_gates_alone_move_it_out_of_its_window() -> None:
    plan = seed_plan()
    world = World(project=ProjectStatus(started=START))
    forecast = forecast_in_passing(plan, world, START)
    snapshot = build_snapshot(plan, "", "", world, START, worker_pid=1, forecast=forecast)
    assert (snapshot.verdict, len(snapshot.reasons)) == (V.AT_RISK, 1)
    assert snapshot.reasons[0].startswith(
        "finish P50 wk 12.8, window ends wk 12: by its gates, for the work alone"
    )
