"""Faults of supervision under a real worker: whatever dies, hangs or is stopped, each run has one true end and the record says why."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from speaking import accepted, speaking, told

from confinement import control_group, enter, up_inside
from locust_tui.client.requests import Ping, StopRun
from locust_tui.domain.events import Noted, RunChanged, RunEnded
from locust_tui.domain.states import RunState
from locust_tui.domain.world import World
from locust_tui.execution import stopping
from locust_tui.state.folder import StateFolder
from locust_tui.worker import supervisor
from locust_tui.worker.runtime import Runtime
from locust_tui.worker.supervisor import ORPHANED
from project import Project, eventually, is_running, state_letter, until

QUICK_S = 5.0
"""No answer may take longer, on however busy a machine: nothing that blocks for a stop's bound goes unnoticed."""


def shim_of(agent: int) -> int:
    stat = Path(f"/proc/{agent}/stat").read_text()
    return int(stat.rpartition(")")[2].split()[1])


def agent_of(world: World, run: str) -> int:
    pid = world.runs[run].pid
    assert pid is not None
    return pid


def running(project: Project, runs: int = 1) -> World:
    return project.reaches(lambda w: len([r for r in w.runs.values() if r.pid]) == runs)


def ends_of(project: Project, run: str) -> list[RunEnded]:
    return [e for e in project.events(RunEnded) if e.run == run]


@pytest.mark.fault(4, "the supervisors of three of six runs are killed, with a worker and without one")
@pytest.mark.parametrize("watched", [True, False], ids=["worker up", "worker down"])
def test_agents_outlive_their_supervisors_and_no_end_is_invented(project: Project, watched: bool) -> None:
    work = "".join(
        f"  w{n}: {{run: 'until [ -e go ]; do sleep 0.05; done; echo done; exit {n}'}}\n" for n in range(6)
    )
    project.write(f"project: P\nworkstreams:\n{work}")
    project.up()
    world = running(project, 6)
    agents = {run.id: run.pid or 0 for run in world.runs.values()}
    if not watched:
        project.kill()
    killed = [f"w{n}.1" for n in range(3)]
    for run in killed:
        os.kill(shim_of(agents[run]), signal.SIGKILL)
    if not watched:
        project.up()
    world = project.reaches(lambda w: all(w.runs[run].reason == ORPHANED for run in killed))
    assert {run.id: run.pid for run in world.runs.values() if run.live} == agents
    (project.path / "go").touch()
    world = project.ends()
    for number in range(6):
        run = world.runs[f"w{number}.1"]
        assert project.output(run.id) == b"done\n"
        if run.id in killed:
            assert run.exit_code == number or (run.state, run.exit_code) == (RunState.LOST, None)
        else:
            assert run.exit_code == number
    assert set(Counter(e.run for e in project.events(RunEnded)).values()) == {1}
    project.assert_sound()


@pytest.mark.fault(5, "supervisor and agent are killed, in either order, with a worker and without one")
@pytest.mark.parametrize("watched", [True, False], ids=["worker up", "worker down"])
def test_supervisor_and_agent_killed_together_are_one_end(project: Project, watched: bool) -> None:
    project.write(
        "project: P\nworkstreams:\n"
        "  agent-first: {run: '[ -e again-a ] || { touch again-a; exec sleep 60; }', retry: 1}\n"
        "  supervisor-first: {run: '[ -e again-s ] || { touch again-s; exec sleep 60; }', retry: 1}\n"
    )
    project.up()
    until(lambda: (project.path / "again-a").exists() and (project.path / "again-s").exists())
    world = running(project, 2)
    if not watched:
        project.kill()
    for run, supervisor_first in (("agent-first.1", False), ("supervisor-first.1", True)):
        agent = agent_of(world, run)
        shim = shim_of(agent)
        os.kill(shim, signal.SIGSTOP)  # it sees nothing between the two
        for pid in (shim, agent) if supervisor_first else (agent, shim):
            os.kill(pid, signal.SIGKILL)
    project.up()
    world = project.ends()
    for run in ("agent-first.1", "supervisor-first.1"):
        (end,) = ends_of(project, run)
        assert end.exit_code is None
        assert (end.state, end.signal) in ((RunState.KILLED, signal.SIGKILL), (RunState.LOST, None))
        assert end.reason
    assert set(project.states().values()) == {"accepted"}, "the second attempt did the work"
    assert set(world.runs) == {f"{name}.{n}" for name in ("agent-first", "supervisor-first") for n in (1, 2)}
    project.assert_sound()


@pytest.mark.fault(6, "an agent takes more memory than its control group has, beside worker and supervisors")
def test_an_end_for_want_of_memory_says_so(project: Project) -> None:
    project.script("greedy", "#!/usr/bin/env python3\nkept = [bytearray(8 << 20) for _ in range(64)]\n")
    project.write(
        "project: P\nworkstreams:\n  modest: {run: exec sleep 60}\n"
        "  greedy: {run: 'until [ -e go ]; do sleep 0.05; done; exec ./greedy'}\n"
        "  shell: {run: 'until [ -e more ]; do sleep 0.05; done; ./greedy; exit'}\n"
    )
    with control_group("memory") as group:
        with suppress(OSError):  # where there is swap, it is none of the group's
            (group / "memory.swappiness").write_text("0")
        pid = up_inside(project, group)
        world = running(project, 3)
        assert state_letter(agent_of(world, "modest.1")) not in "ZX"
        (group / "memory.limit_in_bytes").write_text(str(220 << 20))
        (project.path / "go").touch()
        world = project.reaches(lambda w: not w.runs["greedy.1"].live)
        assert "oom_kill 1" in (group / "memory.oom_control").read_text()
        run = world.runs["greedy.1"]
        assert (run.state, run.signal) == (RunState.KILLED, signal.SIGKILL)
        said = "; out of memory: the kernel killed a process in its control group just then"
        assert run.reason == f"ended by signal 9{said}"
        (project.path / "more").touch()
        world = project.reaches(lambda w: not w.runs["shell.1"].live)
        assert world.runs["shell.1"].reason.startswith("exit code 137; out of memory: the kernel killed ")
        assert is_running(pid)
        assert world.runs["modest.1"].live
        assert is_running(shim_of(agent_of(world, "modest.1")))
        project.end()


@pytest.mark.fault(
    17, "an agent's process is frozen by its control group: no signal ends it before it is thawed"
)
async def test_an_agent_that_no_signal_ends_is_said_once_and_blocks_nobody(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "STOP_GRACE_S", 0.2)
    for module in (supervisor, stopping):
        monkeypatch.setattr(module, "KILL_BOUND_S", 2.0)
    project.folder.prepare()
    runtime, ready = Runtime(StateFolder(project.plan)), asyncio.Event()
    with control_group("freezer") as group:
        (group / "freezer.state").write_text("FROZEN")
        joins = f"echo $$ > {group}/cgroup.procs; exec sleep 60"  # before its time is over, on any machine
        project.write(
            f"project: P\nworkstreams:\n  held: {{run: '{joins}', timeout: 6s}}\n  other: {{run: exec sleep 60}}\n"
        )
        working = asyncio.create_task(runtime.run(ready.set))
        await ready.wait()
        await eventually(lambda: len([r for r in project.world().runs.values() if r.pid]) == 2)
        pid = agent_of(project.world(), "held.1")
        await eventually(lambda: state_letter(pid) == "D")
        slowest = 0.0
        while not project.events(Noted):
            began = time.monotonic()
            await asyncio.to_thread(project.ask, Ping())
            slowest = max(slowest, time.monotonic() - began)
        assert slowest < QUICK_S
        words = f"processes {pid} did not die within 2 s of SIGKILL; the kernel holds them"
        await eventually(lambda: project.world().runs["held.1"].reason.endswith(words))
        world = project.world()
        assert (world.runs["held.1"].live, world.runs["other.1"].live) == (True, True)
        assert world.runs["held.1"].reason == f"stopping: timed out after 6s; {words}"
        assert "held.1" in runtime._workshop.supervisor.stopping, (
            "its time limit would have it stopped again and again"
        )
        await asyncio.to_thread(project.ask, StopRun("held"))  # a person may try again
        await eventually(lambda: len(project.events(Noted)) == 2)
        assert state_letter(pid) == "D"
        (group / "freezer.state").write_text("THAWED")
        await eventually(lambda: not project.world().runs["held.1"].live)
        (end,) = ends_of(project, "held.1")
        assert end.state is RunState.KILLED
        assert [n.text for n in project.events(Noted)] == [f"held.1: {words}"] * 2
        await runtime._shut_down(stop_agents=True)
        assert await working == 0
    project.assert_sound()


@pytest.mark.fault(18, "two descendants keep the output open when the main process exits")
def test_what_an_agent_left_behind_is_on_record(project: Project) -> None:
    project.write(
        "project: P\nworkstreams:\n"
        "  a: {run: 'sleep 997 & (trap \"\" TERM; exec sleep 998) & until [ -e go ]; do sleep 0.05; done; exit 5'}\n"
    )
    project.up()
    running(project)
    until(lambda: len(project.agents()) >= 3)
    (project.path / "go").touch()
    world = project.reaches(lambda w: not w.runs["a.1"].live)
    (end,) = ends_of(project, "a.1")
    assert end.exit_code == 5
    assert world.runs["a.1"].leftovers == end.leftovers
    assert len(end.leftovers) == 2
    assert {name.split(" (")[0] for name in end.leftovers} <= {"sleep", "sh"}
    left = [int(name.rpartition(" ")[2].rstrip(")")) for name in end.leftovers]
    until(lambda: not any(is_running(pid) for pid in left), what="their ends")
    assert project.agents() == []


@pytest.mark.fault(21, "an agent gets SIGSTOP, and SIGCONT later")
def test_an_agent_that_others_stopped_is_shown_until_it_goes_on(project: Project) -> None:
    (project.path / "quiet").write_text("exec sleep 60\n")
    project.write(
        "project: P\nworkstreams:\n  a: {run: exec sleep 60}\n  b: {agent: quiet, instructions: x}\n"
        "agents: {quiet: {command: sh quiet, stall: 1h}}\n"
    )
    project.up()
    world = running(project, 2)
    for run in ("a.1", "b.1"):
        pid = agent_of(world, run)
        os.kill(pid, signal.SIGSTOP)
        until(lambda pid=pid: state_letter(pid) == "T")
    world = project.reaches(lambda w: all(r.state is RunState.STALLED for r in w.runs.values()))
    pid = agent_of(world, "a.1")
    assert world.runs["a.1"].reason == f"its process was stopped by a signal: kill -CONT {pid} lets it go on"
    assert world.runs["a.1"].source == "process"
    for run in ("a.1", "b.1"):
        os.kill(agent_of(world, run), signal.SIGCONT)
    world = project.reaches(lambda w: all(r.state is RunState.RUNNING for r in w.runs.values()))
    assert {r.reason for r in world.runs.values()} == {""}
    assert len(project.events(RunChanged)) == 4


@pytest.mark.fault(21, "a supervisor gets SIGSTOP while its agent ends, and SIGCONT later")
def test_a_stopped_supervisor_is_shown_and_tells_the_end_when_it_goes_on(project: Project) -> None:
    project.write("project: P\nworkstreams:\n  a: {run: 'until [ -e go ]; do sleep 0.05; done; exit 3'}\n")
    project.up()
    shim = shim_of(agent_of(running(project), "a.1"))
    os.kill(shim, signal.SIGSTOP)
    until(lambda: state_letter(shim) == "T")
    (project.path / "go").touch()
    why = f"its supervisor process was stopped by a signal: kill -CONT {shim} lets it go on"
    project.reaches(lambda w: w.runs["a.1"].reason == why)
    assert ends_of(project, "a.1") == []
    os.kill(shim, signal.SIGCONT)
    project.reaches(lambda w: not w.runs["a.1"].live)
    assert [e.exit_code for e in ends_of(project, "a.1")] == [3]


def test_a_run_that_is_paused_or_stopped_by_us_is_nobodys_elses_doing(project: Project) -> None:
    from locust_tui.client.requests import WorkstreamAction

    project.write("project: P\nworkstreams:\n  a: {run: exec sleep 60}\n  b: {run: 'sleep 2.5'}\n")
    project.up()
    running(project, 2)
    project.steer("a", WorkstreamAction.PAUSE)
    project.reaches(lambda w: not w.runs["b.1"].live)
    assert [e.state for e in project.events(RunChanged)] == [RunState.PAUSED]
    project.ask(StopRun("a"))
    project.reaches(lambda w: not w.runs["a.1"].live)


@pytest.mark.fault(21, "the worker gets SIGSTOP while agents end, and SIGCONT later")
def test_a_worker_that_goes_on_makes_up_for_what_it_missed_once(project: Project) -> None:
    work = "".join(f"  w{n}: {{run: 'until [ -e go ]; do sleep 0.05; done; exit {n}'}}\n" for n in range(4))
    project.write(f"project: P\nworkstreams:\n{work}  late: {{run: 'true', needs: w0}}\n")
    pid = project.up()
    running(project, 4)
    os.kill(pid, signal.SIGSTOP)
    until(lambda: state_letter(pid) == "T")
    (project.path / "go").touch()
    for number in range(4):
        until((project.folder.runs / f"w{number}.1" / "exit.json").exists)
    assert project.events(RunEnded) == []
    os.kill(pid, signal.SIGCONT)
    world = project.ends()
    assert {e.run: e.exit_code for e in project.events(RunEnded)} == {
        "late.1": 0,
        **{f"w{n}.1": n for n in range(4)},
    }
    assert all(run.attempt == 1 for run in world.runs.values())
    project.assert_sound()


@pytest.mark.fault(21, "an agent that speaks a protocol gets SIGSTOP, and SIGCONT later")
def test_an_agent_that_speaks_and_was_stopped_is_shown_too(project: Project) -> None:
    speaking(project, {"a": "@wait go"})
    project.up()
    until(lambda: told(project, "a.1"), what="a word that reached it")
    pid = agent_of(running(project), "a.1")
    os.kill(pid, signal.SIGSTOP)
    world = project.reaches(lambda w: w.runs["a.1"].state is RunState.STALLED)
    run = world.runs["a.1"]
    assert (run.source, run.reason) == (
        "process",
        f"its process was stopped by a signal: kill -CONT {pid} lets it go on",
    )
    os.kill(pid, signal.SIGCONT)
    project.reaches(lambda w: w.runs["a.1"].state is RunState.RUNNING)
    (project.path / "go").touch()
    accepted(project, "a")


@pytest.mark.soak
@pytest.mark.fault(17, "the same under a worker that is told to stop its agents and end")
def test_the_worker_ends_in_time_and_says_which_agent_did_not(project: Project) -> None:
    project.write("project: P\nworkstreams:\n  held: {run: exec sleep 60}\n  other: {run: exec sleep 60}\n")
    down = [sys.executable, "-m", "locust_tui", "--plan", str(project.plan), "down", "--stop-agents"]
    with control_group("freezer") as group:
        pid = project.up()
        held = agent_of(running(project, 2), "held.1")
        enter(group, held)
        (group / "freezer.state").write_text("FROZEN")
        until(lambda: state_letter(held) == "D")
        began = time.monotonic()
        said = subprocess.run(down, capture_output=True, text=True, check=False)
        assert time.monotonic() - began < 40
        assert (said.returncode, is_running(pid)) == (1, False)
        assert said.stderr.startswith(f"error: worker {pid} stopped, but 1 agent does not end")
        assert not project.world().runs["other.1"].live
        project.up()
        (group / "freezer.state").write_text("THAWED")
        world = project.reaches(lambda w: not w.runs["held.1"].live)
        assert world.runs["held.1"].reason.startswith("stopped with the worker")
        project.assert_sound()
