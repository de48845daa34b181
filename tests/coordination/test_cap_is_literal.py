"""The cap counts running agents, whatever commands ask for: the rest queue, and no work gets a second agent."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from locust_tui.domain.events import RunCreated, RunEnded
from project import Project, is_running, until

Tui = Callable[..., subprocess.CompletedProcess[str]]
CAP = 3
NAP = "sleep 300"


@pytest.fixture
def project(tmp_path: Path) -> object:
    made = Project(tmp_path / "swarm")
    yield made
    made.end()


@pytest.fixture
def tui(project: Project) -> Tui:
    """The command in the project's folder; a failure is told with its words."""

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


def most_at_once(project: Project) -> int:
    """Runs that were under way together, by the record."""
    most = live = 0
    for event in project.all_events():
        live += isinstance(event.body, RunCreated)
        live -= isinstance(event.body, RunEnded)
        most = max(most, live)
    return most


def test_everything_that_the_documents_ask_for_stays_below_the_cap(project: Project, tui: Tui) -> None:
    tui("swarm", "init", "--topology", "hierarchical", "--max-agents", str(CAP))
    tui(
        "agent",
        "spawn",
        "--type",
        "orchestrator",
        "--name",
        "locust-meta",
        "--instructions",
        "Lead",
        "--command",
        NAP,
    )
    domains = {
        "core": ("rust-pro", ["WS-01", "WS-02", "WS-03"], 1),
        "plugin": ("coder", ["WS-04", "WS-05"], "2-3"),
        "docs": ("tester", ["WS-06"], 4),
    }
    for name, (agent, works, phase) in domains.items():
        config = {"agent": agent, "name": name, "workstreams": works, "phase": phase, "timeline": "weeks 1-4"}
        tui(
            "task",
            "orchestrate",
            "--task",
            f"spawn-{name}",
            "--orchestrator",
            "locust-meta",
            "--config",
            json.dumps(config),
        )
    for number in range(1, 7):
        kind = "rust-pro" if number < 4 else "coder" if number < 6 else "tester"
        common = (
            "agent",
            "spawn",
            "--type",
            kind,
            "--name",
            f"ws-{number:02}-work",
            "--workstream",
            f"WS-{number:02}",
        )
        tui(*common, "--instructions", "Work", "--command", NAP)
    for number in range(1, 7):
        sibling = {
            "type": "rust-pro",
            "name": f"ws{number:02}-work",
            "expertise": ["ratatui"],
            "memory_key": "a/b",
        }
        owner = "core" if number < 4 else "plugin" if number < 6 else "docs"
        tui(
            "task",
            "orchestrate",
            "--task",
            f"ws{number:02}",
            "--orchestrator",
            owner,
            "--agent-config",
            json.dumps(sibling),
        )
    asked = json.dumps({"type": "rust-pro", "count": 2, "for": "performance-optimization"})
    tui("task", "orchestrate", "--task", "request-agents", "--orchestrator", "locust-meta", "--config", asked)
    (ask,) = project.world().open_asks()
    assert "no room under the cap of 3" in tui("answer", ask.item, "grant", code=4).stderr

    project.reaches(lambda w: len(w.live_runs()) == CAP and all(r.pid for r in w.live_runs()))
    assert most_at_once(project) == CAP
    assert Counter(e.subject for e in project.events(RunCreated)).most_common(1)[0][1] == 1
    status = json.loads(tui("status", "--json").stdout)
    assert [w["id"] for w in status["workstreams"]] == [f"WS-{n:02}" for n in range(1, 7)]
    waiting = [w for w in status["workstreams"] if "no free slot: 3 of 3 agents" in (w["why"] or "")]
    assert waiting

    killed = [r.pid for r in project.world().live_runs() if r.subject.startswith("WS-")]
    for pid in killed:
        assert pid is not None
        subprocess.run(["kill", "-9", str(pid)], check=True)
    project.reaches(lambda w: len(w.live_runs()) == CAP and not {r.pid for r in w.live_runs()} & set(killed))
    assert most_at_once(project) == CAP


def test_a_queued_agent_names_its_place_and_starts_when_a_slot_is_free(project: Project, tui: Tui) -> None:
    tui("swarm", "init", "--max-agents", "1")
    first = tui("agent", "spawn", "--type", "sleeper", "--name", "a", "--", "sleep", "300").stdout
    run = project.world().runs["a.1"]
    assert f"a runs: run a.1, pid {run.pid}" in first
    assert run.pid is not None
    assert is_running(run.pid)
    assert (
        "place 1 of 1: no free slot: 1 of 1 agents"
        in tui("agent", "spawn", "--type", "sleeper", "--name", "b").stdout
    )
    assert "place 2 of 2" in tui("agent", "spawn", "--type", "sleeper", "--name", "c").stdout
    listed = json.loads(tui("agent", "ls", "--json").stdout)
    assert [(a["run"], a["workstream"], a["state"]) for a in listed] == [
        ("a.1", "a", "running"), (None, "b", "queued"), (None, "c", "queued"),
    ]  # fmt: skip
    assert listed[1]["reason"] == "no free slot: 1 of 1 agents"
    assert tui("agent", "ls").stdout.count("queued") == 2
    assert tui("swarm", "status", "--format", "detailed").stdout.count("queued  ") == 2
    assert len(json.loads(tui("ps", "--json").stdout)) == 1
    assert "a.1" in tui("agent", "stop", "a").stdout
    assert not is_running(run.pid)
    project.reaches(lambda w: "b.1" in w.runs and w.runs["b.1"].pid)
    assert "c.1" not in project.world().runs
    assert "c was not running; it is paused" in tui("agent", "stop", "c").stdout
    assert "has no process" in tui("agent", "stop", "c", code=4).stderr
    assert "place 1 of 1" in tui("agent", "spawn", "--type", "sleeper", "--name", "c").stdout


def test_the_same_name_again_is_the_same_agent(project: Project, tui: Tui) -> None:
    tui("swarm", "init")
    tui("agent", "spawn", "--type", "quick", "--name", "q", "--", "sh", "-c", "echo said; test -e done")
    project.reaches(lambda w: w.workstream("q").state.value in ("failed", "needs-input"))
    assert "said" in tui("agent", "logs", "q").stdout
    (project.path / "done").touch()
    again = tui("agent", "spawn", "--type", "quick", "--name", "q").stdout
    assert "q.2" in again
    project.reaches(lambda w: w.workstream("q").state.value == "accepted")
    status = json.loads(tui("status", "--json").stdout)
    assert status["progress"] is None
    assert status["progress_reason"] == "no workstream has a weight"


def test_an_orchestrators_agent_is_started_again_by_its_name(project: Project, tui: Tui) -> None:
    tui("swarm", "init", "--max-agents", "2")
    spawn = ("agent", "spawn", "--type", "orchestrator", "--name", "boss", "--instructions", "Lead")
    tui(*spawn, "--command", NAP)
    assert "boss.1" in tui("agent", "stop", "boss").stdout
    project.reaches(lambda w: not w.runs["boss.1"].live)
    again = tui(*spawn).stdout
    run = project.world().runs["boss.2"]
    assert f"run boss.2, pid {run.pid}" in again
    assert "runs already: run boss.2" in tui(*spawn).stdout


def test_agents_of_a_type_without_a_command_are_manual_until_there_is_one(project: Project, tui: Tui) -> None:
    tui("swarm", "init")
    said = tui("agent", "spawn", "--type", "poet", "--name", "ode", "--instructions", "Write").stdout
    assert "no command: write agents.poet.command in the plan, or spawn with --command" in said
    (agent,) = json.loads(tui("agent", "ls", "--json").stdout)
    assert (agent["name"], agent["state"], agent["pid"], agent["run"]) == ("ode", "manual", None, None)
    assert "manual" in tui("agent", "ls").stdout
    assert not project.world().runs
    tui(
        "agent",
        "spawn",
        "--type",
        "poet",
        "--name",
        "ode",
        "--command",
        "sh -c 'cat $0 && sleep 300' {instructions_file}",
    )
    project.reaches(lambda w: "ode.1" in w.runs and w.runs["ode.1"].pid)
    until(lambda: b"Write" in project.output("ode.1"), what="the instructions in its output")
    assert [a["state"] for a in json.loads(tui("agent", "ls", "--json").stdout)] == ["running"]


def test_a_program_that_is_not_there_is_said_at_once(project: Project, tui: Tui) -> None:
    tui("swarm", "init")
    said = tui("agent", "spawn", "--type", "ghost", "--name", "g", "--", "/no/such/program", code=1).stdout
    assert "g could not be started: run g.1, exit 127: cannot execute /no/such/program" in said


def test_doctor_looks_at_a_project_that_was_typed(project: Project, tui: Tui) -> None:
    tui("swarm", "init")
    found = {f["subject"]: f for f in json.loads(tui("doctor", "--json").stdout)}
    assert "plan" not in found
    assert found["programs"]["state"] == "ok"


def test_instructions_reach_the_agent_byte_for_byte(project: Project, tui: Tui) -> None:
    hostile = 'a"; rm -rf ~ #\n$(touch x) `y` 🦗 {not} \\'
    script = project.script("show", '#!/bin/sh\nprintf %s "$1" > told\nprintf %s "$#" > count\n')
    tui("swarm", "init")
    tui(
        "agent",
        "spawn",
        "--type",
        "teller",
        "--name",
        "t",
        "--instructions",
        hostile,
        "--",
        str(script),
        "{instructions}",
    )
    project.reaches(lambda w: "t.1" in w.runs and not w.runs["t.1"].live)
    assert (project.path / "told").read_text() == hostile
    assert (project.path / "count").read_text() == "1"
