"""What the agents of orchestrators may have done: to what is below them, and never what is a person's to decide."""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace
from typing import Any

import pytest

from locust_tui.client.requests import CommandWorkstream, WorkstreamAction
from locust_tui.domain.plan import Gate, Meta, Need, Orchestrator, Phase, Plan, Project, Workstream
from locust_tui.domain.states import RunState, WorkstreamState
from locust_tui.domain.world import RunStatus, WorkstreamStatus, World
from locust_tui.errors import NotFoundError, RefusedError
from locust_tui.worker.callers import Caller
from locust_tui.worker.commanding import MAY, MOST_MORE, commanded
from project import Project as Folder
from project import until

A, S = WorkstreamAction, WorkstreamState
PLAN = Plan(
    Project("P", "P"),
    {
        "a": Workstream("a", "A", phase="1", orchestrator="core"),
        "b": Workstream("b", "B", phase="2", orchestrator="core"),
        "c": Workstream("c", "C", phase="1", orchestrator="plugins"),
    },
    phases={"1": Phase("1", "1"), "2": Phase("2", "2")},
    gates={"g1": Gate("g1", "G", closes="1", opens="2", needs=(Need("a"),))},
    meta=Meta("boss", "Boss", "c", instructions="lead"),
    orchestrators={k: Orchestrator(k, k, agent="c", instructions="lead") for k in ("core", "plugins")},
)


def world(**statuses: WorkstreamStatus) -> World:
    made = World(runs={f"{s}.1": RunStatus(f"{s}.1", s, 1, "c") for s in ("core", "plugins", "boss")})
    made.runs["a.1"] = RunStatus("a.1", "a", 1, "c", state=RunState.EXITED)
    made.workstreams.update(statuses)
    return made


def ask(made: World, who: str, workstream: str, action: A) -> object:
    caller = Caller(1000, 2, "ana", None, True, f"{who}.1")
    return commanded(PLAN, made, CommandWorkstream(workstream, action), caller)


def status(state: S, attempt: int = 1, by: str = "", reason: str = "") -> WorkstreamStatus:
    return WorkstreamStatus("a", state, reason, by=by, attempt=attempt)


FAILED = world(a=status(S.FAILED))


@pytest.mark.parametrize("who", ["core", "boss"])
def test_whoever_is_above_may(who: str) -> None:
    steering: Any = ask(FAILED, who, "a", A.RETRY)
    assert (steering.workstream, steering.action, steering.by) == ("a", A.RETRY, f"{who}.1")


def test_a_workstream_commands_none_and_an_orchestrator_only_its_own() -> None:
    for who, whom in (("a", "a"), ("a", "c"), ("plugins", "a")):
        with pytest.raises(RefusedError) as refused:
            ask(FAILED, who, whom, A.RETRY)
        assert refused.value.help
    with pytest.raises(NotFoundError):
        ask(FAILED, "core", "zzz", A.RETRY)
    with pytest.raises(RefusedError):
        commanded(PLAN, FAILED, CommandWorkstream("a", A.RETRY), Caller(1000, 2, "ana", None, True, ""))


@pytest.mark.parametrize("action", sorted(set(A) - MAY))
@pytest.mark.parametrize("who", ["core", "boss"])
def test_no_decision_passes(who: str, action: A) -> None:
    with pytest.raises(RefusedError, match="only people may"):
        ask(world(a=status(S.REVIEW)), who, "a", action)


def test_a_start_passes_no_gate_even_where_a_person_had_forced_one() -> None:
    for forced in (False, True):
        made = world(b=replace(WorkstreamStatus("b", S.BLOCKED), forced=forced))
        with pytest.raises(RefusedError, match="gate g1 is shut"):
            ask(made, "core", "b", A.START)
    assert ask(world(), "core", "a", A.START)


def test_work_in_review_is_not_sent_back_and_attempts_are_bounded() -> None:
    with pytest.raises(RefusedError, match="it is review"):
        ask(world(a=status(S.REVIEW)), "core", "a", A.RETRY)
    assert ask(world(a=status(S.FAILED, MOST_MORE)), "core", "a", A.RETRY)
    with pytest.raises(RefusedError, match="a person's to give"):
        ask(world(a=status(S.FAILED, MOST_MORE + 1)), "core", "a", A.RETRY)
    at_work = world(a=status(S.NEEDS_INPUT))
    at_work.runs["a.1"] = RunStatus("a.1", "a", 1, "c", state=RunState.RUNNING)
    with pytest.raises(RefusedError, match="still there"):
        ask(at_work, "core", "a", A.RETRY)


@pytest.mark.parametrize("action", [A.RESUME, A.START])
def test_what_a_person_paused_stays_paused(action: A) -> None:
    with pytest.raises(RefusedError, match="paused by ana"):
        ask(world(a=status(S.PAUSED, by="ana", reason="paused by ana")), "boss", "a", action)
    assert ask(world(a=status(S.PAUSED, by="core.1")), "boss", "a", action)
    with pytest.raises(RefusedError, match="cannot resume: it is running"):
        ask(world(a=status(S.RUNNING)), "core", "a", A.RESUME)


YAML = """
project: P
meta: {id: boss, agent: s, instructions: Lead}
orchestrators:
  core: {agent: s, instructions: Lead core}
  plugins: {agent: s, instructions: Lead plugins}
agents: {s: {command: ./agent}}
workstreams:
  a: {run: "[ -e good ]", orchestrator: core}
  b: {run: exec sleep 1000, orchestrator: core}
  c: {run: exec sleep 1000, orchestrator: plugins}
  d: {agent: s, instructions: Work, orchestrator: plugins}
gates:
  ship: {needs: [a], criteria: [{files: [present]}]}
"""
CALLS = """
ws retry a
ws pause b
ws resume b
ws pause c
ws accept a
ws cancel b
ws verify b x
gate approve ship
message send boss done
trust --yes
"""


def verbs(project: Folder) -> dict[str, list[int]]:
    """Who asked → exit codes of the calls, from inside its own run."""
    calls = "\n".join(
        f"{shlex.quote(sys.executable)} -m locust_tui {line}; echo $? >> codes.$LOCUST_TUI_WORKSTREAM.new"
        for line in CALLS.strip().splitlines()
    )
    project.script(
        "agent",
        f"#!/bin/sh\nuntil [ -e go.$LOCUST_TUI_WORKSTREAM ]; do sleep 0.05; done\nexec > said.$LOCUST_TUI_WORKSTREAM 2>&1\n"
        f"{calls}\nmv codes.$LOCUST_TUI_WORKSTREAM.new codes.$LOCUST_TUI_WORKSTREAM\nexec sleep 1000\n",
    )
    project.write(YAML)
    project.up()
    runs = ("core.1", "plugins.1", "boss.1", "d.1")
    world = project.reaches(
        lambda w: w.workstream("a").state is S.FAILED and all(w.runs.get(r) and w.runs[r].pid for r in runs)
    )
    assert world.workstream("b").state is S.RUNNING
    found = {}
    for who in ("d", "plugins", "core"):
        if who == "core":
            (project.path / "good").touch()
        (project.path / f"go.{who}").touch()
        path = project.path / f"codes.{who}"
        until(path.exists, 60, f"what {who} asks")
        found[who] = [int(line) for line in path.read_text().split()]
    return found


def test_from_inside_a_run_the_verbs_do_what_the_hierarchy_allows(project: Folder) -> None:
    codes = verbs(project)
    said = {who: (project.path / f"said.{who}").read_text() for who in codes}
    assert codes["d"] == [4] * 10, said["d"]
    assert codes["plugins"] == [4, 4, 4, 0, 4, 4, 4, 4, 0, 4], said["plugins"]
    assert codes["core"] == [0, 0, 0, 4, 4, 4, 4, 4, 0, 4], said["core"]
    world = project.reaches(lambda w: w.workstream("a").state is S.ACCEPTED)
    assert (world.workstream("b").state, world.workstream("c").state) == (S.RUNNING, S.PAUSED)
    assert world.workstream("c").by == "plugins.1"
    assert world.gate("ship").decision is None
    assert {m.sender for m in world.messages.values() if m.to == "boss"} == {"core", "plugins"}
    retried = [
        e for e in project.all_events() if getattr(e.body, "workstream", "") == "a" and e.by.name == "core.1"
    ]
    assert [e.by.role for e in retried] == ["agent"]
    project.assert_sound()
