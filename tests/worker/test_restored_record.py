"""A worker on a restored record: agents that live are found, nothing starts twice or unasked, gates stay open, and a person is told."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from locust_tui.client.requests import AcknowledgeAlert
from locust_tui.domain.events import MessageSent, Noted
from locust_tui.domain.states import AlertState, GateState, RunState, WorkstreamState
from locust_tui.domain.world import World
from locust_tui.state import backups
from project import Project, is_running, until

_W = WorkstreamState
WAIT = "while [ ! -e go-{} ]; do sleep 0.05; done"
PLAN = f"""
project: Restored
resources: {{defaults: {{retry: 2}}}}
phases:
  1: {{name: First}}
  2: {{name: Second}}
workstreams:
  a: {{phase: 1, run: 'echo $LOCUST_TUI_RUN >> started; {WAIT.format("a")}'}}
  b: {{phase: 2, run: 'echo $LOCUST_TUI_RUN >> started; {WAIT.format("b")}'}}
  d: {{phase: 2, run: 'echo $LOCUST_TUI_RUN >> started; [ $LOCUST_TUI_RUN = d.2 ] || exit 3; {WAIT.format("d")}'}}
  f: {{phase: 2, needs: b, run: 'echo $LOCUST_TUI_RUN >> started'}}
gates:
  g: {{closes: 1, mode: hard}}
"""


def header_and_log_lost(database: Path) -> None:
    with database.open("r+b") as file:
        file.write(b"\0" * 4096)
    database.with_name("store.db-wal").unlink()


def removed_without_its_log(database: Path) -> None:
    database.unlink()


def backed_up(project: Project) -> None:
    """As the worker does it every hour."""
    connection = sqlite3.connect(project.folder.store)
    try:
        backups.make(connection, project.folder.store, time.time())
    finally:
        connection.close()


def working(world: World, *names: str) -> bool:
    runs = (world.latest_run(name) for name in names)
    return all(run is not None and run.live and run.pid for run in runs)


def started(project: Project) -> dict[str, int]:
    return Counter((project.path / "started").read_text().split())


def told(project: Project, *verb: str) -> str:
    command = [sys.executable, "-m", "locust_tui", *verb]
    return subprocess.run(command, cwd=project.path, capture_output=True, text=True, check=False).stdout


@pytest.fixture
def restored(project: Project, request: pytest.FixtureRequest) -> tuple[Project, dict[str, int | None]]:
    """The project under a new worker, with the backup of a time when `a` alone worked; the pids of the agents that live."""
    damage: Callable[[Path], None] = request.param
    project.write(PLAN)
    project.up()
    project.reaches(lambda w: working(w, "a"))
    backed_up(project)
    (project.path / "go-a").touch()
    project.reaches(lambda w: w.gate("g").state in (GateState.READY, GateState.PENDING))
    project.decide("g", note="it is good", by="ana")
    world = project.reaches(lambda w: working(w, "b", "d") and w.workstream("d").attempt == 2)
    project.kill()
    damage(project.folder.store)
    project.up()
    return project, {run.id: run.pid for run in world.live_runs()}


DAMAGE = pytest.mark.parametrize(
    "restored", [header_and_log_lost, removed_without_its_log], indirect=True, ids=lambda d: d.__name__
)


@pytest.mark.fault(
    34, "under three agents: the database is zeroed and its log lost, or removed beside its log"
)
@DAMAGE
def test_nothing_starts_twice_and_a_person_is_told(
    restored: tuple[Project, dict[str, int | None]],
) -> None:
    project, pids = restored
    world = project.reaches(
        lambda w: w.workstream("a").state is _W.ACCEPTED and w.workstream("d").state is _W.RUNNING
    )
    assert {run.id: run.pid for run in world.live_runs()} == pids
    assert all(is_running(pid) for pid in pids.values() if pid)
    assert {id: world.workstream(id).state for id in "bd"} == {"b": _W.RUNNING, "d": _W.RUNNING}
    assert world.runs["d.1"].exit_code == 3
    assert world.gate("g").state is GateState.GO
    assert world.gate("g").decision is not None
    assert world.gate("g").decision.by.name == "ana"

    alert = world.alerts["record-restored/"]
    assert alert.state is AlertState.FIRING
    assert "restored from the backup" in alert.why
    (project.path / "go-b").touch()
    project.reaches(lambda w: w.workstream("b").state is _W.ACCEPTED and w.workstream("f").state is _W.READY)
    assert "locust-tui alert ack record-restored" in told(project, "why", "f")
    assert "record-restored is firing" in told(project, "status")
    assert "starts wait" in told(project, "doctor")
    assert "restored from the backup" in project.log()
    assert "f.1" not in project.world().runs

    project.ask(AcknowledgeAlert("record-restored", "ana"))
    (project.path / "go-d").touch()
    world = project.ends()
    assert {s.state for s in world.workstreams.values()} == {_W.ACCEPTED}
    assert {run.state for run in world.runs.values()} == {RunState.EXITED, RunState.FAILED}
    assert started(project) == dict.fromkeys(("a.1", "b.1", "d.1", "d.2", "f.1"), 1)
    project.assert_sound()


@pytest.mark.fault(34, "the database is removed while nobody is before a screen")
def test_a_person_is_told_by_the_ways_of_the_plan_too_and_once(project: Project) -> None:
    project.script("tell", '#!/bin/sh\ncat >> "$(dirname "$0")/told"\n')
    project.write(
        "project: P\nnotify: {operator: [{command: [./tell]}]}\nworkstreams:\n"
        f"  a: {{run: '{WAIT.format('a')}'}}\n"
    )
    project.up()
    project.reaches(lambda w: working(w, "a"))
    project.kill()
    project.folder.store.unlink()
    project.up()
    told = project.path / "told"
    until(lambda: told.exists() and "alert ack record-restored" in told.read_text(), what="the message")
    assert "store.db was missing" in told.read_text()
    project.reaches(lambda w: any(m.to == "operator" and m.delivered for m in w.messages.values()))
    project.kill()
    project.up()
    project.ask(AcknowledgeAlert("record-restored", "ana"))
    project.reaches(lambda w: w.alerts["record-restored/"].state is AlertState.RESOLVED)
    assert len(project.events(MessageSent)) == 1
    assert told.read_text().count("store.db was missing") == 1


def test_an_agent_of_work_that_nobody_knows_is_told_and_left_alone(project: Project) -> None:
    project.write(f"project: P\nworkstreams:\n  a: {{run: '{WAIT.format('a')}'}}\n")
    project.up()
    pid = project.reaches(lambda w: working(w, "a")).runs["a.1"].pid
    assert pid is not None
    project.kill()
    (project.folder.runs / "a.1").rename(project.folder.runs / "unheard-of.1")
    project.up()
    (said,) = until(
        lambda: [note for note in project.events(Noted) if note.subject == "unheard-of.1"],
        what="a note of it",
    )
    assert f"unheard-of.1 (pid {pid}) runs, and neither record nor plan know its work" in said.text
    assert is_running(pid)
