"""Agents reach the worker's tools by their own configuration: progress, memory, questions that outlive a worker."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path

import pytest
from agent_programs import AgentProgram, subscribed
from test_plans_run_agents import FLAGS, Fleet, in_the_environment_of_the_worker

from locust_tui.client.requests import AnswerAsk
from project import Project

LOCUST = str(Path(sys.executable).with_name("locust-tui"))
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


def test_claude_as_a_plain_command_has_them_over_stdio(
    plan_folder: Project, claude_env: AgentProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_the_environment_of_the_worker(claude_env, monkeypatch)
    fleet = Fleet("shell", claude_env, plan_folder)
    plan_folder.path.joinpath("tools.json").write_text(
        json.dumps({"mcpServers": {"locust": {"command": LOCUST, "args": ["mcp"], "alwaysLoad": True}}})
    )
    report = 'mcp__locust__report_progress {"percent":60,"note":"by hand"}'
    script = f'@tool {report}\n@tool Write {{"file_path":"made","content":"x"}}\n@text done'
    words = f"{FLAGS} --mcp-config tools.json --allowedTools mcp__locust -- {{instructions}}"
    fleet.up(script, command=f"{shlex.join(claude_env.argv)} {words}")
    world = fleet.done()
    status = world.workstream("api")
    assert (status.reported, status.note) == (60.0, "by hand")
    assert not (plan_folder.folder.root / "tools.json").exists()
