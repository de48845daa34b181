"""Facts and the watches of risks: measured where something asks for them, each plan week, and never for nothing."""

from __future__ import annotations

from locust_tui.analysis.kpis import kpi_views
from locust_tui.analysis.risks import risk_views
from locust_tui.domain.events import CriterionMeasured
from locust_tui.domain.states import CriterionState, GateState
from locust_tui.plans.reading import load_plan
from project import Project

FACTS = (
    "facts:\n  bugs: {run: cat bugs}\n  idle: {run: 'false'}\n"
    "kpis:\n  bugs: {measure: bugs, target: '< 3'}\n"
    "risks:\n  - {id: R1, risk: Too many bugs, probability: low, impact: low, watch: {fact: bugs, below: 3}}\n"
    "  - {id: R2, risk: No disk, probability: low, impact: low, watch: {run: 'false'}}\n"
)


def counts(project: Project) -> dict[str, int]:
    found: dict[str, int] = {}
    for event in project.events(CriterionMeasured):
        found[event.result.key] = found.get(event.result.key, 0) + 1
    return found


def test_a_fact_that_something_names_is_measured_and_its_risk_triggers(project: Project) -> None:
    (project.path / "bugs").write_text("5\n")
    project.write("project: F\nworkstreams:\n  a: {run: exec sleep 60}\n" + FACTS)
    project.up()
    world = project.reaches(lambda w: {"risk/R1", "risk/R2", "fact/bugs"} <= w.criteria.keys())
    assert world.criteria["fact/bugs"].value == 5
    assert world.criteria["risk/R1"].state is CriterionState.FAIL
    plan = load_plan(project.plan)
    assert {r.id: r.state for r in risk_views(plan, world)} == {"R1": "triggered", "R2": "triggered"}
    (kpi,) = kpi_views(plan, world, world.criteria["fact/bugs"].evidence.at)  # type: ignore[union-attr]
    assert (kpi.value, kpi.ok) == (5, False)
    assert "fact/idle" not in world.criteria
    assert counts(project) == {"fact/bugs": 1, "risk/R1": 1, "risk/R2": 1}


def test_facts_are_measured_again_in_every_plan_week(project: Project) -> None:
    (project.path / "bugs").write_text("5\n")
    project.write("project: F\ncalendar: {week: 2s}\nworkstreams:\n  a: {run: exec sleep 60}\n" + FACTS)
    project.up()
    project.reaches(lambda w: "risk/R1" in w.criteria)
    (project.path / "bugs").write_text("1\n")
    project.reaches(lambda w: w.criteria["risk/R1"].state is CriterionState.PASS)
    project.reaches(lambda w: w.criteria["fact/bugs"].value == 1)


def test_a_gate_may_ask_for_a_fact_and_waits_while_it_is_measured(project: Project) -> None:
    (project.path / "bugs").write_text("2\n")
    gate = "gates:\n  g: {needs: [a], criteria: [{name: few bugs, fact: bugs, below: 3}]}\n"
    project.write("project: F\nworkstreams:\n  a: {run: sleep 1}\n" + gate + FACTS)
    project.up()
    world = project.ends()
    assert world.gate("g").state is GateState.PENDING
    assert world.criteria["gate:g/few-bugs"].value == 2
