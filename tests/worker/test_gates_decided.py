"""Gates open by a recorded decision of a permitted person, on evidence measured on the present inputs, or not at all."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from locust_tui.client.requests import (
    DecideGate,
    EvaluateGate,
    SignCriterion,
    WaiveCriterion,
    WorkstreamAction,
)
from locust_tui.domain.events import CriterionMeasured, CriterionSigned, GateDecided, Noted
from locust_tui.domain.people import Condition
from locust_tui.domain.states import CriterionState, DecisionKind, GateState
from locust_tui.errors import LocustTuiError
from project import Project, until

TWO_PHASES = """
project: Gated
phases:
  1: {name: First}
  2: {name: Second}
workstreams:
  a: {run: 'true', phase: 1}
  b: {run: 'true', phase: 2}
gates:
  g:
    closes: 1
    mode: hard
"""


def pending(
    project: Project,
    gate: str = "    criteria: [{name: there, run: test -e there}]\n",
    *,
    ready: bool = False,
) -> None:
    if not ready:
        (project.path / "there").touch()
    project.write(TWO_PHASES + gate)
    project.up()
    state = GateState.READY if ready else GateState.PENDING
    project.reaches(lambda w: w.gate("g").state is state)


def test_no_decision_no_opening(project: Project) -> None:
    pending(project)
    world = project.ends()
    assert world.gate("g").state is GateState.PENDING
    assert world.workstream("b").state == "blocked"
    assert "b.1" not in world.runs
    project.kill()
    project.up()
    world = project.ends()
    assert world.gate("g").decisions == ()
    assert "b.1" not in world.runs


def test_go_opens_and_the_record_names_the_person(project: Project) -> None:
    pending(project)
    told = project.decide("g", note="looks right", by="ana").data
    assert told["decided"] == "go"
    assert told["starts"] == ["b"]
    world = project.reaches(lambda w: w.workstream("b").state == "accepted")
    (decision,) = world.gate("g").decisions
    assert (decision.by.name, decision.by.uid, decision.by.pid, decision.note) == (
        "ana", os.getuid(), os.getpid(), "looks right",
    )  # fmt: skip
    assert decision.plan_hash == world.project.plan_digest
    assert len(decision.evidence_digest) == 64
    project.assert_sound()


@pytest.mark.parametrize("criterion", ["run: 'false'", "run: [./missing-program]", "files: [absent]"])
def test_a_failed_or_unmeasurable_must_criterion_refuses_go(project: Project, criterion: str) -> None:
    pending(project, f"    criteria: [{{name: c, {criterion}}}]\n", ready=True)
    error = project.refused(DecideGate("g", DecisionKind.GO))
    assert error.exit_code == 4
    assert "c" in error.message
    assert project.world().gate("g").state is GateState.READY
    assert any("refused" in e.text for e in project.events(Noted))


def test_evidence_that_no_longer_holds_is_measured_again_before_the_decision(project: Project) -> None:
    pending(project, "    criteria: [{name: there, run: test -e there, inputs: [there]}]\n")
    before = len(project.events(CriterionMeasured))
    (project.path / "there").unlink()
    error = project.refused(DecideGate("g", DecisionKind.GO))
    assert error.exit_code == 4
    assert "failed" in error.message
    assert len(project.events(CriterionMeasured)) == before + 1
    assert project.world().gate("g").state in (GateState.READY, GateState.PENDING)
    assert project.events(GateDecided) == []


@pytest.mark.fault(59, "the evidence changes between look and decision")
def test_a_decision_is_bound_to_the_evidence_that_was_shown(project: Project) -> None:
    pending(project, "    criteria: [{name: there, run: test -e there, inputs: [there, other]}]\n")
    shown = project.ask(EvaluateGate("g")).data["evidence_digest"]
    (project.path / "other").write_text("changed")
    error = project.refused(DecideGate("g", DecisionKind.GO, evidence_digest=shown))
    assert error.exit_code == 4
    assert "changed while you looked" in error.message
    again = project.ask(EvaluateGate("g")).data["evidence_digest"]
    assert project.decide("g", evidence_digest=again).data["decided"] == "go"


def test_only_approvers_decide_and_as_many_roles_as_the_plan_wants(project: Project) -> None:
    pending(
        project,
        "    approvers: [tech-lead, product]\n    min_approvals: 2\n    criteria: [{name: there, run: test -e there}]\n"
        "people: {tech-lead: [ana, bob], product: [ana, eve]}\n",
    )
    assert project.refused(DecideGate("g", DecisionKind.GO, by="mallory")).exit_code == 4
    assert project.refused(DecideGate("g", DecisionKind.HOLD, by="mallory")).exit_code == 4
    first = project.decide("g", by="bob").data
    assert first["approved_by"] == ["tech-lead"]
    assert first["waits_for"] == ["product"]
    assert project.decide("g", by="bob").data["approved_by"] == ["tech-lead"]
    assert project.world().gate("g").state is GateState.PENDING
    second = project.decide("g", by="eve").data
    assert second["decided"] == "go"
    assert str(os.getuid()) in second["warning"]
    roles = [a.role for a in project.world().gate("g").approvals]
    assert roles == ["tech-lead", "product"]


def test_approval_signs_what_any_approver_may_sign_and_waits_for_a_named_signer(project: Project) -> None:
    pending(
        project,
        "    approvers: [lead]\n    criteria:\n      - {name: looks right, manual: Looks right?}\n"
        "      - {name: legal, manual: {text: Licences fine?, by: counsel}}\n",
    )
    error = project.refused(DecideGate("g", DecisionKind.GO, by="lead"))
    assert error.exit_code == 4
    assert "counsel" in error.message
    assert project.refused(SignCriterion("g", "legal", by="lead")).exit_code == 4
    project.ask(SignCriterion("g", "legal", by="counsel", note="read them"))
    assert project.decide("g", by="lead").data["signed"] == ["looks right"]
    signed = {s.signature.criterion: s.signature.by.name for s in project.events(CriterionSigned)}
    assert sorted(signed.values()) == ["counsel", "lead"]
    assert project.world().gate("g").state is GateState.GO


def test_nobody_signs_what_a_machine_measures(project: Project) -> None:
    pending(project, "    criteria: [{name: c, run: 'false'}]\n", ready=True)
    assert project.refused(SignCriterion("g", "c", by="ana")).exit_code == 4


def test_a_waiver_opens_the_way_and_stays_on_record(project: Project) -> None:
    pending(project, "    criteria: [{name: c, run: 'false'}]\n", ready=True)
    assert project.refused(WaiveCriterion("g", "c", "known", by="ana", until="soon")).exit_code == 2
    project.ask(WaiveCriterion("g", "c", "known, ships next week", by="ana"))
    project.reaches(lambda w: w.gate("g").state is GateState.PENDING)
    project.decide("g", by="ana")
    world = project.world()
    assert world.gate("g").state is GateState.GO
    assert [w.note for w in world.gate("g").waivers] == ["known, ships next week"]


def test_conditional_go_needs_conditions_and_keeps_them(project: Project) -> None:
    pending(project)
    assert project.refused(DecideGate("g", DecisionKind.CONDITIONAL)).exit_code == 2
    for owner, due in ((None, "3"), (" ", "3"), ("bob", None), ("bob", "soon"), ("bob", "0")):
        flawed = (Condition("write the manual", owner, due),)
        assert project.refused(DecideGate("g", DecisionKind.CONDITIONAL, conditions=flawed)).exit_code == 2
    condition = Condition("write the manual", owner="bob", due="3")
    project.decide("g", DecisionKind.CONDITIONAL, conditions=(condition,))
    world = project.reaches(lambda w: w.workstream("b").state == "accepted")
    decision = world.gate("g").decision
    assert decision is not None
    assert decision.conditions == (condition,)
    assert world.gate("g").state is GateState.CONDITIONAL


def test_hold_shuts_until_somebody_decides_again(project: Project) -> None:
    pending(project)
    project.decide("g", DecisionKind.HOLD, note="not yet")
    project.kill()
    project.up()
    world = project.ends()
    assert world.gate("g").state is GateState.HOLD
    assert "b.1" not in world.runs
    project.decide("g", DecisionKind.GO)
    project.reaches(lambda w: w.workstream("b").state == "accepted")


def test_recycle_sends_the_named_work_back_and_judges_anew(project: Project) -> None:
    pending(project)
    told = project.decide("g", DecisionKind.RECYCLE, workstreams=("a",), note="tests are missing").data
    assert told["recycled"] == ["a"]
    world = project.reaches(
        lambda w: w.gate("g").state is GateState.PENDING and w.workstream("a").attempt == 2
    )
    assert world.workstream("a").state == "accepted"
    assert [d.kind for d in world.gate("g").decisions] == [DecisionKind.RECYCLE]
    measured = [e.result.key for e in project.events(CriterionMeasured)]
    assert measured.count("gate:g/there") == 2
    project.decide("g")
    project.reaches(lambda w: w.workstream("b").state == "accepted")
    assert project.refused(DecideGate("g", DecisionKind.RECYCLE, workstreams=("nothing",))).exit_code == 3


def test_recycle_finds_whose_work_failed(project: Project) -> None:
    project.write(
        TWO_PHASES.replace(
            "a: {run: 'true', phase: 1}",
            "a: {run: 'true', phase: 1}\n  c: {run: 'true', phase: 1, accept: [{name: x, run: '! test -e broken'}]}",
        )
        + "    criteria: [{name: x again, run: '! test -e broken'}]\n"
    )
    project.up()
    project.reaches(lambda w: w.gate("g").state is GateState.PENDING)
    (project.path / "broken").touch()
    project.ask(EvaluateGate("g"))
    project.reaches(lambda w: w.gate("g").state is GateState.READY)
    assert project.decide("g", DecisionKind.RECYCLE).data["recycled"] == ["c"]


def test_kill_cancels_what_comes_later_and_stops_what_runs_of_it(project: Project) -> None:
    (project.path / "there").touch()
    project.write(
        TWO_PHASES.replace("mode: hard", "mode: advisory").replace(
            "b: {run: 'true', phase: 2}", "b: {run: exec sleep 60, phase: 2}"
        )
        + "    criteria: [{name: there, run: test -e there}]\n"
    )
    project.up()
    world = project.reaches(
        lambda w: w.gate("g").state is GateState.PENDING and w.runs.get("b.1") and w.runs["b.1"].pid
    )
    pid = world.runs["b.1"].pid
    project.decide("g", DecisionKind.KILL, note="no market")
    world = project.reaches(lambda w: not w.runs["b.1"].live)
    assert world.workstream("b").state == "cancelled"
    assert world.workstream("a").state == "accepted"
    assert world.runs["b.1"].state == "killed"
    assert pid not in project.agents()
    project.ends()


@pytest.mark.fault(59, "four people decide one gate at the same moment")
def test_two_who_decide_at_once_the_first_wins_and_the_second_is_told_by_whom(project: Project) -> None:
    pending(project)

    def decide(who: str) -> LocustTuiError | str:
        try:
            project.decide("g", DecisionKind.GO, by=who)
        except LocustTuiError as error:
            return error
        return who

    with ThreadPoolExecutor(4) as people:
        answers = list(people.map(decide, ["ana", "bob", "eve", "zoe"]))
    winners = [a for a in answers if isinstance(a, str)]
    losers = [a for a in answers if isinstance(a, LocustTuiError)]
    assert len(winners) == 1
    assert len(losers) == 3
    for error in losers:
        assert error.exit_code == 4
        assert f"{winners[0]} decided go" in error.message
    assert len(project.events(GateDecided)) == 1


def test_a_reopened_input_takes_the_gate_back(project: Project) -> None:
    pending(project)
    project.steer("a", WorkstreamAction.REOPEN, note="one more thing")
    until(
        lambda: (
            project.world().gate("g").state is not GateState.PENDING
            or project.world().workstream("a").attempt == 2
        )
    )
    world = project.reaches(
        lambda w: w.workstream("a").attempt == 2 and w.gate("g").state is GateState.PENDING
    )
    assert world.workstream("a").reopened == 1
    assert world.criteria["gate:g/there"].state is CriterionState.PASS
