"""The end of a run, and the review of what it left: accepted, sent back, tried again, or put to a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulated_fleet import ANA, START, Ending, Fleet, Script, W

from locust_tui.domain import events as e
from locust_tui.domain.criterion import Command, Criterion, Probe, ProbeKind
from locust_tui.domain.plan import Deliverable, Gate, Meta, Need, NeedKind, Phase, Plan, Project, Workstream
from locust_tui.domain.states import CriterionState, DecisionKind, RunState
from locust_tui.worker.actions import Measure, Verify
from locust_tui.worker.retry import FIRST_DELAY_S, LONGEST_DELAY_S, back_off

TRUE = Command(("true",), "true")
FAILED = Ending(state=RunState.FAILED, exit_code=3, reason="exit code 3")


def check(id: str, **fields: object) -> Criterion:
    return replace(Criterion(id, id, (Probe(ProbeKind.RUN, command=TRUE),)), **fields)  # type: ignore[arg-type]


def one(**fields: object) -> Plan:
    work = replace(Workstream("a", "a", run=TRUE), **fields)  # type: ignore[arg-type]
    return Plan(Project("p", "p"), {"a": work})


def endings(*how: Ending) -> Script:
    """The first attempts end like this, all later ones well."""
    return Script(lambda subject, attempt: how[attempt - 1] if attempt <= len(how) else Ending())


def results(*found: CriterionState) -> Callable[[str, int], tuple[float, CriterionState]]:
    """The first measurements of each key say this, all later ones pass."""
    return lambda key, n: (1.0, found[n - 1] if n <= len(found) else CriterionState.PASS)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        (FAILED, "exit code 3"),
        (
            Ending(state=RunState.KILLED, exit_code=None, signal=9, reason="ended by signal 9"),
            "ended by signal 9",
        ),
        (
            Ending(state=RunState.LOST, exit_code=None, reason="the machine was restarted"),
            "lost: the machine",
        ),
        (
            Ending(state=RunState.FAILED, exit_code=None, reason="could not start: no such file"),
            "could not start",
        ),
    ],
)
def test_a_run_that_comes_to_nothing_is_tried_again_and_then_fails(how: Ending, words: str) -> None:
    fleet = Fleet(one(), endings(how))
    end = fleet.run()
    assert fleet.state("a") is W.FAILED
    assert words in fleet.world.workstream("a").reason
    assert len(fleet.world.runs) == 1
    again = Fleet(one(retry=1), endings(how))
    assert again.run().ok
    assert again.world.runs["a.2"].created - (again.world.runs["a.1"].ended or 0.0) == pytest.approx(
        FIRST_DELAY_S
    )
    assert not end.ok


def test_all_attempts_used_up_fails_and_says_so() -> None:
    fleet = Fleet(one(retry=2), endings(FAILED, FAILED, FAILED))
    fleet.run()
    assert fleet.state("a") is W.FAILED
    assert fleet.world.workstream("a").reason == "exit code 3 (attempt 3, the last)"
    assert len(fleet.world.runs) == 3


def test_five_quick_failures_are_a_crash_loop_whatever_retries_are_left() -> None:
    quick = replace(FAILED, seconds=0.1)
    fleet = Fleet(one(retry=100), endings(*[quick] * 50))
    fleet.run()
    assert fleet.state("a") is W.FAILED
    assert fleet.world.workstream("a").reason.startswith("crash-looping")
    assert len(fleet.world.runs) == 5


def test_slow_failures_are_no_crash_loop() -> None:
    fleet = Fleet(one(retry=100), endings(*[replace(FAILED, seconds=400.0)] * 7))
    assert fleet.run().ok
    assert len(fleet.world.runs) == 8


@pytest.mark.fault(
    20, "an agent that lives for 20 s and fails, again and again", modelled="a fleet in simulated time"
)
def test_a_slow_crash_loop_ends_too() -> None:
    fleet = Fleet(one(retry=100), endings(*[replace(FAILED, seconds=20.0)] * 9))
    fleet.run()
    assert fleet.world.workstream("a").reason.startswith("crash-looping: 5 attempts")
    assert len(fleet.world.runs) == 5


@pytest.mark.fault(
    20, "failures after nearly ten minutes, and after ten", modelled="a fleet in simulated time"
)
@pytest.mark.parametrize(("lasted", "forgotten"), [(599.0, False), (601.0, True)])
def test_failures_are_forgotten_only_after_a_stable_while(lasted: float, forgotten: bool) -> None:
    short = replace(FAILED, seconds=1.0)
    fleet = Fleet(one(retry=100), endings(short, short, replace(FAILED, seconds=lasted), short))
    assert fleet.run().ok
    third, fourth = fleet.world.runs["a.3"], fleet.world.runs["a.4"]
    assert third.ended is not None
    wait = fourth.created - third.ended
    assert (wait < 2.0) is forgotten
    assert wait >= (1.0 if forgotten else 4.0)


@given(st.integers(1, 60), st.text(max_size=5), st.integers(1, 1000))
def test_back_off_doubles_from_a_second_to_five_minutes(failures: int, id: str, attempt: int) -> None:
    delay = back_off(id, attempt, failures)
    assert FIRST_DELAY_S <= delay <= LONGEST_DELAY_S
    assert min(LONGEST_DELAY_S, 2.0 ** (failures - 1)) <= delay <= 1.25 * 2.0 ** (failures - 1)
    assert delay == back_off(id, attempt, failures)


def test_a_run_that_was_never_started_does_not_count() -> None:
    never = Ending(state=RunState.LOST, exit_code=None, reason="never started", starts=False)
    fleet = Fleet(one(retry=0), endings(never, never))
    assert fleet.run().ok
    assert len(fleet.world.runs) == 3


def test_what_cannot_be_started_is_tried_again_at_growing_distances() -> None:
    never = Ending(
        seconds=0.01, state=RunState.LOST, exit_code=None, reason="never started: no memory", starts=False
    )
    fleet = Fleet(one(), endings(*[never] * 6))
    assert fleet.run().ok
    begun = [fleet.world.runs[f"a.{n}"].created for n in range(1, 8)]
    waits = [later - earlier for earlier, later in pairwise(begun)]
    assert waits == sorted(waits)
    assert waits[0] >= 1.0
    assert waits[-1] >= 32.0


def test_a_run_stopped_with_the_worker_goes_on_at_once_with_the_next() -> None:
    fleet = Fleet(one())
    fleet.run_until(lambda fleet: fleet.world.runs["a.1"].started is not None)
    fleet.stop("a.1", "stopped with the worker")
    assert fleet.run().ok
    assert fleet.world.runs["a.2"].created == fleet.world.runs["a.1"].ended


def test_a_run_that_a_person_ended_waits_for_a_person() -> None:
    fleet = Fleet(one(retry=5))
    fleet.settle()
    fleet.stop("a.1", "killed by ana")
    end = fleet.run()
    assert fleet.state("a") is W.PAUSED
    assert end.lines == ("a is paused: killed by ana",)
    fleet.move("a", W.REWORK, "resumed")
    assert fleet.run().ok


def test_a_run_nobody_can_see_is_put_to_a_person_and_not_started_twice() -> None:
    fleet = Fleet(one(retry=5), endings(Ending(state=RunState.UNKNOWN)))
    end = fleet.run()
    assert fleet.state("a") is W.NEEDS_INPUT
    assert "nobody knows whether a.1 still runs" in end.lines[0]
    assert len(fleet.world.runs) == 1
    fleet.record(e.RunChanged("a.1", RunState.RUNNING, "process"))
    fleet.settle()
    assert fleet.state("a") is W.RUNNING
    fleet.end("a.1", Ending())
    assert fleet.run().ok


def test_an_attempt_over_its_time_is_stopped_once_and_counts_as_failed() -> None:
    fleet = Fleet(one(timeout=60.0, retry=1), endings(Ending(seconds=1000.0)))
    assert fleet.run().ok
    assert fleet.world.runs["a.1"].reason == "timed out after 1m"
    assert (fleet.world.runs["a.1"].ended or 0.0) - START < 62.0
    assert (
        Fleet(one(timeout=60.0), endings(Ending(seconds=1000.0)))
        .run()
        .lines[0]
        .startswith("a failed: timed out")
    )


def test_time_spent_waiting_for_a_person_is_not_counted() -> None:
    fleet = Fleet(one(timeout=60.0), endings(Ending(seconds=100.0, waits=(0.1, 0.8))))
    assert fleet.run().ok
    assert fleet.world.runs["a.1"].stood_still == pytest.approx(70.0)
    fleet = Fleet(one(timeout=60.0), endings(Ending(seconds=150.0, waits=(0.1, 0.5))))
    fleet.run()
    assert fleet.world.runs["a.1"].reason == "timed out after 1m"
    assert 120.0 <= (fleet.world.runs["a.1"].ended or 0.0) - START < 122.0


def test_time_in_which_the_machine_slept_is_not_counted() -> None:
    fleet = Fleet(one(timeout=60.0), endings(Ending(seconds=100.0)))
    fleet.run_until(lambda fleet: fleet.state("a") is W.RUNNING)
    fleet.record(e.MachineSlept(41.0))
    assert fleet.run().ok


def test_a_waiting_run_is_a_question_and_its_answer_goes_on() -> None:
    fleet = Fleet(one(), endings(Ending(seconds=100.0, waits=(0.1, 0.5))))
    fleet.run_until(lambda fleet: fleet.state("a") is W.NEEDS_INPUT)
    assert fleet.world.workstream("a").reason == "may I?"
    assert fleet.run().ok


def test_a_question_that_a_person_raised_stays_until_a_person_settles_it() -> None:
    fleet = Fleet(one(), endings(Ending(seconds=100.0)))
    fleet.settle()
    fleet.move("a", W.NEEDS_INPUT, "which database?")
    fleet.settle()
    assert fleet.state("a") is W.NEEDS_INPUT
    assert fleet.run().ok, "and yet the end of its run counts"


def test_a_checked_workstream_is_accepted_with_its_evidence() -> None:
    plan = replace(
        one(accept=(check("lint"), check("tests"))), meta=Meta("m", "m", invariants=(check("builds"),))
    )
    fleet = Fleet(plan)
    assert fleet.run().ok
    status = fleet.world.workstream("a")
    assert (status.reason, status.by) == ("exit 0, 3 checks passed", "worker")
    assert (status.reviews, status.reviews_passed, status.first_review_passed) == (1, 1, True)
    assert set(fleet.world.criteria) == {"accept:a/lint", "accept:a/tests", "invariant:a/builds"}


def test_a_failed_check_sends_back_and_the_next_attempt_is_measured_anew() -> None:
    fleet = Fleet(one(accept=(check("lint"),), retry=1))
    fleet.script.check = results(CriterionState.FAIL)
    assert fleet.run().ok
    status = fleet.world.workstream("a")
    assert (status.attempt, status.reviews, status.reviews_passed, status.first_review_passed) == (
        2,
        2,
        1,
        False,
    )
    moved = [ev.body for ev in fleet.log if isinstance(ev.body, e.WorkstreamMoved)]
    rework = next(m for m in moved if m.new is W.REWORK)
    assert rework.reason == "failed: lint (measurement 1)"
    assert rework.retry_at is not None


def test_a_failed_check_without_attempts_left_is_put_to_a_person() -> None:
    fleet = Fleet(one(accept=(check("lint"), check("style"))))
    fleet.script.check = results(CriterionState.FAIL)
    end = fleet.run()
    assert fleet.state("a") is W.NEEDS_INPUT
    assert end.lines == (
        "a needs input: failed: lint (measurement 1), style (measurement 1); no attempts are left",
    )


def test_a_check_that_could_not_be_measured_costs_no_attempt_and_is_no_verdict() -> None:
    fleet = Fleet(one(accept=(check("lint"),), retry=3))
    fleet.script.check = results(CriterionState.ERROR)
    fleet.run()
    status = fleet.world.workstream("a")
    assert status.state is W.NEEDS_INPUT
    assert status.reason == "not measured: lint (measurement 1)"
    assert (status.attempt, status.reviews) == (1, 0)
    fleet.now += 1.0
    fleet.move("a", W.REVIEW, "look again")
    assert fleet.run().ok
    assert fleet.world.workstream("a").attempt == 1


def test_a_check_that_is_no_must_is_measured_and_decides_nothing() -> None:
    fleet = Fleet(one(accept=(check("style", must=False),)))
    fleet.script.check = results(CriterionState.FAIL)
    assert fleet.run().ok
    assert fleet.world.criteria["accept:a/style"].state is CriterionState.FAIL


def test_a_failing_invariant_blocks_and_is_named() -> None:
    fleet = Fleet(replace(one(), meta=Meta("m", "m", invariants=(check("builds"),))))
    fleet.script.check = results(CriterionState.FAIL)
    fleet.run()
    assert "invariant builds" in fleet.world.workstream("a").reason


def test_an_invariant_after_a_gate_is_looked_at_once_the_gate_is_open() -> None:
    plan = replace(
        one(phase="1"),
        phases={"1": Phase("1", "1")},
        gates={"g": Gate("g", "g", closes="1")},
        meta=Meta("m", "m", invariants=(check("stable", after="g"),)),
    )
    fleet = Fleet(plan, Script(at_rest=Fleet.approve_what_passes))
    assert fleet.run().ok
    assert not fleet.world.criteria
    fleet.now += 1.0
    fleet.move("a", W.REWORK, "reopened")
    assert fleet.run().ok
    assert set(fleet.world.criteria) == {"invariant:a/stable"}


def test_a_reviewer_says_yes_after_the_checks_and_never_instead_of_them() -> None:
    plan = one(accept=(check("lint"),), reviewers=("ana",))
    fleet = Fleet(plan)
    end = fleet.run()
    assert end.lines == ("a waits in review for a review by ana",)
    fleet.record(e.WorkstreamReviewed("a", 1, True), ANA)
    assert fleet.run().ok
    assert fleet.world.workstream("a").reviews == 1
    eager = Fleet(plan)
    eager.script.check = results(CriterionState.FAIL)
    eager.run_until(lambda fleet: fleet.state("a") is W.REVIEW)
    eager.record(e.WorkstreamReviewed("a", 1, True), ANA)
    eager.run()
    assert eager.state("a") is W.NEEDS_INPUT


def test_acceptance_waits_for_every_need() -> None:
    begun = Need("slow", NeedKind.STARTED)
    slow, quick = Workstream("slow", "slow", run=TRUE), Workstream("a", "a", run=TRUE, needs=(begun,))
    plan = Plan(Project("p", "p"), {"slow": slow, "a": quick})
    fleet = Fleet(plan, Script(lambda subject, attempt: Ending(seconds=500.0 if subject == "slow" else 1.0)))
    fleet.run_until(lambda fleet: fleet.now > START + 100)
    assert fleet.state("a") is W.ACCEPTED
    assert fleet.state("slow") is W.ACCEPTED


def deliverables() -> Plan:
    api = Deliverable("api", "api", check("whatever"))
    return one(deliverables=(api, Deliverable("docs", "docs")), retry=1)


def test_a_claim_with_a_check_is_measured_while_the_work_runs() -> None:
    fleet = Fleet(deliverables(), endings(Ending(seconds=100.0, claims=((0.2, "api"), (0.3, "docs")))))
    fleet.run_until(lambda fleet: fleet.now >= START + 30)
    status = fleet.world.workstream("a")
    assert status.state is W.RUNNING
    assert status.claimed == ("api", "docs")
    assert status.verified == ("api",), "a plain name is verified by a person only"
    assert fleet.run().ok


def test_a_claim_whose_check_fails_is_looked_at_again_when_the_agent_reports_anew() -> None:
    fleet = Fleet(deliverables(), endings(Ending(seconds=100.0, claims=((0.2, "api"), (0.5, "docs")))))
    fleet.script.check = results(CriterionState.FAIL)
    fleet.run_until(lambda fleet: fleet.now >= START + 45)
    assert fleet.world.criteria["deliverable:a/api"].evaluations == 1
    fleet.run_until(lambda fleet: fleet.now >= START + 90)
    assert fleet.world.workstream("a").verified == ("api",)


def test_every_deliverable_with_a_check_must_hold_at_the_end() -> None:
    fleet = Fleet(deliverables(), endings(Ending(seconds=100.0, claims=((0.2, "api"),))))
    fleet.script.check = results(CriterionState.PASS, CriterionState.FAIL)
    assert fleet.run().ok
    assert fleet.world.workstream("a").attempt == 2
    taken_back = [ev.body for ev in fleet.log if isinstance(ev.body, e.DeliverableVerified)]
    assert [v.verified for v in taken_back] == [True, False, True]


def test_a_check_that_began_before_the_end_says_nothing_about_the_finished_work() -> None:
    fleet = Fleet(deliverables(), endings(Ending(seconds=10.0, claims=((0.95, "api"),))))
    fleet.script.check = lambda key, n: (20.0, CriterionState.PASS)
    assert fleet.run().ok
    assert fleet.world.criteria["deliverable:a/api"].evaluations == 2


def test_an_unwatched_end_is_taken_up_by_the_next_worker() -> None:
    fleet = Fleet(one(accept=(check("lint"),)))
    fleet.settle()
    fleet.now += 1000.0
    fleet.record(e.RunEnded("a.1", RunState.EXITED, 0, ended=START + 5.0))
    fleet.outlook.forget()
    assert fleet.run().ok


def test_stale_evidence_is_measured_again_the_moment_acceptance_is_possible() -> None:
    plan = replace(
        one(accept=(check("lint"),)),
        gates={},
        workstreams={
            "slow": Workstream("slow", "slow", run=TRUE),
            "a": Workstream(
                "a", "a", run=TRUE, accept=(check("lint"),), needs=(Need("slow", NeedKind.STARTED),)
            ),
        },
    )
    fleet = Fleet(plan, Script(lambda subject, attempt: Ending(seconds=500.0 if subject == "slow" else 1.0)))
    fleet.run_until(lambda fleet: "accept:a/lint" in fleet.world.criteria)
    fleet.record(e.CriteriaStale(("accept:a/lint",), "inputs changed"))
    assert not any(isinstance(action, Measure) for action in fleet.look().actions)
    assert fleet.run().ok
    assert fleet.world.criteria["accept:a/lint"].evaluations == 2


def test_sent_back_by_a_gate_the_work_is_done_again_and_judged_again() -> None:
    plan = replace(
        one(phase="1", accept=(check("lint"),)),
        phases={"1": Phase("1", "1")},
        gates={"g": Gate("g", "g", closes="1", criteria=(check("big"),))},
    )
    fleet = Fleet(plan)
    fleet.run()
    fleet.now += 1.0
    fleet.decide_gate("g", DecisionKind.RECYCLE, ("a",))
    fleet.script.at_rest = Fleet.approve_what_passes
    assert fleet.run().ok
    assert fleet.world.workstream("a").reopened == 1
    assert fleet.world.criteria["gate:g/big"].evaluations == 2
    assert [d.kind for d in fleet.world.gate("g").decisions] == [DecisionKind.RECYCLE, DecisionKind.GO]


def test_verifying_is_asked_for_once() -> None:
    fleet = Fleet(deliverables(), endings(Ending(seconds=100.0, claims=((0.2, "api"),))))
    fleet.run_until(lambda fleet: fleet.world.workstream("a").verified == ("api",))
    assert not any(isinstance(action, Verify) for action in fleet.look().actions)
