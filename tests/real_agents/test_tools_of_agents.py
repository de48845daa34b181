"""Agents reach the worker's tools by their own configuration: progress, memory, questions that outlive a worker."""

from __future__ import annotations

import json

import pytest
from agent_programs import AgentProgram, subscribed
from test_plans_run_agents import Fleet, in_the_environment_of_the_worker

from locust_tui.client.requests import AnswerAsk
from project import Project

NAMES = {"claude": "mcp__locust__{}", "acp": "mcp__locust__{}", "codex": "mcp__locust/{}"}


@pytest.fixture(params=["acp", "claude", "codex"])
def fleet(request: pytest.FixtureRequest, plan_folder: Project, monkeypatch: pytest.MonkeyPatch) -> Fleet:
    program: AgentProgram = request.getfixturevalue(f"{request.param}_env")
    program = subscribed(program) if request.param != "codex" else program
    in_the_environment_of_the_worker(program, monkeypatch)
    return Fleet(request.param, program, plan_folder)


def call(fleet: Fleet, tool: str, **arguments: object) -> str:
    return f"@tool {NAMES[fleet.kind].format(tool)} {json.dumps(arguments)}"


def test_an_agent_reports_and_remembers_without_a_permission(fleet: Fleet) -> None:
    fleet.up(
        "\n".join(
            [
                call(fleet, "report_progress", percent=40, note="half way"),
                call(fleet, "memory_write", key="api/port", value=8080),
                "@run cp source made",
                "@text done",
            ]
        ),
        allow=["Bash(cp source made)"],
    )
    world = fleet.done()
    status = world.workstream("api")
    assert (status.reported, status.note) == (40.0, "half way")
    assert (world.memory["api/port"].value, world.memory["api/port"].by) == ("8080", "api.1")
    assert [a.what for a in world.asks.values() if a.by != "worker"] == []


def test_a_question_waits_for_its_answer_although_the_worker_is_killed(fleet: Fleet) -> None:
    fleet.up(
        "\n".join(
            [
                call(fleet, "ask_person", question="Which port?", options=["80", "8080"]),
                "@run cp source made",
                "@text done",
            ]
        ),
        allow=["Bash(cp source made)"],
    )
    asked = fleet.asked()
    assert (asked.kind, asked.what, asked.choices) == ("question", "Which port?", ("80", "8080"))
    fleet.project.kill()
    fleet.project.up()
    fleet.project.ask(AnswerAsk(asked.item, "8080", digest=asked.digest))
    world = fleet.done()
    assert list(world.runs) == ["api.1"]
    told = "".join(str(question) for question in fleet.program.model.questions())
    assert "8080" in told
