"""What a process inside a run may ask of the worker, however it hides: its own report, and nothing that is a person's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from locust_tui.client.requests import Ping
from locust_tui.domain.events import Noted, WorkstreamReported
from locust_tui.domain.states import GateState
from project import Project, until

CALLER = r"""
import json, os, socket, sys
socket_path, out, how, lines = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
if how == "daemon":
    for _ in range(2):
        if os.fork():
            os._exit(0) if os.getsid(0) == os.getpid() else (os.wait(), sys.exit(0))
        os.setsid()
    while os.getppid() == 0:
        pass
answers = []
for line in lines:
    c = socket.socket(socket.AF_UNIX)
    c.connect(socket_path)
    c.sendall(line.encode() + b"\n")
    answers.append(json.loads(c.makefile("rb").readline()))
with open(out + ".new", "w") as f:
    json.dump(answers, f)
os.rename(out + ".new", out)
"""

PLAN = """
project: Scope
workstreams:
  done:  {run: 'true'}
  agent: {run: ./agent, deliverables: [api]}
  other: {run: exec sleep 60}
gates:
  ship: {needs: [done], criteria: [{files: [present]}]}
"""


def asks(op: str, **arguments: object) -> str:
    return json.dumps({"v": 1, "id": 1, "op": op, "key": "", "args": arguments})


PERSONAL = [
    asks("gate.decide", gate="ship", kind="go", by="ana"),
    asks("criterion.sign", gate="ship", criterion="x"),
    asks("criterion.waive", gate="ship", criterion="x", note="I say so"),
    asks("workstream.steer", workstream="other", action="cancel"),
    asks("run.stop", run="other"),
    asks("plan.confirm", digest="x"),
    asks("plan.note", plan=2, note="I say so"),
    asks("baseline.set", note="I say so"),
    asks("strategy.apply", strategies=["crash"], note="I say so", digest="x"),
    asks("strategy.undo", strategy="1"),
    asks("success.record", check="x", met=True),
    asks("risk.move", risk="R1", state="closed", note="I say so"),
    asks("worker.shutdown", stop_agents=True),
    asks("subscribe"),
]


def answers(project: Project, how: str, lines: list[str]) -> list[dict[str, Any]]:
    """Have the workstream `agent` ask `lines` of the worker, directly or hidden, and return the answers."""
    (project.path / "present").touch()
    project.script("caller.py", CALLER)
    out = project.path / "answers"
    call = "exec " if how == "env" else ""
    import shlex
    import sys

    words = [
        sys.executable,
        str(project.path / "caller.py"),
        str(project.folder.socket),
        str(out),
        how,
        *lines,
    ]
    if how == "env":
        words = ["env", "-i", *words]
    project.script("agent", f"#!/bin/sh\n{call}{shlex.join(words)}\nsleep 60\n")
    project.write(PLAN)
    project.up()
    until(out.exists, what="the agent's question")
    found: list[dict[str, Any]] = json.loads(out.read_text())
    return found


@pytest.mark.parametrize("how", ["child", "daemon", "env"])
@pytest.mark.fault(
    56,
    "an agent asks at the socket for 14 things that are a person's, as a child, as a daemon, without environment",
)
def test_what_is_a_persons_is_refused_and_noted(project: Project, how: str) -> None:
    said = answers(project, how, PERSONAL)
    assert [a.get("exit_code") for a in said] == [4] * len(PERSONAL)
    assert all("agent.1" in a["message"] for a in said)
    world = project.world()
    assert world.gate("ship").state is not GateState.GO
    assert world.runs["other.1"].live
    assert project.ask(Ping()).ok
    notes = [e for e in project.events(Noted) if e.subject == "agent.1"]
    assert len(notes) == len(PERSONAL)
    assert "gate.decide" in notes[0].text


def test_an_agent_reports_on_its_own_work_only(project: Project) -> None:
    said = answers(
        project,
        "child",
        [
            asks("run.report", workstream="agent", progress=40, note="half", deliverable="api"),
            asks("run.report", workstream="other", progress=90),
            asks("run.report", workstream="agent", run="other.1", progress=90),
            asks("run.report", workstream="agent", progress=140),
            asks("run.report", workstream="agent", deliverable="apj"),
            asks("ping"),
        ],
    )
    assert [a.get("exit_code", 0) for a in said] == [0, 4, 4, 2, 3, 0]
    reports = project.events(WorkstreamReported)
    assert [(r.workstream, r.run, r.progress, r.note, r.deliverable) for r in reports] == [
        ("agent", "agent.1", 40.0, "half", "api")
    ]
    reporter = next(e.by for e in project.all_events() if isinstance(e.body, WorkstreamReported))
    assert (reporter.name, reporter.role) == ("agent.1", "agent")


def test_a_person_does_not_report_for_an_agent(project: Project) -> None:
    from locust_tui.client.requests import ReportProgress

    project.write("project: P\nworkstreams:\n  a: {run: exec sleep 60}\n")
    project.up()
    assert project.refused(ReportProgress("a", progress=50)).exit_code == 4
    assert project.events(WorkstreamReported) == []


def test_an_agent_that_asks_again_and_again_is_noted_once(project: Project) -> None:
    said = answers(project, "child", [PERSONAL[0]] * 50)
    assert {a["exit_code"] for a in said} == {4}
    assert len([e for e in project.events(Noted) if e.subject == "agent.1"]) == 1


@pytest.mark.fault(56, "a daemon of an agent asks the worker after the one that started it")
def test_an_agent_found_again_by_a_new_worker_is_still_an_agent(project: Project) -> None:
    project.script("caller.py", CALLER)
    out, go = project.path / "answers", project.path / "go"
    import shlex
    import sys

    words = [sys.executable, "caller.py", str(project.folder.socket), str(out), "daemon", PERSONAL[0]]
    project.script(
        "agent", f"#!/bin/sh\nuntil [ -e {go} ]; do sleep 0.05; done\n{shlex.join(words)}\nsleep 60\n"
    )
    project.write(PLAN)
    project.up()
    project.reaches(lambda w: w.runs.get("agent.1") and w.runs["agent.1"].pid)
    project.kill()
    project.up()
    go.touch()
    until(out.exists, what="the agent's question")
    assert json.loads(out.read_text())[0]["exit_code"] == 4


def test_a_check_reports_nothing_and_decides_nothing(project: Project) -> None:
    project.script("caller.py", CALLER)
    out = project.path / "answers"
    import shlex
    import sys

    lines = [PERSONAL[0], asks("run.report", workstream="done", progress=99)]
    words = [sys.executable, "caller.py", str(project.folder.socket), str(out), "child", *lines]
    project.script("check", f"#!/bin/sh\n{shlex.join(words)}\n")
    project.write("project: P\nworkstreams:\n  done: {run: 'true', accept: [{name: asks, run: ./check}]}\n")
    project.up()
    project.reaches(lambda w: w.workstream("done").state == "accepted")
    assert [a["exit_code"] for a in json.loads(Path(out).read_text())] == [4, 4]
    assert project.events(WorkstreamReported) == []
