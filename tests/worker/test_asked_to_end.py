"""Who asks the worker to end: agents live on, the next worker has them, and the record names the sender."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from confinement import Space, pid_namespace
from locust_tui.domain.events import WorkerStopped
from locust_tui.worker.ending_signals import Asked
from locust_tui.worker.supervisor import ORPHANED
from project import Project, is_running, until


@pytest.mark.fault(3, "an agent sends TERM, HUP or INT to the worker")
@pytest.mark.parametrize("name", ["TERM", "HUP", "INT"])
def test_an_agent_that_ends_the_worker_is_named(project: Project, name: str) -> None:
    project.write(
        "project: One\nworkstreams:\n  bystander: {run: exec sleep 60}\n"
        "  killer: {run: 'until [ -e go ]; do sleep 0.02; done; read pid < lock;"
        f" kill -{name} $pid; sleep 60'}}\n"
    )
    pid = project.up()
    world = project.reaches(lambda w: len([r for r in w.runs.values() if r.pid]) == 2)
    (project.path / "lock").write_text(f"{pid}\n")
    (project.path / "go").touch()
    until(lambda: not is_running(pid), what="the worker's end")
    sender = world.runs["killer.1"].pid
    assert project.events(WorkerStopped) == [
        WorkerStopped(f"signal SIG{name} from pid {sender} (sh) of run killer.1")
    ]
    assert all(is_running(run.pid or 0) for run in world.runs.values())
    project.up()
    assert {r.id: r.pid for r in project.world().runs.values() if r.live} == {
        r.id: r.pid for r in world.runs.values()
    }
    project.assert_sound()


KILLER = "#!/bin/sh\nuntil [ -e go ]; do sleep 0.02; done\n%s\nexec sleep 60\n"


def _asked_by_name(project: Project, space: Space, command: str) -> None:
    """A worker with two agents, of which one carries out `command`, in a world of their own."""
    project.script("killer", KILLER % command)
    project.write(
        "project: One\nworkstreams:\n  bystander: {run: exec sleep 60}\n  killer: {run: [./killer]}\n"
    )
    space.up(project)
    project.reaches(lambda w: len([r for r in w.runs.values() if r.pid]) == 2)


def _sleepers(space: Space) -> int:
    return sum("sleep 60" in line for line in space.pids().values())


def _no_worker(space: Space) -> bool:
    return not any("locust_tui.worker" in line for line in space.pids().values())


@pytest.mark.fault(3, "an agent carries out pkill -f locust, which means every process of ours")
def test_an_agent_that_asks_everything_of_ours_to_end(project: Project) -> None:
    with pid_namespace() as space:
        _asked_by_name(project, space, "pkill -f locust")
        before = project.world()
        (project.path / "go").touch()
        until(lambda: _no_worker(space), what="the worker's end")
        (stopped,) = project.events(WorkerStopped)
        assert stopped.reason.startswith("signal SIGTERM from pid ")
        assert stopped.reason.endswith(("of run killer.1", "which ended at once"))
        left = space.pids()
        for run in before.runs.values():
            assert run.pid in left, run.id
        assert "started" in space.up(project)
        again = project.world()
        assert {r.id: (r.pid, r.reason) for r in again.runs.values() if r.live} == {
            r.id: (r.pid, "") for r in before.runs.values()
        }
        project.assert_sound()


@pytest.mark.fault(3, "an agent carries out pkill -9 -f locust, which kills worker and supervisors at once")
@pytest.mark.fault(4, "an agent carries out pkill -9 -f locust, which kills worker and supervisors at once")
def test_an_agent_that_kills_everything_of_ours(project: Project) -> None:
    with pid_namespace() as space:
        _asked_by_name(project, space, "pkill -9 -f locust")
        before = project.world()
        (project.path / "go").touch()
        until(lambda: _no_worker(space), what="the worker's end")
        space.up(project)
        again = project.reaches(lambda w: all(run.reason == ORPHANED for run in w.runs.values()))
        until(lambda: _sleepers(space) >= 2, what="what the agent does after its attack")
        left = space.pids()
        for run in before.runs.values():
            assert run.pid in left, run.id
            now = again.runs[run.id]
            assert (now.live, now.pid, now.reason) == (
                True,
                run.pid,
                ORPHANED,
            )
        assert _sleepers(space) == 2, "an agent was started twice"
        project.assert_sound()


def test_a_sender_that_is_gone_or_unseen_is_not_invented() -> None:
    assert Asked("SIGTERM").words({}) == "signal SIGTERM"
    assert Asked("SIGTERM", 12).words({12: "a.1"}) == "signal SIGTERM from pid 12, which ended at once"
    assert Asked("SIGTERM", 0).words({}) == "signal SIGTERM from another pid namespace"
    assert Asked("SIGHUP", by_kernel=True).words({}) == "signal SIGHUP from the kernel"
    asked = Asked("SIGTERM", 12, "pkill", (12, 8, 5, 1))
    assert asked.words({5: "a.1"}) == "signal SIGTERM from pid 12 (pkill) of run a.1"
    assert asked.words({8: "hook:daily"}) == "signal SIGTERM from pid 12 (pkill) of hook:daily"
    assert asked.words({8: ""}) == "signal SIGTERM from pid 12 (pkill) of this worker"
    assert asked.words({}) == "signal SIGTERM from pid 12 (pkill)"


def test_what_the_worker_starts_can_be_ended_as_ever(project: Project) -> None:
    """The worker waits for signals in a way of its own; its hooks have the usual ones."""
    seen = project.path / "mask"
    project.write(
        "project: One\nworkstreams:\n  a: {run: 'grep SigBlk /proc/self/status > agent; exec sleep 60'}\n"
        f"hooks: {{look: {{event: run.started, shell: true, do: 'grep SigBlk /proc/self/status > {seen}'}}}}\n"
    )
    project.up()
    for file in (seen, project.path / "agent"):
        until(lambda file=file: file.exists() and file.read_text().split(), what=file.name)
        assert int(file.read_text().split()[1], 16) == 0


def _waits(pid: int) -> bool:
    """Whether its main thread waits for TERM: it holds it back from before it has a handler until then."""
    status = Path(f"/proc/{pid}/status").read_text()
    blocked, handled = (int(status.partition(f"{name}:")[2].split()[0], 16) for name in ("SigBlk", "SigCgt"))
    term = 1 << (signal.SIGTERM - 1)
    return bool(handled & term and not blocked & term)


def test_a_signal_at_any_moment_of_the_start_ends_the_worker(project: Project) -> None:
    """Not only once it listens: it takes up what there is, and ends in order."""
    project.write("project: One\nworkstreams:\n  a: {run: exec sleep 60}\n")
    project.folder.prepare()
    import sys

    command = [
        sys.executable,
        "-P",
        "-m",
        "locust_tui.worker",
        "--plan",
        str(project.plan),
        "--state-dir",
        str(project.folder.root),
    ]
    worker = subprocess.Popen(command, cwd="/", stdin=subprocess.DEVNULL)
    try:
        until(
            lambda: project.folder.lock.exists() and project.folder.lock.read_text().strip(), what="its lock"
        )
        until(lambda: _waits(worker.pid), what="its waiting for signals")
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(60) == 0
    finally:
        worker.kill()
        worker.wait()
    (stopped,) = project.events(WorkerStopped)
    # While threads begin, the kernel may hand the signal to one of them, and that one is not told the sender.
    seen = f"signal SIGTERM from pid {os.getpid()} ("
    assert stopped.reason == "signal SIGTERM" or stopped.reason.startswith(seen)
