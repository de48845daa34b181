"""A gate's life up to its decision, what a decision sets going, and how a plan comes to its end."""

from __future__ import annotations

from dataclasses import replace

import pytest
from simulated_fleet import ANA, START, Ending, Fleet, Script, W

from locust_tui.domain import events as e
from locust_tui.domain.criterion import Command, Criterion, Probe, ProbeKind
from locust_tui.domain.people import Signature, Waiver
from locust_tui.domain.plan import Gate, Milestone, Need, Phase, Plan, Project, Workstream
from locust_tui.domain.states import CriterionState, DecisionKind, GateState
from locust_tui.worker.actions import Measure
from locust_tui.worker.decide import outcome

TRUE = Command(("true",), "true")
C = CriterionState


def check(id: str, **fields: object) -> Criterion:
    return replace(Criterion(id, id, (Probe(ProbeKind.RUN, command=TRUE),)), **fields)  # type: ignore[arg-type]


SIGNED = Probe(ProbeKind.MANUAL, text="Read by a person")


def plan_of(*criteria: Criterion, **fields: object) -> Plan:
    works = {
        id: Workstream(id, id, phase=phase, run=TRUE) for id, phase in (("a", "1"), ("b", "1"), ("c", "2"))
    }
    gate = replace(Gate("g", "g", closes="1", opens="2", criteria=criteria, approvers=("ana",)), **fields)  # type: ignore[arg-type]
    return Plan(
        Project("p", "p"), works, phases={"1": Phase("1", "1"), "2": Phase("2", "2")}, gates={"g": gate}
    )


def says(**results: CriterionState) -> Script:
    return Script(check=lambda key, n: (1.0, results.get(key.partition("/")[2], C.PASS)))


def test_a_gate_is_measured_when_its_inputs_are_accepted_and_not_before() -> None:
    fleet = Fleet(plan_of(check("k")))
    fleet.settle()
    assert not fleet.measuring
    fleet.run_until(lambda fleet: bool(fleet.measuring))
    assert [fleet.state(id) for id in "ab"] == [W.ACCEPTED, W.ACCEPTED]
    assert fleet.world.gate("g").state is GateState.NOT_DUE
    end = fleet.run()
    assert fleet.world.gate("g").state is GateState.PENDING
    assert end.lines == ("gate g waits for a decision by ana", "c waits behind that")


@pytest.mark.parametrize("result", [C.FAIL, C.ERROR])
def test_a_must_criterion_that_has_not_passed_is_named(result: C) -> None:
    fleet = Fleet(plan_of(check("k"), check("j", must=False)), says(k=result, j=C.FAIL))
    end = fleet.run()
    assert fleet.world.gate("g").state is GateState.READY
    assert end.lines[0] == f"gate g is not passed: k ({result})"


def test_missing_signatures_leave_a_gate_pending() -> None:
    both = check("k", probes=(*check("k").probes, SIGNED))
    fleet = Fleet(plan_of(both, Criterion("read", "read", (SIGNED,))))
    fleet.run()
    assert fleet.world.gate("g").state is GateState.PENDING
    assert set(fleet.world.criteria) == {"gate:g/k"}, "nothing is measured where only a person can answer"
    fleet.record(e.CriterionSigned("g", Signature("read", ANA, fleet.now)), ANA)
    fleet.run()
    assert fleet.world.gate("g").state is GateState.PENDING, "signing is not deciding"


def test_a_waived_criterion_lets_the_gate_wait_for_people_only() -> None:
    fleet = Fleet(plan_of(check("k")), says(k=C.FAIL))
    fleet.run()
    fleet.record(e.CriterionWaived("g", Waiver("k", ANA, fleet.now, "known")), ANA)
    fleet.run()
    assert fleet.world.gate("g").state is GateState.PENDING


def test_a_gate_without_criteria_waits_for_people() -> None:
    fleet = Fleet(plan_of())
    fleet.run()
    assert fleet.world.gate("g").state is GateState.PENDING


def test_reopened_work_takes_the_gate_back() -> None:
    fleet = Fleet(plan_of(check("k")))
    fleet.run()
    fleet.now += 1.0
    fleet.move("a", W.REWORK, "reopened")
    fleet.settle()
    assert fleet.world.gate("g").state is GateState.NOT_DUE
    assert fleet.world.gate("g").reason == "waits for a"
    fleet.run()
    assert fleet.world.gate("g").state is GateState.PENDING
    assert fleet.world.criteria["gate:g/k"].evaluations == 2, "what was measured before judged other work"


def test_deferred_and_cancelled_work_is_left_out_of_the_inputs() -> None:
    fleet = Fleet(plan_of(check("k")))
    fleet.settle()
    fleet.move("a", W.DEFERRED)
    fleet.move("b", W.CANCELLED)
    fleet.run()
    assert fleet.world.gate("g").state is GateState.PENDING


def test_a_gates_own_needs_come_first() -> None:
    plan = plan_of(needs=(Need("x"),))
    plan = replace(plan, workstreams={**plan.workstreams, "x": Workstream("x", "x", run=TRUE)})
    fleet = Fleet(plan, Script(lambda subject, attempt: Ending(seconds=500.0 if subject == "x" else 1.0)))
    fleet.run_until(lambda fleet: fleet.state("b") is W.ACCEPTED)
    fleet.settle()
    assert fleet.world.gate("g").state is GateState.NOT_DUE
    fleet.run()
    assert fleet.world.gate("g").state is GateState.PENDING


def test_a_stale_criterion_is_measured_again_after_a_while_and_the_gate_keeps_its_state() -> None:
    fleet = Fleet(plan_of(check("k")))
    fleet.run()
    fleet.record(e.CriteriaStale(("gate:g/k",), "inputs changed"))
    fleet.settle()
    assert fleet.world.gate("g").state is GateState.PENDING
    wake = fleet.look().wake_at
    assert wake is not None
    assert wake - fleet.now == pytest.approx(30.0, abs=1.0)
    fleet.now = wake
    fleet.settle()
    assert fleet.measuring == {"gate:g/k"}
    fleet.script.check = says(k=C.FAIL).check
    fleet.run()


def test_a_criterion_whose_inputs_changed_is_measured_again() -> None:
    fleet = Fleet(plan_of(check("k")))
    fleet.run()
    fleet.outlook.stale = frozenset({"gate:g/k"})
    fleet.now += 60.0
    assert fleet.look().actions == (Measure(("gate:g/k",)),)


def test_a_result_that_grew_too_old_is_measured_again() -> None:
    fleet = Fleet(plan_of(check("k", max_age=100.0)))
    fleet.run()
    measured = fleet.world.criteria["gate:g/k"].evidence
    assert measured is not None
    assert fleet.look().wake_at == pytest.approx(measured.at + 100.0, abs=0.1)
    fleet.now = measured.at + 100.1
    assert fleet.look().actions == (Measure(("gate:g/k",)),)


def test_criteria_after_the_decision_are_measured_after_it() -> None:
    fleet = Fleet(plan_of(check("published", after="decision")))
    fleet.run()
    assert not fleet.world.criteria
    fleet.now += 1.0
    fleet.decide_gate("g", DecisionKind.GO)
    assert fleet.run().ok
    assert set(fleet.world.criteria) == {"gate:g/published"}


def test_hold_stays_shut_until_decided_again() -> None:
    fleet = Fleet(plan_of(check("k")))
    fleet.run()
    fleet.decide_gate("g", DecisionKind.HOLD)
    end = fleet.run()
    assert fleet.world.gate("g").state is GateState.HOLD
    assert end.lines[0] == "gate g is on hold"
    fleet.decide_gate("g", DecisionKind.CONDITIONAL)
    assert fleet.run().ok


def test_reviving_a_killed_gate_lets_cancelled_work_be_taken_up_again() -> None:
    fleet = Fleet(plan_of())
    fleet.run()
    fleet.decide_gate("g", DecisionKind.KILL)
    fleet.run()
    assert fleet.state("c") is W.CANCELLED
    fleet.move("c", W.PLANNED)
    fleet.settle()
    assert fleet.state("c") is W.CANCELLED, "the kill is in force"
    fleet.decide_gate("g", DecisionKind.HOLD)
    fleet.move("c", W.PLANNED)
    fleet.decide_gate("g", DecisionKind.GO)
    assert fleet.run().ok


def test_later_gates_of_a_killed_plan_ask_for_nothing() -> None:
    plan = plan_of()
    plan = replace(plan, gates={**plan.gates, "g2": Gate("g2", "g2", closes="2", criteria=(check("k"),))})
    fleet = Fleet(plan)
    fleet.run()
    fleet.decide_gate("g", DecisionKind.KILL)
    end = fleet.run()
    assert fleet.world.gate("g2").state is GateState.NOT_DUE
    assert end.lines == ("c was cancelled: gate g was killed", "gate g is killed")
    assert not end.ok


def test_the_end_is_told_once_each_time_nothing_moves_and_says_how_it_went() -> None:
    fleet = Fleet(plan_of(), Script(at_rest=Fleet.approve_what_passes))
    assert not outcome(fleet.plan, fleet.world, START, outlook=fleet.outlook).ended
    assert fleet.run().ok
    ends = [ev.body.summary for ev in fleet.log if isinstance(ev.body, e.ProjectEnded)]
    assert ends == [
        "gate g waits for a decision by ana; c waits behind that",
        "all 3 workstreams are accepted or deferred, and every gate is open",
    ]


@pytest.mark.parametrize("by_milestone", [False, True])
def test_a_gate_that_waits_for_what_never_comes_is_named(by_milestone: bool) -> None:
    plan = plan_of(needs=(Need("m" if by_milestone else "x"),))
    plan = replace(
        plan,
        workstreams={"x": Workstream("x", "x", run=TRUE)},
        milestones=(Milestone("m", "m", needs=(Need("x"),)),),
    )
    fleet = Fleet(plan)
    fleet.settle()
    fleet.move("x", W.DEFERRED)
    end = fleet.run()
    assert (end.ended, end.ok) == (True, False)
    assert end.lines == ("gate g waits for m" if by_milestone else "gate g waits for x, which was deferred",)
