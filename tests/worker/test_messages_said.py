"""Messages and agents that speak a protocol: pressing ones are said at once, once, and an orchestrator begins with its brief."""

from __future__ import annotations

import json

from speaking import AGENT, accepted, speaking, told

from locust_tui.client.requests import SendMessage
from locust_tui.domain.states import RunState
from locust_tui.domain.world import World
from project import Project


def said(project: Project, run: str) -> list[str]:
    return [m["message"]["content"] for m in told(project, run) if m["type"] == "user"]


def talks(world: World, run: str = "a.1") -> bool:
    found = world.runs.get(run)
    return found is not None and found.source == "protocol" and found.state is RunState.RUNNING


def test_a_pressing_message_is_said_once_and_an_ordinary_one_waits_in_the_inbox(project: Project) -> None:
    speaking(project, {"a": "@wait go"})
    project.up()
    project.reaches(talks)
    project.ask(SendMessage("a", "read this when you like"))
    project.ask(SendMessage("a", "the API has changed", subject="API", priority="urgent"))
    world = project.reaches(lambda w: "conversation" in w.messages["m2"].delivered)
    assert world.messages["m1"].delivered == ("inbox",)
    project.kill()
    project.up()
    project.reaches(lambda w: w.project.worker_since != world.project.worker_since)
    (project.path / "go").touch()
    accepted(project, "a")
    words = said(project, "a.1")
    assert len(words) == 2, words
    assert words[1].startswith("[message m2 from operator, priority urgent: API]\nthe API has changed\n")
    assert project.world().messages["m2"].state == "delivered"
    project.assert_sound()


def test_a_pressing_message_waits_for_an_agent_that_does_not_run_yet(project: Project) -> None:
    speaking(project, {"a": "@wait go", "b": "@wait end"}, top="resources: {max_agents: 1}")
    project.up()
    project.reaches(talks)
    project.ask(SendMessage("b", "begin with the types", priority="high"))
    assert project.world().messages["m1"].state == "queued"
    (project.path / "go").touch()
    project.reaches(lambda w: "conversation" in w.messages["m1"].delivered)
    (project.path / "end").touch()
    accepted(project, "b")
    assert any("begin with the types" in words for words in said(project, "b.1"))


def test_a_message_does_not_wake_what_has_ended(project: Project) -> None:
    speaking(project, {"a": "done at once"})
    project.up()
    accepted(project, "a")
    project.ask(SendMessage("a", "too late", priority="urgent"))
    world = project.ends()
    assert world.messages["m1"].state == "queued"
    assert len(said(project, "a.1")) == 1


def test_an_orchestrators_agent_begins_with_its_scope_and_its_mail(project: Project) -> None:
    project.script("claude", AGENT)
    plan = {
        "project": "Talks",
        "agents": {"dev": {"kind": "claude", "command": "./claude", "env": {"FLEET": "."}}},
        "meta": {"id": "boss", "name": "Boss"},
        "orchestrators": {
            "core": {"agent": "dev", "name": "Core", "instructions": "Keep them going"},
            "other": {},
        },
        "workstreams": {
            "a": {"run": "until [ -e go ]; do sleep 0.05; done", "orchestrator": "other"},
            "b": {"run": "exec sleep 1000", "orchestrator": "core", "needs": ["a"]},
        },
    }
    project.write(json.dumps(plan))
    project.up()
    project.reaches(lambda w: w.runs.get("a.1") and w.runs["a.1"].pid)
    project.ask(SendMessage("core", "Mind the parser", sender="boss", subject="Note"))
    assert project.world().messages["m1"].state == "queued"
    (project.path / "go").touch()
    world = project.reaches(lambda w: w.runs.get("core.1") and not w.runs["core.1"].live)
    (first,) = said(project, "core.1")
    assert first.startswith("Keep them going\n\nYou are core")
    for words in (
        "Above you: boss",
        "- b (b):",
        "Mind the parser",
        "command_workstream",
        "Only people open gates",
    ):
        assert words in first
    assert "inbox" in world.messages["m1"].delivered
