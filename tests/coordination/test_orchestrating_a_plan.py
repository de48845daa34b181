"""`swarm`, `agent`, `task` and `spawn` over a plan file: trust first, the file untouched, merged by what the plan has."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from locust_tui.client.requests import CreateTask, MoveTask
from locust_tui.domain.states import TaskState
from locust_tui.plans.trust import revoke
from project import Project, until

Tui = Callable[..., subprocess.CompletedProcess[str]]
HARBOUR = """\
project: {name: Harbour}
resources: {max_agents: 5}
agents: {coder: {command: "sleep 300"}}
meta: {id: quay, agent: coder}
phases: {1: {weeks: 1-2}, 2: {weeks: 3-4}}
orchestrators:
  core: {agent: coder, phases: 1}
  deck: {agent: coder, phases: 2, instructions: lead the deck}
workstreams:
  WS-01: {phase: 1, instructions: lay the keel, weeks: 1-2, needs: WS-02}
  WS-02: {phase: 1, run: sleep 300, weeks: 1-2}
  WS-03: {phase: 2, instructions: sew, weeks: 3-4, needs: WS-01}
"""
CORE = {
    "name": "harbour-core-orchestrator",
    "agent": "coder",
    "workstreams": ["WS-01", "ws02"],
    "phase": 1,
    "timeline": "weeks 1-2",
}


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project(tmp_path / "harbour")
    made.write(HARBOUR)
    yield made
    made.end()
    assert made.plan.read_text() == HARBOUR


@pytest.fixture
def tui(project: Project) -> Tui:
    """The command in the project's folder; `code`: what it must end with."""

    def run(*args: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "locust_tui", *args]
        done = subprocess.run(
            command,
            cwd=project.path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == code, (args, done.stdout, done.stderr)
        return done

    return run


def test_init_of_an_untrusted_plan_starts_nothing_and_names_trust(project: Project, tui: Tui) -> None:
    revoke(project.plan)
    said = tui("swarm", "init", "--max-agents", "3", code=4).stderr
    assert "locust-tui trust" in said
    assert not project.folder.lock.exists()


def test_init_lays_the_cap_over_the_file_and_changes_it_only_by_force(project: Project, tui: Tui) -> None:
    said = tui("swarm", "init", "--topology", "hierarchical", "--max-agents", "3")
    assert "at most 3 agents" in said.stdout
    assert "the plan file says 5" in said.stderr
    assert "as it stood" in tui("swarm", "init", "--max-agents", "3").stdout
    assert "--max-agents 4 --force" in tui("swarm", "init", "--max-agents", "4", code=4).stderr
    told = json.loads(tui("swarm", "init", "--max-agents", "4", "--force", "--json").stdout)
    assert (told["max_agents"], told["changed"], told["worker"]["pid"]) == (4, True, project.pid())
    assert "hierarchical only" in tui("swarm", "init", "--topology", "mesh", code=2).stderr
    tui("swarm", "init", "--max-agents", "0", code=2)
    document = json.loads(tui("swarm", "status", "--format", "json").stdout)
    assert document.keys() == json.loads(tui("status", "--json").stdout).keys()
    assert "3 workstreams" in tui("swarm", "status", "--format", "summary").stdout


def test_an_agent_for_blocked_work_is_queued_with_the_reason(project: Project, tui: Tui) -> None:
    spawn = ("agent", "spawn", "--type", "coder", "--name", "ws-01-keel", "--workstream", "WS-01")
    assert "WS-01 (as ws-01-keel) is queued: needs WS-02" in tui(*spawn, "--instructions", "new").stdout
    assert "it needs WS-02; revision" in tui(*spawn, "--force").stdout
    assert "WS-01.1" not in project.world().runs
    assert json.loads(tui("ws", "show", "WS-01", "--json").stdout)["id"] == "WS-01"
    (row,) = json.loads(tui("task", "status", "--pattern", "ws-01-*", "--json").stdout)
    assert (row["id"], row["names"]) == ("WS-01", ["ws-01-keel"])


def test_names_that_are_taken_unknown_or_none_are_refused(tui: Tui) -> None:
    spawn = ("agent", "spawn", "--type", "coder", "--name")
    assert "did you mean WS-0" in tui(*spawn, "z", "--workstream", "WS-09", code=3).stderr
    assert "an orchestrator" in tui(*spawn, "core", "--workstream", "WS-01", code=4).stderr
    assert "a command of its own" in tui(*spawn, "z", "--workstream", "WS-02", code=4).stderr
    assert "sleep 300" in tui(*spawn, "z", "--command", "sleep 1", code=4).stderr
    tui(*spawn, "a/b", code=2)
    tui(*spawn, "z", "--command", "sleep 1", "--", "sleep", "1", code=2)
    tui("agent", "stop", "nobody", code=3)
    tui("agent", "stop", "deck", code=4)


def test_a_free_agent_stands_beside_a_plan_with_orchestrators_and_weighs_nothing(
    project: Project, tui: Tui
) -> None:
    said = tui("agent", "spawn", "--type", "coder", "--name", "scout").stdout
    assert f"run scout.1, pid {project.world().runs['scout.1'].pid}" in said
    status = json.loads(tui("status", "--json").stdout)
    assert status["progress"] == 0.0
    with project.record() as record:
        found = record.plan()
    assert found is not None
    assert found[0].workstreams["scout"].weight == 0


def test_a_domain_whose_workstreams_are_there_is_the_orchestrator_that_has_them(
    project: Project, tui: Tui
) -> None:
    orchestrate = ("task", "orchestrate", "--task", "spawn-core", "--orchestrator", "quay", "--config")
    said = tui(*orchestrate, json.dumps(CORE))
    assert '"timeline": "weeks 1-2"' in said.stderr
    assert "orchestrator core (as harbour-core-orchestrator)" in said.stdout
    with project.record() as record:
        found = record.plan()
    assert found is not None
    assert list(found[0].orchestrators) == ["core", "deck"]
    assert found[0].aliases["harbour-core-orchestrator"] == "core"
    mixed = {**CORE, "name": "both", "workstreams": ["WS-01", "WS-03"]}
    assert "WS-03 is deck's" in tui(*orchestrate, json.dumps(mixed), code=4).stderr


def test_what_a_task_gets_wrong_is_said_with_its_place(tui: Tui) -> None:
    orchestrate = ("task", "orchestrate", "--task", "t", "--orchestrator")
    assert "did you mean core" in tui(*orchestrate, "cor", "--config", json.dumps(CORE), code=3).stderr
    assert "line 2, column 1" in tui(*orchestrate, "core", "--config", '{"name": "a",\n}', code=2).stderr
    assert "must be a JSON object" in tui(*orchestrate, "core", "--config", "[1]", code=2).stderr
    said = tui(*orchestrate, "core", "--config", '{"name": "a", "worksteams": []}', code=2).stderr
    assert "did you mean workstreams" in said
    assert (
        "runs backwards"
        in tui(*orchestrate, "core", "--config", '{"name": "a", "weeks": "4-1"}', code=2).stderr
    )
    assert (
        "from 1 on" in tui(*orchestrate, "core", "--config", '{"type": "coder", "count": 0}', code=2).stderr
    )
    tui(*orchestrate, "core", code=2)
    tui("task", "orchestrate", "--task", "t", "--config", "{}", code=2)
    tui("task", "orchestrate", "--task", "t", "--from", "WS-01", code=2)


def test_support_goes_up_the_escalations_route_and_into_the_queue(project: Project, tui: Tui) -> None:
    said = tui(
        "task", "orchestrate", "--task", "agent-support", "--from", "ws-03", "--type", "debugging", "--urgency", "high"
    ).stdout  # fmt: skip
    (escalation,) = project.world().escalations.values()
    assert escalation.id in said
    assert (escalation.kind, escalation.subject, escalation.urgency) == ("workstream", "WS-03", "high")
    task = project.world().tasks["agent-support-WS-03"]
    assert (task.assignee, task.source, task.state) == ("deck", "WS-03", TaskState.OPEN)


def test_a_task_is_delivered_listed_and_closed(project: Project, tui: Tui) -> None:
    create = (
        "task",
        "create",
        "--title",
        "Look at the hull",
        "--priority",
        "high",
        "--description",
        "It leaks",
    )
    said = tui(*create, "--assigned-to", "ws-01-keel").stdout
    assert "task task-1 is in the queue of WS-01" in said
    (message,) = project.world().messages.values()
    assert (message.to, message.subject, message.priority) == ("WS-01", "task task-1", "high")
    assert "It leaks" in message.text
    assert "nobody is called" in tui(*create, "--assigned-to", "nobody", code=3).stderr
    tui("task", "create", "--title", "x", "--assigned-to", "core", "--priority", "pressing", code=2)
    assert "task-1" in tui("task", "status", "--pattern", "task-*").stdout
    assert "is done" in tui("task", "done", "task-1", "--note", "sealed").stdout
    assert "as it was" in tui("task", "done", "task-1").stdout
    assert "did you mean task-1" in tui("task", "done", "task-2", code=3).stderr
    said = tui("task", "status", "--pattern", "WSX-*", code=1).stderr
    assert "did you mean WS-0" in said
    assert "task" in tui("events").stdout


def test_the_same_task_id_again_changes_nothing(project: Project) -> None:
    project.up()
    first = project.ask(CreateTask("Look", "core", id="look"))
    again = project.ask(CreateTask("Look elsewhere", "deck", id="look"))
    assert (first.data["new"], again.data["new"]) == (True, False)
    assert project.world().tasks["look"].title == "Look"
    assert len(project.world().messages) == 1
    assert project.ask(MoveTask("look", TaskState.CANCELLED)).data["changed"]
    project.assert_sound()


def test_an_orchestrator_of_the_plan_begins_with_its_first_work(project: Project, tui: Tui) -> None:
    said = tui("spawn", "orchestrator", "deck").stdout
    assert "deck is queued: it begins with its first workstream" in said
    assert "workstreams: WS-03" in said
    assert "did you mean deck" in tui("spawn", "orchestrator", "deckk", code=3).stderr


def test_an_agent_brings_up_none_and_moves_only_its_own_tasks(project: Project, tui: Tui) -> None:
    script = project.script(
        "try",
        f"#!/bin/sh\nL='{sys.executable} -m locust_tui'\n"
        "$L agent spawn --type coder --name more 2>spawn.err; echo $? >>codes\n"
        "$L swarm init --max-agents 50 2>/dev/null; echo $? >>codes\n"
        "$L task create --title mine --assigned-to scout --id mine >/dev/null; echo $? >>codes\n"
        "$L task done mine >/dev/null; echo $? >>codes\n"
        "$L task done theirs 2>/dev/null; echo $? >>codes\n"
        "$L task status >/dev/null; echo $? >>codes\ntouch done\nsleep 300\n",
    )
    tui("task", "create", "--title", "Look", "--assigned-to", "core", "--id", "theirs")
    tui("agent", "spawn", "--type", "tester", "--name", "scout", "--", str(script))
    until((project.path / "done").exists, what="the agent's last call")
    assert (project.path / "codes").read_text().split() == ["4", "4", "0", "0", "4", "0"]
    assert "scout.1" in (project.path / "spawn.err").read_text()
    assert project.world().tasks["mine"].by == "scout.1"
    assert "more" not in project.world().workstreams


def test_a_command_says_no_yes_to_what_a_vanished_file_takes_away(tmp_path: Path) -> None:
    """A project begun by commands gets a plan file, which goes again: its live work waits for a person's yes."""
    made = Project(tmp_path / "later")
    command = [sys.executable, "-m", "locust_tui"]
    try:
        subprocess.run([*command, "swarm", "init"], cwd=made.path, check=True, stdout=subprocess.DEVNULL)
        made.write("workstreams: {build: {run: sleep 300}}")
        made.reaches(lambda w: "build.1" in w.runs and w.runs["build.1"].pid)
        made.plan.unlink()
        made.reaches(lambda w: w.project.held is not None and w.project.held.why == "confirm")
        spawn = [*command, "agent", "spawn", "--type", "coder", "--name", "a"]
        refused = subprocess.run(spawn, cwd=made.path, check=False, capture_output=True, text=True)
        assert refused.returncode == 4, refused.stdout
        assert "workstream build removed" in refused.stderr
        made.confirm()
        subprocess.run(spawn, cwd=made.path, check=True, stdout=subprocess.DEVNULL)
    finally:
        made.end()
