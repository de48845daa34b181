"""`run` and `demo --headless`: nothing is signed in a person's name, gates are measured afresh, no event is lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from project import until

Tui = Callable[..., CompletedProcess[str]]
COMMAND = [sys.executable, "-m", "locust_tui"]

SIGNED = """\
project: Ferry
workstreams:
  load: {run: "true"}
gates:
  sign: {needs: [load], criteria: [{name: dry, run: "true"}, {manual: Is it safe?}]}
"""
FRESH = """\
project: Ferry
workstreams:
  load: {run: "true"}
gates:
  leak: {needs: [load], criteria: [{name: hull, run: "test -e /etc/passwd && ls tight"}]}
"""


@pytest.fixture
def planned(tmp_path: Path, tui: Tui) -> Iterator[Callable[[str], Path]]:
    """Write and trust a plan; whatever runs of it is stopped at the end."""
    plan = tmp_path / "locust-plan.yaml"

    def write(text: str) -> Path:
        plan.write_text(text)
        assert tui("trust", "--yes").returncode == 0
        return plan

    yield write
    tui("down", "--stop-agents")


def test_run_signs_nothing_that_only_a_person_can_know(tui: Tui, planned: Callable[[str], Path]) -> None:
    planned(SIGNED)
    told = tui("run", "--approve-gates", "passing", "--by", "ana")
    assert told.returncode == 1
    assert "gate sign" in told.stderr
    assert "Is it safe?" in told.stderr
    assert "next: locust-tui gate approve sign --note" in told.stderr
    assert "next: locust-tui gate sign" not in told.stderr
    assert "signed" not in told.stdout
    gate = json.loads(tui("gate", "show", "sign", "--json").stdout)
    assert gate["decision"] is None
    assert {c["id"]: c["state"] for c in gate["criteria"]}["is-it-safe"] == "waiting"
    assert tui("gate", "sign", "sign", "is-it-safe", "--by", "ana").returncode == 0
    assert tui("run", "--approve-gates", "passing", "--by", "ana").returncode == 0


def test_a_question_to_a_role_that_approves_nothing_is_signed_first(
    tui: Tui, planned: Callable[[str], Path]
) -> None:
    planned(SIGNED.replace("{manual: Is it safe?}", "{manual: {text: Is it safe?, by: safety}}"))
    told = tui("run")
    assert told.returncode == 1
    assert "next: locust-tui gate sign sign is-it-safe --note" in told.stderr
    assert "gate approve" not in told.stderr
    assert "  next: locust-tui gate sign sign is-it-safe --note" in tui("why", "sign").stdout
    assert tui("gate", "sign", "sign", "is-it-safe", "--by", "safety").returncode == 0
    assert "next: locust-tui gate approve sign --note" in tui("run").stderr


def test_run_that_stops_at_a_gate_says_how_to_go_on(tui: Tui, planned: Callable[[str], Path]) -> None:
    planned("workstreams: {a: {run: 'true'}}\ngates: {g: {needs: [a], criteria: [{name: t, run: 'true'}]}}\n")
    told = tui("run")
    assert told.returncode == 1
    assert "gate g waits for a decision" in told.stderr
    assert "locust-tui gate approve g --note" in told.stderr


@pytest.mark.parametrize(("approve", "code"), [("passing", 0), ("none", 1)])
def test_a_gate_that_is_not_met_is_measured_again(
    tui: Tui, planned: Callable[[str], Path], approve: str, code: int
) -> None:
    plan = planned(FRESH)
    told = tui("run", "--approve-gates", "passing", "--by", "ana")
    assert told.returncode == 1
    assert "gate leak is not passed" in told.stderr
    (plan.parent / "tight").touch()
    told = tui("run", "--approve-gates", approve, "--by", "ana")
    assert told.returncode == code, told.stderr
    assert "is not passed" not in told.stderr
    state = json.loads(tui("gate", "show", "leak", "--json").stdout)["state"]
    assert state == ("go" if approve == "passing" else "pending")


def test_every_event_is_printed_before_run_ends(tui: Tui, planned: Callable[[str], Path]) -> None:
    planned("workstreams:\n" + "".join(f"  w{n}: {{run: 'true'}}\n" for n in range(40)))
    told = tui("run", "--json")
    assert told.returncode == 0
    lines = [json.loads(line) for line in told.stdout.splitlines()]
    assert lines[-2]["kind"] == "project.ended"
    assert lines[-1]["ok"] is True
    revisions = [line["revision"] for line in lines[:-1]]
    assert revisions == list(range(1, len(revisions) + 1))


def test_a_plan_starts_once(tui: Tui, planned: Callable[[str], Path]) -> None:
    planned("workstreams: {a: {run: 'true'}}\n")
    assert tui("run").returncode == 0
    assert tui("run").returncode == 0
    said = tui("events").stdout
    assert said.count("the plan starts") == 1
    assert said.count("worker") >= 2


def test_a_second_run_beside_a_worker_tells_what_is_open(tui: Tui, planned: Callable[[str], Path]) -> None:
    planned("workstreams: {a: {run: 'exit 3'}}\n")
    assert tui("up").returncode == 0
    assert tui("run").returncode == 1
    again = tui("run")
    assert again.returncode == 1
    assert "a failed" in again.stderr
    assert again.stdout == ""


def interrupted_run(plan: Path) -> str:
    """Interrupt a `run` once workstream a runs; what it wrote on stderr."""
    with subprocess.Popen(
        [*COMMAND, "run"], cwd=plan.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        for line in run.stdout:
            if "a.1       pid" in line:
                break
        run.send_signal(signal.SIGINT)
        assert run.wait(30) == 130
        return run.stderr.read()


def test_work_that_was_stopped_with_run_is_not_called_running(
    tui: Tui, planned: Callable[[str], Path]
) -> None:
    plan = planned("workstreams: {a: {run: 'exec sleep 600'}}\n")
    said = interrupted_run(plan)
    assert "" not in said.splitlines()
    assert "● running" not in tui("status").stdout
    assert tui("why", "a").stdout.startswith("a is ready: ")
    work = json.loads(tui("status", "--json").stdout)["workstreams"][0]
    assert (work["state"], work["why"]) == ("ready", "no worker is running")


def test_work_whose_worker_was_killed_with_its_agent_says_so(
    tui: Tui, planned: Callable[[str], Path]
) -> None:
    plan = planned("workstreams: {a: {run: 'exec sleep 600'}}\n")
    worker = json.loads(tui("up", "--json").stdout)["pid"]
    with subprocess.Popen(
        [*COMMAND, "events", "-f"], cwd=plan.parent, stdout=subprocess.PIPE, text=True
    ) as follow:
        assert follow.stdout is not None
        next(line for line in follow.stdout if "a.1       pid" in line)
        follow.terminate()
    (agent,) = json.loads(tui("ps", "--json").stdout)
    os.kill(worker, signal.SIGKILL)
    os.kill(agent["pid"], signal.SIGKILL)
    work = until(
        lambda: next((w for w in json.loads(tui("ws", "ls", "--json").stdout) if w["why"]), None),
        what="the shim's word on the end of its agent",
    )
    assert (work["state"], work["attempt"]) == ("running", 1)
    assert work["why"].startswith("its run ended (")
    assert work["why"].endswith("while no worker lived; the next start takes it up")
    shown = tui("status").stdout
    assert "? interrupted" in shown
    assert "● running" not in shown
    assert "is interrupted: its run ended" in tui("why", "a").stdout
    assert "Blockers: a interrupted: its run ended" in tui("report").stdout
    assert "? interrupted" in tui("ws", "show", "a").stdout


REVIEWED = """\
phases: {1: {name: One}, 2: {name: Two}}
workstreams:
  a: {phase: 1, run: "true", reviewers: [ana]}
  b: {phase: 2, run: "true", weeks: 1-2, reviewers: [ana]}
gates:
  g: {closes: 1, week: 2, criteria: [{name: t, run: "false"}]}
"""


def test_a_reviewers_yes_tells_what_came_of_it(tui: Tui, planned: Callable[[str], Path]) -> None:
    planned(REVIEWED)
    assert tui("run").returncode == 1
    assert tui("up").returncode == 0
    told = tui("ws", "accept", "b", "--by", "ana")
    assert told.returncode == 0
    assert told.stdout.startswith("b is in review, revision ")
    assert told.stdout.endswith("; gate g is shut\n")
    assert tui("ws", "accept", "a", "--by", "ana").stdout.startswith("a is accepted, revision ")


def test_logs_of_a_run_that_never_ran_say_why(tui: Tui, planned: Callable[[str], Path]) -> None:
    planned(
        "project: P\nagents: {c: {command: echo, env: {T: {secret: 'file:nowhere'}}}}\n"
        "workstreams: {a: {agent: c, instructions: x}}\n"
    )
    assert tui("run").returncode == 1
    told = tui("logs", "a")
    assert (told.returncode, told.stdout) == (3, "")
    assert told.stderr.startswith("error: a.1 never ran, so it wrote nothing: the secret T")
    assert told.stderr.endswith("help: locust-tui why a.1\n")
