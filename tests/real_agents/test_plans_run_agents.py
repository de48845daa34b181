"""A plan whose agents are real programs, run by the real worker to its end."""

from __future__ import annotations

import json

import pytest
import yaml
from agent_programs import AgentProgram

from project import Project

FLAGS = ["-p", "--output-format", "stream-json", "--verbose", "--permission-mode", "acceptEdits"]


def carried_over(program: AgentProgram, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the person who starts the worker has in the environment, the worker's agents have too."""
    for name, value in program.env.items():
        monkeypatch.setenv(name, value)


def test_claude_as_a_plain_command(
    plan_folder: Project, claude_env: AgentProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    carried_over(claude_env, monkeypatch)
    script = '@tool Write {"file_path":"api.py","content":"x = 1"}\n@run echo ::locust progress=40::half\n@text done'
    command = " ".join([*claude_env.argv, *FLAGS, "{instructions}"])
    plan = {
        "project": "Real",
        "agents": {"c": {"kind": "shell", "command": command}},
        "workstreams": {
            "api": {"agent": "c", "instructions": script, "deliverables": [{"id": "code", "files": "api.py"}]}
        },
    }
    plan_folder.write(yaml.safe_dump(plan))
    plan_folder.up()
    world = plan_folder.ends()
    assert world.workstream("api").state == "accepted", plan_folder.output("api.1").decode()
    assert world.workstream("api").verified == ("code",)
    messages = [json.loads(line) for line in plan_folder.output("api.1").splitlines()]
    assert messages[-1]["result"] == "done"
    plan_folder.assert_sound()
