"""Another start of the machine, another pid namespace, a pid that is somebody else's by now: what is not proved to be ours is let be."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from confinement import Space, pid_namespace
from locust_tui.domain.events import GateDecided, RunEnded, WorkerStarted
from locust_tui.domain.states import GateState, RunState
from locust_tui.domain.world import World
from locust_tui.worker.supervisor import ORPHANED
from project import Project, until

REBOOTED = """
project: P
phases: {1: {name: One}, 2: {name: Two}}
resources: {max_agents: 6}
workstreams:
  early: {run: 'true', phase: 1}
  a: {run: exec sleep 60, phase: 1, retry: 1}
  b: {run: 'trap "echo got >> signals" TERM HUP; sleep 60', phase: 1}
  held: {run: exec sleep 60, phase: 1}
  later: {run: 'true', phase: 2, needs: early}
gates:
  g: {name: Good, closes: 1, approvers: [ana], criteria: [{name: fine, run: 'true'}]}
"""


def _boot_id(folder: Path, number: int) -> Path:
    file = folder / f"boot-{number}"
    file.write_text(f"{number:08d}-0000-4000-8000-000000000000\n")
    return file


def _alive(world: World) -> list[str]:
    return sorted(run.id for run in world.runs.values() if run.live and run.pid)


@pytest.mark.fault(
    12,
    "every process is gone at once, and what comes next has another boot id",
    modelled="a pid namespace stands for the machine",
)
def test_a_reboot_loses_what_ran_and_nothing_else(project: Project, tmp_path: Path) -> None:
    project.write(REBOOTED)
    with pid_namespace(_boot_id(tmp_path, 1)) as before:
        before.up(project)
        project.reaches(
            lambda w: _alive(w) == ["a.1", "b.1", "held.1"] and w.workstream("early").state == "accepted"
        )
        before.run(sys.executable, "-m", "locust_tui", "--plan", str(project.plan), "ws", "pause", "held")
        world = project.reaches(lambda w: w.runs["held.1"].state is RunState.PAUSED)
        gate = world.gate("g")
        before.end()
    with pid_namespace(_boot_id(tmp_path, 2)) as after:
        after.up(project)
        world = project.reaches(lambda w: "a.2" in w.runs and w.runs["a.2"].pid)
        for run in ("a.1", "b.1", "held.1"):
            (end,) = [e for e in project.events(RunEnded) if e.run == run]
            assert (end.state, end.exit_code, end.signal) == (RunState.LOST, None, None)
            assert end.reason == "the machine was restarted while this ran"
        assert project.states()["b"] == "failed"
        assert (world.gate("g").state, world.gate("g").decisions) == (gate.state, gate.decisions)
        assert world.gate("g").state in (GateState.NOT_DUE, GateState.READY)
        assert project.events(GateDecided) == []
        assert not (project.path / "signals").exists()
        boots = [e.boot_id[:8] for e in project.events(WorkerStarted)]
        assert boots == ["00000001", "00000002"]
        assert sum("sleep 60" in line for line in after.pids().values()) == 1
        project.assert_sound()


@pytest.mark.fault(
    13, "a worker in another pid namespace takes the folder over while agents run in the first one"
)
@pytest.mark.parametrize("orphaned", [False, True], ids=["supervised", "orphaned"])
def test_runs_of_another_pid_namespace_are_nobodys_to_signal(project: Project, orphaned: bool) -> None:
    project.write("project: P\nworkstreams:\n  a: {run: exec sleep 60, retry: 3}\n")
    with pid_namespace() as home, pid_namespace() as elsewhere:
        home.up(project)
        run = project.reaches(lambda w: _alive(w) == ["a.1"]).runs["a.1"]
        worker = next(pid for pid, line in home.pids().items() if "locust_tui.worker" in line)
        killed = [worker]
        if orphaned:
            killed += [pid for pid, line in home.pids().items() if "locust-shim" in line]
        home.kill(*killed)
        until(lambda: not {*killed} & home.pids().keys(), what="their ends")
        elsewhere.up(project)
        world = project.reaches(lambda w: w.runs["a.1"].state is RunState.UNKNOWN)
        assert "another pid namespace" in world.runs["a.1"].reason
        world = project.reaches(lambda w: w.workstream("a").state == "needs-input")
        stop = [sys.executable, "-m", "locust_tui", "--plan", str(project.plan), "down", "--stop-agents"]
        elsewhere.run(*stop, check=False)
        until(
            lambda: not any("locust_tui.worker" in line for line in elsewhere.pids().values()), what="its end"
        )
        assert home.pids()[run.pid or 0] == "sleep 60 "
        assert set(project.world().runs) == {"a.1"}
        home.up(project)
        world = project.reaches(lambda w: w.runs["a.1"].state is RunState.RUNNING)
        assert (world.runs["a.1"].pid, world.runs["a.1"].reason) == (run.pid, ORPHANED if orphaned else "")
        project.assert_sound()


def _verb(space: Space, project: Project, *words: str) -> tuple[int, str]:
    done = space.run(sys.executable, "-m", "locust_tui", *words, str(project.plan), check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.fault(13, "verbs are typed in another pid namespace while the worker runs")
def test_a_worker_of_another_pid_namespace_is_no_absent_one(project: Project) -> None:
    project.write("project: P\nworkstreams:\n  a: {run: exec sleep 60}\n")
    with pid_namespace() as home, pid_namespace() as elsewhere:
        home.up(project)
        project.reaches(lambda w: _alive(w) == ["a.1"])
        code, said = _verb(elsewhere, project, "status")
        assert "worker in another pid namespace, 1 agent" in said
        assert json.loads(_verb(elsewhere, project, "status", "--json")[1])["worker"] == {
            "running": True,
            "pid": None,
        }
        code, said = _verb(elsewhere, project, "down")
        assert code == 4
        assert "runs in another pid namespace" in said
        code, said = _verb(elsewhere, project, "up")
        assert code == 4
        assert "in another pid namespace and cannot be told from an agent" in said
        assert "runs in another pid namespace" in _verb(elsewhere, project, "doctor")[1]
        assert project.world().runs["a.1"].live
        assert len(project.events(WorkerStarted)) == 1


BYSTANDER = """
import os, signal, sys, time
signals = open(sys.argv[1], "a", buffering=1)
def note(number, frame): signals.write(f"{number}\\n")
open("/proc/sys/kernel/ns_last_pid", "w").write(str(int(sys.argv[2]) - 1))
if os.fork():
    os._exit(0)
os.setsid()
null = os.open(os.devnull, os.O_RDWR)
for fd in (0, 1, 2):
    os.dup2(null, fd)
for number in set(range(1, 32)) - {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD}:
    signal.signal(number, note)
os.fork()
os.fork()
with open(sys.argv[3], "a") as ready: ready.write(f"{os.getpid()}\\n")
while True: time.sleep(60)
"""


def _names(space: Space) -> set[str]:
    """What /proc lists inside: processes that wait to be reaped, whose pids nobody else can get, among them."""
    return set(space.run("ls", "/proc").stdout.split())


@pytest.mark.fault(
    11, "ns_last_pid gives an agent's and a supervisor's pids to a group of processes that are not ours"
)
@pytest.mark.parametrize("whose", ["agent", "supervisor"])
def test_a_pid_that_is_somebody_elses_by_now_gets_no_signal(
    project: Project, tmp_path: Path, whose: str
) -> None:
    project.write("project: P\nworkstreams:\n  a: {run: exec sleep 60}\n")
    if not Path("/proc/sys/kernel/ns_last_pid").exists():
        pytest.skip("needs a kernel that lets the next pid be chosen: /proc/sys/kernel/ns_last_pid")
    signals, ready, code = tmp_path / "signals", tmp_path / "ready", tmp_path / "bystander.py"
    code.write_text(BYSTANDER)
    with pid_namespace() as space:
        space.up(project)
        agent = project.reaches(lambda w: _alive(w) == ["a.1"]).runs["a.1"].pid or 0
        shim = int(space.run("cat", f"/proc/{agent}/stat").stdout.rpartition(")")[2].split()[1])
        assert "locust-shim" in space.pids()[shim]
        worker = next(pid for pid, line in space.pids().items() if "locust_tui.worker" in line)
        space.kill(worker, shim, agent)
        until(lambda: not {str(worker), str(shim), str(agent)} & _names(space), what="their ends")
        taken = agent if whose == "agent" else shim
        space.run(sys.executable, "-S", "-E", str(code), str(signals), str(taken), str(ready))
        until(lambda: ready.exists() and len(ready.read_text().split()) == 4, what="the bystanders")
        bystanders = {int(pid) for pid in ready.read_text().split()}
        assert taken in bystanders, "the pid was not taken over"
        space.up(project)
        project.reaches(lambda w: not w.runs["a.1"].live)
        tell = [sys.executable, "-m", "locust_tui", "--plan", str(project.plan)]
        space.run(*tell, "kill", "a.1", check=False)
        space.run(*tell, "down", "--stop-agents")
        assert bystanders <= space.pids().keys()
        assert not signals.exists() or signals.read_text() == ""
        (end,) = project.events(RunEnded)
        assert (end.state, end.exit_code) == (RunState.LOST, None)
        project.assert_sound()
