"""What commands add lies over the plan file: in force at once, kept over edits and deaths, and possible without any file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from locust_tui.client.requests import AddToPlan, RecheckPlan, TakeFromPlan
from locust_tui.domain.people import WORKER
from locust_tui.domain.plan import Plan
from locust_tui.domain.world import World
from locust_tui.state.folder import StateFolder
from locust_tui.state.store import Store
from locust_tui.worker.planning import PlanKeeper
from project import Project

PLAN = "project: P\nworkstreams:\n  a: {run: 'true'}\n"


def added(**places: object) -> AddToPlan:
    return AddToPlan(tuple((place.replace("__", "/"), json.dumps(value)) for place, value in places.items()))


def in_force(project: Project) -> Plan:
    with project.record() as record:
        found = record.plan()
    assert found is not None
    return found[0]


def begun_without_a_file(project: Project) -> World:
    project.up()
    project.ask(added(project__name="bare", resources__max_agents=3))
    return project.world()


def test_an_addition_runs_beside_what_the_file_says(project: Project) -> None:
    project.write(PLAN)
    project.up()
    project.reaches(lambda w: w.project.plan_digest)
    answer = project.ask(added(workstreams__b={"run": "echo made > b.txt", "name": "Added"}))
    assert "b" in answer.data["summary"]
    project.reaches(lambda w: w.workstream("b").state == "accepted")
    assert (project.path / "b.txt").read_text() == "made\n"
    assert list(in_force(project).workstreams) == ["a", "b"]
    assert project.plan.read_text() == PLAN


def test_an_addition_outlives_edits_of_the_file_and_the_worker(project: Project) -> None:
    project.write(PLAN)
    project.up()
    project.reaches(lambda w: w.project.plan_digest)
    project.ask(added(resources__max_agents=7))
    project.write(PLAN.replace("project: P", "project: Q"))
    project.ask(RecheckPlan())
    assert (in_force(project).project.name, in_force(project).resources.max_agents) == ("Q", 7)
    project.kill()
    project.up()
    assert in_force(project).resources.max_agents == 7
    project.ask(TakeFromPlan(("resources/max_agents",)))
    assert in_force(project).resources.max_agents is None


def test_a_project_needs_no_file_until_it_has_one(project: Project) -> None:
    world = begun_without_a_file(project)
    assert world.project.held is None
    project.ask(added(workstreams__a={"run": "true"}))
    project.reaches(lambda w: w.workstream("a").state == "accepted")
    project.kill()
    project.up()
    assert in_force(project).project.name == "bare"
    project.write("workstreams:\n  c: {run: 'true'}\n")
    project.ask(RecheckPlan())
    assert sorted(in_force(project).workstreams) == ["a", "c"]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("workstreams/b", {"run": "true", "needs": "nowhere"}),
        ("workstreams/b", {"runs": "true"}),
        ("nowhere/at", 1),
        ("resources/max_agents", 0),
    ],
)
def test_what_no_plan_can_hold_is_refused_and_changes_nothing(
    project: Project, place: str, value: object
) -> None:
    project.write(PLAN)
    project.up()
    before = project.reaches(lambda w: w.project.plan_digest).project.plan_digest
    error = project.refused(AddToPlan(((place, json.dumps(value)),)))
    assert error.exit_code == 2
    assert str(project.plan) not in error.message
    world = project.world()
    assert (world.project.plan_digest, dict(world.additions)) == (before, {})


def test_nothing_is_added_to_a_plan_that_is_held_back_or_is_not_there(project: Project) -> None:
    project.up()
    assert project.refused(added(resources__max_agents=3)).exit_code == 4
    project.write(PLAN, trust=False)
    project.ask(RecheckPlan())
    assert "held back" in project.refused(added(resources__max_agents=3)).message


def test_only_what_was_added_can_be_taken_back(project: Project) -> None:
    project.write(PLAN)
    project.up()
    project.reaches(lambda w: w.project.plan_digest)
    assert project.refused(TakeFromPlan(("workstreams/a",))).exit_code == 3


async def test_who_looks_at_every_commit_sees_what_came_into_force_with_it(tmp_path: Path) -> None:
    """Else a duty that looks between the commit and the plan's turn waits for whatever is recorded next."""
    seen: list[Plan | None] = []
    async with Store.open(tmp_path / "store.db") as store:
        keeper = PlanKeeper(store, StateFolder(tmp_path / "locust-plan.yaml"))
        store.subscribe(lambda _revision: seen.append(keeper.plan))
        await keeper.add({"project/name": '"bare"'}, WORKER)
    assert keeper.plan is not None
    assert seen[-1] is keeper.plan
