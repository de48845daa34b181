"""Several roles open a gate together: each one's conditions count, and each yes only for what it was said to."""

from __future__ import annotations

import time

import pytest

from locust_tui.analysis.overview import build_snapshot
from locust_tui.cli.decisions import words
from locust_tui.client.requests import DecideGate, EvaluateGate, WaiveCriterion
from locust_tui.domain.events import ApprovalLapsed, CriteriaStale, ProjectEnded
from locust_tui.domain.people import Condition
from locust_tui.domain.states import DecisionKind, GateState
from locust_tui.plans.reading import load_plan
from locust_tui.report.details import gate_text
from project import Project

PLAN = """
project: Two yeses
workstreams:
  a: {run: 'true'}
gates:
  g:
    needs: [a]
    approvers: [boss, ana]
    min_approvals: 2
    criteria:
      - {name: Size, run: "cat size", min: 80}
"""
MORE_DOCS = Condition("more docs", "ana", "2")


@pytest.fixture
def pending(project: Project) -> Project:
    (project.path / "size").write_text("90")
    project.write(PLAN)
    project.up()
    project.reaches(lambda w: w.gate("g").state is GateState.PENDING)
    return project


@pytest.mark.parametrize("first", ["boss", "ana"])
def test_the_conditions_of_every_yes_bind_whoever_says_the_last(pending: Project, first: str) -> None:
    asked = {"boss": (DecisionKind.CONDITIONAL, (MORE_DOCS,)), "ana": (DecisionKind.GO, ())}
    for who in (first, "ana" if first == "boss" else "boss"):
        kind, conditions = asked[who]
        told = pending.ask(DecideGate("g", kind, by=who, conditions=conditions)).data
    assert told["decided"] == "conditional"
    assert "conditional if more docs" in words("g", told)
    decision = pending.world().gate("g").decision
    assert decision is not None
    assert (decision.kind, decision.conditions) == (DecisionKind.CONDITIONAL, (MORE_DOCS,))
    assert pending.world().gate("g").state is GateState.CONDITIONAL


def test_a_yes_to_another_limit_counts_no_more_and_both_limits_are_named(pending: Project) -> None:
    pending.decide("g", by="boss")
    pending.write(PLAN.replace("min: 80", "min: 70"))
    world = pending.reaches(lambda w: not w.gate("g").approvals)
    (lapsed,) = pending.events(ApprovalLapsed)
    assert (lapsed.person, lapsed.why) == ("boss", "Size: limit ≥ 80 -> ≥ 70")
    assert [e.why for e in pending.events(CriteriaStale)] == ["its limit changed in the plan: ≥ 80 -> ≥ 70"]
    told = pending.decide("g", by="ana").data
    assert told["approved_by"] == ["ana"]
    assert told["waits_for"] == ["boss"]
    assert pending.decide("g", by="boss").data["decided"] == "go"
    assert [old.person for old in world.gate("g").lapsed] == ["boss"]
    assert pending.world().gate("g").lapsed == ()


def test_a_yes_to_other_inputs_counts_no_more(pending: Project) -> None:
    pending.decide("g", by="boss")
    (pending.path / "size").write_text("85")
    told = pending.decide("g", by="ana").data
    assert told["approved_by"] == ["ana"]
    assert "boss counts no more: Size was measured again" in words("g", told)


def test_measuring_the_same_again_leaves_a_yes_standing(pending: Project) -> None:
    pending.decide("g", by="boss")
    pending.ask(EvaluateGate("g"))
    assert pending.decide("g", by="ana").data["decided"] == "go"
    assert pending.events(ApprovalLapsed) == []


def test_what_waits_names_only_whose_yes_is_missing(pending: Project) -> None:
    pending.ends()
    assert pending.events(ProjectEnded)[-1].summary.endswith("waits for a decision by boss and ana")
    pending.decide("g", by="boss")
    pending.reaches(lambda w: w.project.ended is None or len(pending.events(ProjectEnded)) > 1)
    pending.ends()
    assert pending.events(ProjectEnded)[-1].summary.endswith("waits for a decision by ana")


def test_a_waiver_ends_in_the_future(pending: Project) -> None:
    error = pending.refused(WaiveCriterion("g", "size", "known", by="ana", until="2020-01-01"))
    assert error.exit_code == 2
    assert "2020-01-01 is past" in error.message
    pending.ask(WaiveCriterion("g", "size", "known", by="ana", until="2999-01-01"))
    snapshot = build_snapshot(
        load_plan(pending.plan), "d", str(pending.plan), pending.world(), time.time(), worker_pid=None
    )
    (gate,) = snapshot.gates
    assert (gate.passed, gate.waived) == (0, 1)
    assert "waived by ana: known, until 2999-01-01" in gate_text(gate)
    assert "0 of 1 criteria passed, 1 waived" in snapshot.waiting[0].what
