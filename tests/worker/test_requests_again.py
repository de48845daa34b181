"""A request is asked again with its key because nobody knows whether it was done: it is done once, whenever the worker died."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path

import pytest

from faults import Fault, die_at, die_no_more
from locust_tui.client.requests import (
    AddToPlan,
    CreateTask,
    DecideGate,
    Escalate,
    MoveRisk,
    Request,
    SendMessage,
    SendText,
    SignCriterion,
    SteerWorkstream,
    StopRun,
    StoreMemory,
    WaiveCriterion,
    WorkstreamAction,
)
from locust_tui.domain.events import Noted
from locust_tui.domain.states import DecisionKind, RiskState
from locust_tui.errors import LocustTuiError, UnreachableError
from project import Project, is_running, until

PLAN = """
project: Again
agents:
  reader: {command: ./reader, pty: true}
orchestrators:
  shop: {name: Shop, phases: 1}
phases:
  1: {name: First}
workstreams:
  lasting:  {run: exec sleep 600, phase: 1}
  typed:    {agent: reader, instructions: Read, phase: 1}
  reviewed: {run: 'true', reviewers: [ana], phase: 1}
gates:
  ship: {needs: [reviewed], criteria: [{name: fine, manual: Is it?}, {name: cheap, files: [absent]}]}
risks:
  - {id: R1, risk: Calm, probability: high, impact: high}
"""
READER = '#!/bin/sh\nwhile read -r line; do echo "got $line" >> got; done\n'
ASKED: dict[str, Request] = {
    "a review": SteerWorkstream("reviewed", WorkstreamAction.ACCEPT, by="ana"),
    "a decision": DecideGate("ship", DecisionKind.HOLD, "not yet", "ana"),
    "a signature": SignCriterion("ship", "fine", "ana"),
    "a message": SendMessage("shop", "how is it?"),
    "a memory": StoreMemory("port", "8080"),
    "an addition": AddToPlan((("workstreams/extra", '{"run": "true", "phase": 1}'),), by="ana"),
    "a task": CreateTask("look at it", "shop"),
    "a line": SendText("typed", "hello"),
    "a stop": StopRun("lasting"),
}

LONGER: dict[str, Request] = {
    "a waiver": WaiveCriterion("ship", "cheap", "known", "ana"),
    "an escalation": Escalate("it is stuck", "lasting"),
    "a risk": MoveRisk("R1", RiskState.CLOSED, "over", "ana"),
}


@pytest.fixture
def asked(project: Project) -> Project:
    project.script("reader", READER)
    project.write(PLAN)
    project.up()
    project.reaches(
        lambda w: (
            w.workstream("reviewed").state == "review" and w.runs["lasting.1"].pid and w.runs["typed.1"].pid
        )
    )
    return project


def dies(project: Project, fault: Fault, request: Request, key: str) -> None:
    """The worker dies at `fault` while it carries the request out, and another takes its place."""
    fault.mark.unlink(missing_ok=True)
    pid = project.pid()
    with pytest.raises(UnreachableError):
        project.ask(request, key=key)
    until(lambda: not is_running(pid))
    fault.assert_happened()
    project.up()


@pytest.mark.fault(58, "the worker is killed between the commit and the answer, and the same is asked again")
def test_a_request_whose_answer_was_lost_is_applied_once(
    asked: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_applied_once(asked, ASKED, tmp_path, monkeypatch)
    got = asked.path / "got"
    until(lambda: got.exists() and got.read_text(), what="the line")
    assert got.read_text() == "got hello\n"


def assert_applied_once(
    asked: Project, requests: dict[str, Request], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def of_people() -> list[object]:
        return [e.body for e in asked.all_events() if e.by.pid is not None]

    asked.kill()
    lost = die_at(monkeypatch, tmp_path, "reply.unsent", 1)
    asked.up()
    for key, request in requests.items():
        before = of_people()
        dies(asked, lost, request, key)
        done = of_people()
        assert len(done) > len(before), f"{key} was not committed before its answer"
        answer = asked.ask(request, key=key)
        assert of_people() == done, f"{key} was applied again"
        assert asked.ask(request, key=key).data == answer.data
    asked.assert_sound()


@pytest.mark.soak
@pytest.mark.fault(58, "the worker is killed between the commit and the answer, and the same is asked again")
@pytest.mark.parametrize("key", LONGER)
def test_nor_is_any_other_applied_twice(
    asked: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    assert_applied_once(asked, {key: LONGER[key]}, tmp_path, monkeypatch)


@pytest.mark.fault(
    58, "the worker is killed just before, and just after, it typed a person's line to an agent"
)
@pytest.mark.parametrize(("point", "arrived"), [("line.untyped", 0), ("line.typed", 1)])
def test_a_line_is_never_typed_twice_and_never_said_to_be_typed(
    asked: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str, arrived: int
) -> None:
    line = SendText("typed", "hello")
    asked.kill()
    fault = die_at(monkeypatch, tmp_path, point, 1)
    asked.up()
    dies(asked, fault, line, "k")
    with pytest.raises(LocustTuiError, match=r"whether .* got it is not known") as caught:
        asked.ask(line, key="k")
    assert caught.value.exit_code == 5
    die_no_more(monkeypatch)
    asked.kill()
    asked.up()
    asked.ask(SendText("typed", "again"), key="another")
    got = asked.path / "got"
    until(lambda: got.exists() and "again" in got.read_text())
    assert got.read_text() == "got hello\n" * arrived + "got again\n"
    assert len([e for e in asked.events(Noted) if "sends a line to typed.1" in e.text]) == 2


def test_a_key_is_the_callers_own(project: Project) -> None:
    """An agent that guesses the key of a person's request neither uses it up nor learns its answer."""
    frame = {"v": 1, "id": 1, "op": "memory.store", "key": "same", "args": {"key": "agents", "value": "1"}}
    code = (
        "import socket, sys; c = socket.socket(socket.AF_UNIX); c.connect(sys.argv[1]);"
        "c.sendall(sys.argv[2].encode() + b'\\n'); open('said', 'w').write(c.makefile().readline())"
    )
    project.script("ask.py", code)
    project.write(
        "project: Keys\nagents: {t: {command: ./agent, pty: true}}\nworkstreams: {a: {agent: t, instructions: Go}}\n"
    )
    words = shlex.join([sys.executable, "ask.py", str(project.folder.socket), json.dumps(frame)])
    project.script("agent", f"#!/bin/sh\nread -r _\n{words}\nexec sleep 60\n")
    project.up()
    project.reaches(lambda w: w.runs.get("a.1") and w.runs["a.1"].pid)
    mine = project.ask(StoreMemory("persons", "2"), key="same")
    project.ask(SendText("a", "go"))
    until(lambda: (project.path / "said").exists() and (project.path / "said").read_text())
    told = json.loads((project.path / "said").read_text())
    assert told.get("ok", True), told
    assert told["revision"] > mine.revision
    assert set(project.world().memory) == {"persons", "agents"}
