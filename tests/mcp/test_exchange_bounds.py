"""What one agent may leave behind through its tools is bounded, and the refusal says what to do."""

from __future__ import annotations

import pytest

from locust_tui.client import requests as r
from locust_tui.domain.events import Event, EventBody
from locust_tui.domain.fold import apply
from locust_tui.domain.people import Person
from locust_tui.domain.plan import Plan, Project, Workstream
from locust_tui.domain.world import RunStatus, World
from locust_tui.errors import UsageError
from locust_tui.worker import exchange

PLAN = Plan(Project("P", "P"), {"api": Workstream("api", "The API"), "web": Workstream("web", "The page")})
RUN = RunStatus("api.1", "api", 1, "c")


@pytest.fixture
def world() -> World:
    return World(runs={RUN.id: RUN})


def commit(world: World, told: exchange.Told) -> exchange.Told:
    body: EventBody
    for body in told.events:
        apply(world, Event(world.revision + 1, 1.0, Person("api.1"), body))
    return told


@pytest.mark.parametrize("options", [("",), ("x" * 501,), tuple("abcdefghijklmnopqrstu")])
def test_options_can_be_shown(world: World, options: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        exchange.ask_person(world, r.AskPerson("Which?", options), RUN)


def test_a_person_sees_the_whole_plan(world: World) -> None:
    assert [w["id"] for w in exchange.plan_whole(PLAN, world).data["workstreams"]] == ["api", "web"]
