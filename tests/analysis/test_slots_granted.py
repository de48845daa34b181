"""Slots that a person granted an orchestrator are added to its pool, and nothing else."""

from __future__ import annotations

from dataclasses import replace

from locust_tui.analysis.slots import no_slot_for, quota_of, taken_slots
from locust_tui.domain.plan import Orchestrator, Plan, Project, Resources, Workstream
from locust_tui.domain.states import RunState
from locust_tui.domain.world import GrantStatus, RunStatus

PLAN = Plan(
    Project("P", "P"),
    {id: Workstream(id, id, orchestrator="core", agent="c") for id in "abcd"},
    orchestrators={"core": Orchestrator("core", "Core"), "edge": Orchestrator("edge", "Edge")},
    resources=Resources(max_agents=3, pools={"core": 1, "edge": 1}),
)


def live(count: int) -> list[RunStatus]:
    return [RunStatus(f"{id}.1", id, 1, "c") for id in "abcd"[:count]]


def why(running: int, *grants: GrantStatus) -> str | None:
    return no_slot_for(PLAN, taken_slots(PLAN, live(running), grants), "c", "core")


def test_a_grant_raises_the_quota_of_its_orchestrator() -> None:
    assert why(1) == "no free slot: core has 1, its quota is 1"
    assert why(1, GrantStatus("request:core:1", "core", 1)) is None
    assert why(2, GrantStatus("request:core:1", "core", 1)) == "no free slot: core has 2, its quota is 2"


def test_a_full_plan_says_how_many_of_its_agents_stand_still() -> None:
    states = (RunState.RUNNING, RunState.LIMITED, RunState.WAITING)
    runs = [replace(run, state=state) for run, state in zip(live(3), states, strict=True)]
    words = no_slot_for(PLAN, taken_slots(PLAN, runs), "c", "core")
    assert words == "no free slot: 3 of 3 agents, of them 1 limited, 1 waiting for a person"


def test_the_quota_that_is_shown_is_the_one_that_counts() -> None:
    slots = taken_slots(PLAN, live(0), (GrantStatus("request:core:1", "core", 2),))
    assert [quota_of(PLAN, slots, one) for one in ("core", "edge", "nobody")] == [3, 1, None]


def test_a_grant_to_another_changes_nothing() -> None:
    assert why(1, GrantStatus("request:edge:1", "edge", 5)) is not None


def test_the_plans_cap_wins_over_every_grant() -> None:
    assert why(3, GrantStatus("request:core:1", "core", 9)) == "no free slot: 3 of 3 agents"
