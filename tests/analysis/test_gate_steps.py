"""What a person is told to type about a shut gate: only what is needed, and the approval once nothing else is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from seed_plan import START, run, seed_plan

from locust_tui.analysis.gate_steps import gate_steps
from locust_tui.analysis.gates import standings
from locust_tui.domain.criterion import Criterion, CriterionResult, Evidence, Probe, ProbeKind
from locust_tui.domain.people import Person, Signature
from locust_tui.domain.states import CriterionState, GateState
from locust_tui.domain.world import GateStatus, World

C, G = CriterionState, GateState


def steps(
    *criteria: Criterion,
    state: GateState = G.READY,
    approvers: tuple[str, ...] = (),
    signatures: tuple[Signature, ...] = (),
    **results: CriterionState,
) -> list[str]:
    plan = seed_plan()
    gate = replace(plan.gates["g1"], criteria=criteria, approvers=approvers)
    plan = replace(plan, gates={**plan.gates, "g1": gate})
    world = World(gates={"g1": GateStatus("g1", state, signatures=signatures)})
    for criterion, found in results.items():
        key = f"gate:g1/{criterion}"
        world.criteria[key] = CriterionResult(key, found, evidence=Evidence(START))
    return [" ".join(step) for step in gate_steps(gate, world, standings(plan, world, gate, START))]


def question(id: str, by: str | None = None) -> Criterion:
    return Criterion(id, id, (Probe(ProbeKind.MANUAL, text="well?", by=by),))


def test_what_is_not_met_is_measured_again_or_set_aside() -> None:
    assert steps(run("hull"), run("mast"), run("sail"), hull=C.FAIL, mast=C.PASS, sail=C.STALE) == [
        "gate check g1",
        "gate waive g1 hull --note WHY",
        "gate waive g1 sail --note WHY",
    ]


def test_a_wish_is_not_needed() -> None:
    wish = replace(run("paint"), must=False)
    assert steps(run("hull"), wish, state=G.PENDING, hull=C.PASS, paint=C.FAIL) == [
        "gate approve g1 --note …"
    ]


@pytest.mark.parametrize(
    ("by", "approvers", "wanted"),
    [
        (None, (), "approve g1"),
        (None, ("tech",), "approve g1"),
        ("tech", ("tech",), "approve g1"),
        ("safety", ("tech",), "sign g1 safe"),
        ("safety", (), "sign g1 safe"),
    ],
)
def test_only_what_no_approval_answers_is_signed_on_its_own(
    by: str | None, approvers: tuple[str, ...], wanted: str
) -> None:
    assert steps(question("safe", by), state=G.PENDING, approvers=approvers) == [f"gate {wanted} --note …"]


def test_of_two_signatures_only_the_one_that_no_approval_gives_is_asked_for() -> None:
    both = Criterion("safe", "safe", (*question("a", "tech").probes, *question("b", "safety").probes))
    assert steps(both, state=G.PENDING, approvers=("tech",)) == ["gate sign g1 safe --note …"]
    given = Signature("safe", Person("bo", "safety"), START)
    assert steps(both, state=G.PENDING, approvers=("tech",), signatures=(given,)) == [
        "gate approve g1 --note …"
    ]


@pytest.mark.parametrize("state", [G.NOT_DUE, G.GO, G.CONDITIONAL, G.KILLED])
def test_where_there_is_nothing_to_decide_no_step_is_named(state: GateState) -> None:
    assert steps(run("hull"), state=state, hull=C.FAIL) == []
