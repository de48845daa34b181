"""The scoreboard: met, not met, cannot be told; and what is looked at after the release, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from seed_plan import START, at_week_end, run, seed_plan

from locust_tui.analysis.after_release import due_at, is_due_text, release, to_measure, waits_for_person
from locust_tui.analysis.success import scoreboard
from locust_tui.domain import events as e
from locust_tui.domain.coordination import SuccessStatus
from locust_tui.domain.criterion import Criterion, CriterionResult, Evidence, Limit, Probe, ProbeKind
from locust_tui.domain.people import WORKER, Decision, Person
from locust_tui.domain.plan import Plan, SuccessCheck
from locust_tui.domain.states import CriterionState, DecisionKind, GateState, WorkstreamState
from locust_tui.domain.studies.success import Met, SuccessLine, WatchLine, WatchState
from locust_tui.domain.world import GateStatus, ProjectStatus, WorkstreamStatus, World

C = CriterionState
DAY = 86_400.0
ANA = Person("ana")


def manual(text: str) -> Criterion:
    return Criterion("asked", "asked", (Probe(ProbeKind.MANUAL, text=text),))


def fact(name: str, unit: str | None = None, max_age: float | None = None) -> Criterion:
    limit = Limit(unit=unit) if unit else None
    return replace(run(name), id=name, fact=name, limit=limit, max_age=max_age)


def plan(*checks: SuccessCheck, after: tuple[SuccessCheck, ...] = (), **more: object) -> Plan:
    facts = (fact("coverage", "%"), fact("critical_bugs"), fact("memory_mb", "MB", max_age=DAY))
    return replace(seed_plan(), success=checks, after_release=after, facts=facts, **more)  # type: ignore[arg-type]


def measured(
    world: World, key: str, value: float | None, at: float = START, state: C = C.PASS, unit: str | None = None
) -> None:
    world.criteria[key] = CriterionResult(
        key, state, value, unit, evidence=Evidence(at, detail="cargo: not found")
    )


def line(made: Plan, world: World, now: float = START + 60) -> SuccessLine:
    (found,) = scoreboard(made, world, now).lines
    return found


def started() -> World:
    return World(project=ProjectStatus(started=START))


QUALITY = plan(SuccessCheck("Quality", "coverage > 80 and critical_bugs == 0"))


def test_a_check_is_met_by_values_that_are_measured_and_says_them_with_their_age() -> None:
    world = started()
    measured(world, "fact/coverage", 91.4, unit="%")
    measured(world, "fact/critical_bugs", 0.0)
    found = line(QUALITY, world)
    assert (found.met, found.reason) == (Met.MET, "coverage 91.4 %, critical_bugs 0")
    assert [(f.name, f.value, f.at) for f in found.facts] == [
        ("coverage", 91.4, START), ("critical_bugs", 0.0, START),
    ]  # fmt: skip
    measured(world, "fact/critical_bugs", 2.0)
    assert line(QUALITY, world).met is Met.NOT_MET


def test_99_9_is_not_100() -> None:
    made, world = plan(SuccessCheck("Documented", "coverage == 100")), started()
    measured(world, "fact/coverage", 99.9, unit="%")
    assert line(made, world).met is Met.NOT_MET
    measured(world, "fact/coverage", 100.0, unit="%")
    assert line(made, world).met is Met.MET


def test_what_nobody_measured_leaves_a_check_open_unless_the_rest_decides_it() -> None:
    world = started()
    measured(world, "fact/coverage", 91.4, unit="%")
    found = line(QUALITY, world)
    assert (found.met, found.reason) == (Met.UNKNOWN, "critical_bugs was never measured")
    measured(world, "fact/coverage", 50.0, unit="%")
    assert line(QUALITY, world).met is Met.NOT_MET
    measured(world, "fact/critical_bugs", None, state=C.ERROR)
    measured(world, "fact/coverage", 91.4, unit="%")
    assert line(QUALITY, world).reason == "critical_bugs could not be measured: cargo: not found"


def test_a_stale_value_meets_nothing() -> None:
    made, world = plan(SuccessCheck("Memory", "memory_mb < 10")), started()
    measured(world, "fact/memory_mb", 4.0, unit="MB")
    assert line(made, world, START + DAY - 1).met is Met.MET
    found = line(made, world, START + DAY + 1)
    assert (found.met, found.reason) == (Met.NOT_MET, "memory_mb is stale: it was measured too long ago")
    assert found.facts[0].stale
    measured(world, "fact/memory_mb", 4.0, state=C.STALE, unit="MB")
    assert "has changed since" in line(made, world).reason


def test_quantities_of_the_plan_need_no_measurement() -> None:
    made = plan(SuccessCheck("All phases", "phases_done == 4"))
    found = line(made, started())
    assert (found.met, found.reason, found.facts[0].at) == (Met.NOT_MET, "phases_done 0", None)
    unknown = line(made, World())
    assert unknown.met is Met.NOT_MET


def test_a_criterion_of_its_own_is_measured_and_a_question_waits_for_a_name() -> None:
    own = plan(SuccessCheck("Released", criterion=run("published")))
    assert line(own, started()).reason == "it was never measured"
    for state, met in (
        (C.PASS, Met.MET),
        (C.FAIL, Met.NOT_MET),
        (C.STALE, Met.NOT_MET),
        (C.ERROR, Met.UNKNOWN),
    ):
        world = started()
        measured(world, "success/published", None, state=state)
        assert line(own, world).met is met
    asked = plan(SuccessCheck("Happy", criterion=manual("Are the users happy?")))
    found = line(asked, started())
    assert (found.met, found.check, found.reason) == (
        Met.UNKNOWN,
        "Are the users happy?",
        "nobody has said yet",
    )
    world = started()
    world.successes["Happy"] = SuccessStatus("Happy", True, START, "ana", "9 of 10", "survey")
    found = line(asked, world)
    assert (found.met, found.by, found.reason, found.note) == (
        Met.MET,
        "ana",
        "ana said so: 9 of 10",
        "survey",
    )


def test_a_check_names_the_events_it_rests_on() -> None:
    world = started()
    measured(world, "fact/coverage", 91.4, unit="%")
    measured(world, "fact/critical_bugs", 0.0)
    events = [
        e.Event(n, START, WORKER, e.CriterionMeasured(world.criteria[key]))
        for n, key in ((4, "fact/coverage"), (6, "fact/critical_bugs"))
    ]
    other = e.Event(5, START, WORKER, e.CriterionMeasured(CriterionResult("fact/memory_mb", C.PASS)))
    board = scoreboard(QUALITY, world, START, [events[0], other, events[1]])
    assert board.lines[0].rests.revisions == (4, 6)
    assert board.met == 1


# after the release


def opened(at: float = at_week_end(12), *decisions: DecisionKind) -> World:
    world = started()
    kinds = decisions or (DecisionKind.GO,)
    made = tuple(Decision(kind, ANA, at + n * DAY) for n, kind in enumerate(kinds))
    world.gates["g4"] = GateStatus("g4", GateState.GO, since=made[-1].at, decisions=made)
    return world


def test_the_release_is_the_last_gate_that_opened() -> None:
    made = plan()
    assert release(made, started()) == (None, "not released: gate g4 Phase 4 completion is not open")
    assert release(made, opened()).at == at_week_end(12)
    late = opened(START, DecisionKind.GO, DecisionKind.HOLD, DecisionKind.CONDITIONAL, DecisionKind.GO)
    assert release(made, late).at == START + 2 * DAY  # the conditional Go let it out
    world = opened()
    world.gates["g4"] = replace(world.gates["g4"], state=GateState.HOLD)
    assert release(made, world).at is None


def test_without_gates_the_release_is_the_end_of_the_work() -> None:
    made = plan(gates={})
    assert release(made, started()).at is None
    world = started()
    for number, work in enumerate(made.workstreams):
        world.workstreams[work] = WorkstreamStatus(work, WorkstreamState.ACCEPTED, accepted_at=START + number)
    assert release(made, world) == (START + 14, "the last of the work was accepted")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("1 month", "2026-02-28"),
        ("3 months", "2026-04-30"),
        ("a year", "2027-01-31"),
        ("in 10 days", "2026-02-10"),
        ("2 weeks", "2026-02-14"),
        ("each release", "2026-01-31"),
        (None, "2026-01-31"),
        ("2026-03-01", "2026-03-02"),
    ],
)
def test_due_dates_count_from_the_release(text: str | None, moment: str) -> None:
    released = datetime(2026, 1, 31, tzinfo=UTC).timestamp()
    found = due_at(text, released, plan(), started())
    assert found is not None
    assert datetime.fromtimestamp(found, UTC).strftime("%Y-%m-%d") == moment


def test_a_look_that_is_due_on_a_day_names_that_day_and_not_the_one_that_begins_as_it_ends() -> None:
    made, world = plan(after=(replace(ASKED, due="2030-12-31"),)), opened()
    assert watch(made, world, at_week_end(12) + 1).reason == "due on 2030-12-31"


def test_due_dates_that_nobody_understands() -> None:
    assert not is_due_text("soon")
    assert due_at("soon", START, plan(), started()) is None
    assert all(
        is_due_text(t) for t in ("1 month", "each release", "at release", "2026-03-01", "week 14", "6h")
    )


ASKED = SuccessCheck("Contributions", due="1 month", criterion=manual("List the contributors"))
BENCHED = SuccessCheck("Performance kept", due="each release", criterion=run("bench"))


def watch(made: Plan, world: World, now: float) -> WatchLine:
    return scoreboard(made, world, now).watches[0]


def test_a_look_waits_for_the_release_its_date_and_a_persons_word() -> None:
    made, world = plan(after=(ASKED,)), opened()
    due = due_at("1 month", at_week_end(12), made, world)
    assert due is not None
    assert watch(made, started(), START).state is WatchState.NOT_RELEASED
    assert watch(made, world, due - 1).state is WatchState.AHEAD
    assert waits_for_person(made, world, due - 1) == []
    found = watch(made, world, due + 1)
    assert (found.state, found.met) == (WatchState.DUE, Met.UNKNOWN)
    assert [w.check.name for w in waits_for_person(made, world, due + 1)] == ["Contributions"]
    world.successes["Contributions"] = SuccessStatus("Contributions", True, due + 2, "ana", "7 people")
    found = watch(made, world, due + 3)
    assert (found.state, found.met, found.value, found.by) == (
        WatchState.RECORDED,
        Met.MET,
        "7 people",
        "ana",
    )
    assert waits_for_person(made, world, due + 3) == []


def test_what_was_said_of_an_earlier_release_does_not_count_for_the_next() -> None:
    made, world = plan(after=(replace(ASKED, due="each release"),)), opened()
    world.successes["Contributions"] = SuccessStatus("Contributions", True, at_week_end(12) - DAY, "ana")
    assert watch(made, world, at_week_end(12) + 1).state is WatchState.DUE


def test_an_expression_waits_for_facts_that_were_measured_since_it_was_due() -> None:
    made, world = plan(after=(SuccessCheck("Few bugs", "critical_bugs < 3", due="1 month"),)), opened()
    due = due_at("1 month", at_week_end(12), made, world)
    assert due is not None
    measured(world, "fact/critical_bugs", 1.0, at=START)
    assert to_measure(made, world, due - 1) == ([], due)
    assert to_measure(made, world, due) == (["fact/critical_bugs"], None)
    assert watch(made, world, due + 1).state is WatchState.DUE
    measured(world, "fact/critical_bugs", 4.0, at=due + 2)
    assert to_measure(made, world, due + 3) == ([], None)
    found = watch(made, world, due + 3)
    assert (found.state, found.met, found.value) == (WatchState.RECORDED, Met.NOT_MET, "critical_bugs 4")


def test_a_command_answers_by_itself_once_it_is_due() -> None:
    made, world = plan(after=(BENCHED, replace(BENCHED, name="Later", due="1 month"))), opened()
    now = at_week_end(12) + 10
    later = due_at("1 month", at_week_end(12), made, world)
    assert to_measure(made, started(), now) == ([], None)
    assert to_measure(made, world, now) == (["after_release/bench"], later)
    assert waits_for_person(made, world, now) == []
    measured(world, "after_release/bench", None, at=now, state=C.FAIL)
    assert to_measure(made, world, now + 1) == ([], later)
    found = watch(made, world, now + 1)
    assert (found.state, found.met, found.by) == (WatchState.RECORDED, Met.NOT_MET, "worker")
