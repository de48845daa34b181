"""A decision counts for what its person saw: evidence, what the plan says of the gate, what was decided before."""

from __future__ import annotations

from pathlib import Path

import pytest

from locust_tui.analysis.decision_basis import evidence_digest
from locust_tui.analysis.gates import standings
from locust_tui.analysis.plan_index import PlanIndex
from locust_tui.client.requests import DecideGate, EvaluateGate
from locust_tui.domain.decision_basis import Part, changed
from locust_tui.domain.events import GateDecided
from locust_tui.domain.states import DecisionKind, GateState
from locust_tui.domain.world import World
from locust_tui.plans.reading import load_plan, read_plan
from project import Project

PLAN = """
project: Bound
phases:
  1: {name: First}
  2: {name: Second}
workstreams:
  a: {run: 'true', phase: 1}
  b: {run: 'true', phase: 2}
  c: {run: 'true', phase: 2, needs: [b]}
gates:
  g:
    name: Ready
    closes: 1
    mode: hard
    week: 3
    approvers: [ana, bob]
    criteria: [{name: there, run: test -e there}, {name: fine, manual: Is it fine?}]
people: {ana: [ana], bob: [bob]}
"""
SEEN_CHANGES = {
    "its name": ("name: Ready", "name: Release"),
    "what it holds": ("mode: hard", "mode: advisory"),
    "who signs": ("approvers: [ana, bob]", "approvers: [ana]"),
    "how many sign": ("approvers: [ana, bob]", "approvers: [ana, bob]\n    min_approvals: 2"),
    "what it waits for": ("closes: 1", "closes: 1\n    needs: [a]"),
    "what is measured": ("run: test -e there", "run: 'true'"),
    "a limit": ("{name: there, run: test -e there}", "{name: there, metric: m.json, at: a, below: 9}"),
    "the question": ("Is it fine?", "Is it cheap?"),
    "whether it counts": ("manual: Is it fine?", "manual: Is it fine?, must: false"),
    "one criterion more": ("criteria: [", "criteria: [{name: new, files: [x]}, "),
    "work that starts": ("needs: [b]}", "needs: [b]}\n  d: {run: 'true', phase: 2}"),
}
NOT_OF_THE_GATE = {
    "another's name": ("b: {run: 'true'", "b: {name: Bee, run: 'true'"),
    "a due week": ("week: 3", "week: 4"),
    "work before it": ("a: {run: 'true', phase: 1}", "a: {run: 'true', phase: 1, name: Ay}"),
}


def digest(path: Path, text: str) -> str:
    path.write_text(text)
    plan, world = load_plan(path), World()
    gate = plan.gates["g"]
    return evidence_digest(
        PlanIndex(plan).gate_terms["g"], world.gate("g"), standings(plan, world, gate, 0.0)
    )


@pytest.mark.parametrize("what", SEEN_CHANGES)
def test_what_a_person_decides_on_is_in_the_digest(tmp_path: Path, what: str) -> None:
    before, after = SEEN_CHANGES[what]
    assert before in PLAN
    path = tmp_path / "locust-plan.yaml"
    assert Part.TERMS in changed(digest(path, PLAN), digest(path, PLAN.replace(before, after)))


@pytest.mark.parametrize("what", NOT_OF_THE_GATE)
def test_what_a_decision_does_not_depend_on_turns_nobody_away(tmp_path: Path, what: str) -> None:
    before, after = NOT_OF_THE_GATE[what]
    assert before in PLAN
    path = tmp_path / "locust-plan.yaml"
    assert digest(path, PLAN) == digest(path, PLAN.replace(before, after))


def test_the_parts_of_a_digest_are_told_apart() -> None:
    base = "1" * 32 + "2" * 24 + "3" * 8
    assert changed(base, base) == ()
    assert changed(base, "0" + base[1:]) == (Part.EVIDENCE,)
    assert changed(base, base[:40] + "0" + base[41:]) == (Part.TERMS,)
    assert changed(base, base[:-1] + "0") == (Part.DECISIONS,)
    assert changed("of an older version", base) == tuple(Part)


@pytest.mark.fault(
    59, "a decision on a screen that is older than the plan, the evidence, and another's decision"
)
def test_a_decision_made_on_a_stale_screen_is_refused_and_says_what_changed(project: Project) -> None:
    (project.path / "there").touch()
    project.write(PLAN)
    project.up()
    project.reaches(lambda w: w.gate("g").state is GateState.PENDING)

    def seen() -> str:
        return str(project.ask(EvaluateGate("g")).data["evidence_digest"])

    stale = seen()
    project.write(PLAN.replace("mode: hard", "mode: advisory"))
    project.reaches(lambda w: w.project.plan_digest == read_plan(project.plan).digest)
    error = project.refused(DecideGate("g", DecisionKind.GO, by="ana", evidence_digest=stale))
    assert error.exit_code == 4
    assert "the plan changed what gate g asks for or lets go" in error.message

    stale = seen()
    project.decide("g", DecisionKind.HOLD, by="bob", evidence_digest=stale)
    error = project.refused(DecideGate("g", DecisionKind.GO, by="ana", evidence_digest=stale))
    assert error.exit_code == 4
    assert "bob decided hold" in error.message
    assert " s ago, while you looked at it" in error.message
    assert project.world().gate("g").state is GateState.HOLD

    project.decide("g", DecisionKind.GO, by="ana", evidence_digest=seen())
    assert [e.decision.by.name for e in project.events(GateDecided)] == ["bob", "ana"]
