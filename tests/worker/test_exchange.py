"""What agents may ask through their tools: messages, questions, more agents, a look at the plan."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from locust_tui.client import requests as r
from locust_tui.domain.events import Answered, Asked, Event, EventBody
from locust_tui.domain.fold import apply
from locust_tui.domain.people import Person
from locust_tui.domain.plan import Orchestrator, Plan, Project, Resources, Workstream
from locust_tui.domain.world import RunStatus, World
from locust_tui.errors import LocustTuiError, RefusedError
from locust_tui.worker import exchange
from locust_tui.worker.run_tokens import RunTokens

PLAN = Plan(
    Project("P", "P"),
    {
        "api": Workstream("api", "The API", orchestrator="core", agent="c", instructions="Build it"),
        "docs": Workstream("docs", "Guide", orchestrator="core", agent="c", instructions="Write it"),
    },
    orchestrators={"core": Orchestrator("core", "Core", "kernel")},
    resources=Resources(pools={"core": 2}),
    people={"lead": ("ana",)},
)
RUN = RunStatus("api.1", "api", 1, "c")


@pytest.fixture
def world() -> World:
    return World(runs={RUN.id: RUN})


def commit(world: World, *bodies: EventBody) -> None:
    for body in bodies:
        apply(world, Event(world.revision + 1, 1.0, Person("api.1"), body))


def test_asking_the_same_again_joins_the_question(world: World) -> None:
    first = exchange.ask_person(world, r.AskPerson("Which port?", ("80", "8080")), RUN)
    commit(world, *first.events)
    again = exchange.ask_person(world, r.AskPerson("Which port?", ("80", "8080")), RUN)
    assert again.data == first.data
    assert again.events == ()
    other = exchange.ask_person(world, r.AskPerson("Which host?"), RUN)
    assert other.data != first.data
    asked = first.events[0]
    assert isinstance(asked, Asked)
    assert (asked.choices, asked.digest != "") == (("80", "8080"), True)


def test_an_answered_question_keeps_its_answer_for_whoever_lost_it(world: World) -> None:
    first = exchange.ask_person(world, r.AskPerson("Which port?"), RUN)
    commit(world, *first.events, Answered(first.data["item"], "", "80"))
    assert exchange.ask_person(world, r.AskPerson("Which port?"), RUN).data == first.data


def test_nobodys_inbox_is_flooded(world: World) -> None:
    for n in range(exchange.MOST_QUESTIONS):
        commit(world, *exchange.ask_person(world, r.AskPerson(f"q{n}"), RUN).events)
    with pytest.raises(RefusedError, match="open questions"):
        exchange.ask_person(world, r.AskPerson("one more"), RUN)


def test_the_plan_around_says_what_the_agent_must_know(world: World) -> None:
    around = exchange.plan_around(PLAN, world, RUN).data
    assert (around["workstream"], around["instructions"], around["orchestrator"]) == (
        "api",
        "Build it",
        "core",
    )
    json.dumps(around)


def test_a_token_is_of_one_run_and_outlives_the_worker(tmp_path: Path) -> None:
    key = tmp_path / "tools.key"
    token = RunTokens(key).of("api.1")
    assert RunTokens(key).run_of(token) == "api.1"
    assert key.stat().st_mode & 0o777 == 0o600
    for forged in ("", "none", "api.1", token.replace("api", "doc"), token[:-1] + "é"):
        with pytest.raises(LocustTuiError):
            RunTokens(key).run_of(forged)
