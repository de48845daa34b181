"""A plan whose agents are real programs, run by the real worker to its end."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass

import pytest
import yaml
from agent_programs import AgentProgram, subscribed

from locust_tui.client.requests import AnswerAsk, SendText
from locust_tui.domain.events import ProjectEnded, RunEnded
from locust_tui.domain.states import RunState
from locust_tui.domain.world import AskStatus, World
from project import Project

FLAGS = "-p --output-format stream-json --verbose --permission-mode acceptEdits"
RESETS_AT = 4102444800


@dataclass(frozen=True, slots=True)
class Fleet:
    """A plan's folder, and the program that its agents are."""

    kind: str
    program: AgentProgram
    project: Project

    def up(self, instructions: str, **agent: object) -> None:
        """One workstream `api` whose deliverable is the file `made`, worked on by one agent."""
        c = {"kind": self.kind, "command": shlex.join(self.program.argv), **agent}
        api = {"agent": "c", "instructions": instructions, "deliverables": [{"id": "file", "files": "made"}]}
        (self.project.path / "source").write_text("content")
        self.project.write(
            yaml.safe_dump({"project": "Real", "agents": {"c": c}, "workstreams": {"api": api}})
        )
        self.project.up()

    def asked(self) -> AskStatus:
        """What a person is asked now."""
        return self.project.reaches(lambda world: world.open_asks()).open_asks()[0]

    def done(self) -> World:
        world = self.project.reaches(
            lambda world: world.workstream("api").state == "accepted" and world.project.ended is not None
        )
        assert world.workstream("api").verified == ("file",)
        self.project.assert_sound()
        return world


def in_the_environment_of_the_worker(program: AgentProgram, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the person who starts the worker has in the environment, the worker's agents have too."""
    for name, value in program.env.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(params=["acp", "claude", "codex"])
def fleet(request: pytest.FixtureRequest, plan_folder: Project, monkeypatch: pytest.MonkeyPatch) -> Fleet:
    program = request.getfixturevalue(f"{request.param}_env")
    program = subscribed(program) if request.param != "codex" else program
    in_the_environment_of_the_worker(program, monkeypatch)
    return Fleet(request.param, program, plan_folder)


def test_a_permission_is_a_persons_and_the_work_is_accepted(fleet: Fleet) -> None:
    fleet.up("@say I make it\n@run cp source made\n@text all done")
    asked = fleet.asked()
    assert (asked.kind, asked.run) == ("permission", "api.1")
    assert "cp source made" in asked.what
    fleet.project.reaches(lambda world: world.runs["api.1"].state is RunState.WAITING)
    fleet.project.ask(AnswerAsk(asked.item, "allow", digest=asked.digest))
    run = fleet.done().runs["api.1"]
    assert run.tokens


def test_a_rule_of_the_plan_needs_nobody(fleet: Fleet) -> None:
    fleet.up("@run cp source made\n@text all done", allow=["Bash(cp source made)"])
    world = fleet.done()
    assert {ask.by for ask in world.asks.values()} <= {"worker"}
    order = [type(event.body) for event in fleet.project.all_events()]
    assert ProjectEnded not in order[: order.index(RunEnded)], "it was said to wait for a person"


def test_a_denied_command_leaves_its_deliverable_open(fleet: Fleet) -> None:
    fleet.up("@run cp source made\n@text did without")
    asked = fleet.asked()
    fleet.project.ask(AnswerAsk(asked.item, "deny"))
    world = fleet.project.reaches(lambda world: not world.runs["api.1"].live)
    assert world.workstream("api").verified == ()
    assert not (fleet.project.path / "made").exists()


def test_why_it_was_denied_reaches_the_model(fleet: Fleet) -> None:
    fleet.up("@run cp source made\n@text did without")
    asked = fleet.asked()
    fleet.project.ask(AnswerAsk(asked.item, "deny", note="not before the review"))
    world = fleet.project.reaches(lambda world: not world.runs["api.1"].live)
    assert world.runs["api.1"].state is RunState.EXITED
    assert any("not before the review" in str(question) for question in fleet.program.model.questions())


def test_a_message_in_the_middle_of_a_turn_is_heard_before_the_end(fleet: Fleet) -> None:
    fleet.up("@hold door\n@run true\n@text first", allow=["Bash(true)"])
    model = fleet.program.model
    model.wait_held("door")
    fleet.project.ask(SendText("api.1", "mind the documents"))
    model.release("door")
    world = fleet.project.reaches(lambda world: not world.runs["api.1"].live)
    assert world.runs["api.1"].state is RunState.EXITED
    assert any("mind the documents" in str(question) for question in model.questions())


def test_the_usage_limit_parks_the_run_until_it_resets(fleet: Fleet) -> None:
    fleet.up(f"@limit {RESETS_AT} five_hour")
    world = fleet.project.reaches(
        lambda world: "api.1" in world.runs and world.runs["api.1"].state is RunState.LIMITED
    )
    assert world.workstream("api").state == "running"


def test_a_run_goes_on_in_its_session_when_the_limit_resets(
    plan_folder: Project, claude_env: AgentProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = subscribed(claude_env)
    in_the_environment_of_the_worker(program, monkeypatch)
    fleet = Fleet("claude", program, plan_folder)
    fleet.up(
        "@limit +20 five_hour\n@run cp source made\n@text all done",
        allow=["Bash(cp source made)"],
    )
    parked = fleet.project.reaches(
        lambda world: "api.1" in world.runs and world.runs["api.1"].state is RunState.LIMITED
    )
    world = fleet.done()
    assert list(world.runs) == ["api.1"]
    assert world.runs["api.1"].pid == parked.runs["api.1"].pid


def test_an_answer_finds_the_agent_although_the_worker_was_killed(fleet: Fleet) -> None:
    fleet.up("@run cp source made\n@text all done")
    asked = fleet.asked()
    fleet.project.kill()
    fleet.project.up()
    fleet.project.ask(AnswerAsk(asked.item, "allow"))
    world = fleet.done()
    assert list(world.runs) == ["api.1"]
    assert len(world.asks) == 1


def test_a_worker_killed_in_the_middle_of_a_turn_says_nothing_twice(fleet: Fleet) -> None:
    fleet.up("@hold door\n@run cp source made\n@text all done", allow=["Bash(cp source made)"])
    model = fleet.program.model
    model.wait_held("door")
    fleet.project.kill()
    model.release("door")
    fleet.project.up()
    fleet.done()
    prompts = [str(question).count("@hold door") for question in model.questions()]
    assert set(prompts) <= {0, 1}, prompts


def test_claude_as_a_plain_command(
    plan_folder: Project, claude_env: AgentProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_the_environment_of_the_worker(claude_env, monkeypatch)
    script = '@tool Write {"file_path":"made","content":"x = 1"}\n@text done'
    fleet = Fleet("shell", claude_env, plan_folder)
    fleet.up(script, command=f"{shlex.join(claude_env.argv)} {FLAGS} {{instructions}}")
    fleet.done()
    messages = [json.loads(line) for line in plan_folder.output("api.1").splitlines()]
    assert messages[-1]["result"] == "done"
