"""A machine with no descriptors, processes or memory left: the worker answers, floods no log, and goes on once there is more."""

from __future__ import annotations

import asyncio
import os
import resource
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from confinement import control_group, up_inside
from locust_tui.client.connection import Connection
from locust_tui.client.requests import Ping, WorkstreamAction
from locust_tui.client.wire import MAX_LINE
from locust_tui.domain.events import Noted, RunCreated
from locust_tui.domain.states import WAITS_TO_START, RunState
from locust_tui.worker.service import MAX_CONNECTIONS
from locust_tui.worker.threads import begin_threads
from project import Project, eventually, until

ONE = "project: T\nworkstreams:\n  a: {run: 'while [ ! -e go ]; do sleep 0.05; done'}\n"
TWO = f"{ONE}  b: {{run: echo b ran}}\n"
CALLERS = 20


def told(project: Project) -> list[str]:
    return [note.text for note in project.events(Noted) if "nothing is started" in note.text]


@contextmanager
def limited(pid: int, kind: int, soft: int) -> Iterator[None]:
    """The soft limit of another process, for a while."""
    before = resource.prlimit(pid, kind)
    resource.prlimit(pid, kind, (soft, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, kind, before)


def answers_in_time(connection: Connection) -> None:
    began = time.monotonic()
    connection.ask(Ping())
    assert time.monotonic() - began < 20


def descriptors_of(pid: int) -> set[int]:
    """Those that stay: not what is opened and closed while we look."""
    looks = [{int(name) for name in os.listdir(f"/proc/{pid}/fd")} for _ in range(100)]
    return set.intersection(*looks)


def caller(project: Project, stack: ExitStack) -> socket.socket:
    connection = stack.enter_context(socket.socket(socket.AF_UNIX))
    connection.settimeout(30)
    connection.connect(str(project.folder.socket))
    return connection


@pytest.mark.fault(
    41, "a running worker gets a limit that leaves it no descriptor, then four; 20 callers come each time"
)
def test_without_descriptors_callers_wait_or_are_turned_away_and_starts_wait(project: Project) -> None:
    project.write(ONE)
    pid = project.up()
    project.reaches(lambda w: w.runs.get("a.1") and w.runs["a.1"].pid)
    with ExitStack() as stack, Connection(project.folder.socket) as known:
        known.ask(Ping())
        used = descriptors_of(pid)
        lines = project.folder.worker_log.read_text().count("\n")
        began = time.monotonic()
        with limited(pid, resource.RLIMIT_NOFILE, min(set(range(1000)) - used)):
            waiting = [caller(project, stack) for _ in range(CALLERS)]
            until(lambda: "callers wait: Too many open files" in project.log(), what="a word in the log")
            until(lambda: told(project), what="a word in the record")
            answers_in_time(known)
        with limited(pid, resource.RLIMIT_NOFILE, max(used) + 5):
            refused = caller(project, stack)
            assert b"no file descriptors left" in refused.recv(4096)
            project.write(TWO)
            project.reaches(lambda w: w.workstream("b").state == "ready")
            answers_in_time(known)
            assert set(project.world().runs) == {"a.1"}
        seconds = time.monotonic() - began
        assert project.folder.worker_log.read_text().count("\n") - lines < 20 + 5 * seconds
        assert len(waiting) == CALLERS
    world = project.reaches(lambda w: w.workstream("b").state == "accepted")
    assert [e.run for e in project.events(RunCreated)] == ["a.1", "b.1"]
    assert world.runs["b.1"].exit_code == 0
    assert "file descriptors" in told(project)[0]
    project.ask(Ping())
    project.assert_sound()


@pytest.mark.fault(
    42, "a running worker gets 16 MiB besides the memory it has; callers send 1 MB each until it has none"
)
def test_without_memory_requests_fail_and_not_the_worker(project: Project) -> None:
    project.write(ONE)
    pid = project.up()
    project.reaches(lambda w: w.runs.get("a.1") and w.runs["a.1"].pid)
    status = Path(f"/proc/{pid}/status").read_text()
    size = int(status.partition("VmData:")[2].split()[0]) << 10
    with ExitStack() as stack, Connection(project.folder.socket) as known:
        known.ask(Ping())
        with limited(pid, resource.RLIMIT_DATA, size + (16 << 20)):
            for _ in range(MAX_CONNECTIONS // 2):
                with suppress(ConnectionError):
                    caller(project, stack).sendall(b"x" * (MAX_LINE - 1))
                if "MemoryError" in project.log():
                    break
            until(lambda: "MemoryError" in project.log(), what="a lack of memory")
            project.write(TWO)
        answers_in_time(known)
    project.reaches(lambda w: w.workstream("b").state == "accepted")
    assert project.pid() == pid
    assert project.world().runs["a.1"].live
    project.assert_sound()


STORM = """
import os, time
while not os.path.exists("storm"):
    time.sleep(0.02)
while True:
    try:
        if os.fork() == 0:
            time.sleep(600)
            os._exit(0)
    except OSError:
        open("full", "w").close()
        time.sleep(0.02)
"""

PATIENT = """
import os, time
while not os.path.exists("go"):
    time.sleep(0.02)
"""


@pytest.mark.fault(16, "an agent forks until its control group of 60 processes, the worker's too, is full")
def test_a_fork_storm_leaves_the_worker_answering_and_work_unblamed(project: Project) -> None:
    with control_group("pids") as group:
        project.path.joinpath("storm.py").write_text(STORM)
        project.path.joinpath("patient.py").write_text(PATIENT)
        python = f"{sys.executable}, -S, -E"
        project.write(
            f"project: T\nworkstreams:\n  a: {{run: [{python}, storm.py]}}\n"
            f"  c: {{run: [{python}, patient.py], accept: [{{name: fine, run: [/bin/true]}}]}}\n"
        )
        (group / "pids.max").write_text("60")
        up_inside(project, group)
        project.reaches(lambda w: len([r for r in w.runs.values() if r.pid]) == 2)
        (project.path / "storm").touch()
        until((project.path / "full").exists, what="a full group")
        text = project.plan.read_text()
        project.write(f"{text}  b: {{run: [/bin/echo, b ran]}}\n")
        world = project.reaches(lambda w: "b.1" in w.runs and w.runs["b.1"].reason)
        waiting = world.runs["b.1"]
        assert waiting.reason == f"{WAITS_TO_START}no more processes can be made"
        assert waiting.state is RunState.STARTING
        until(lambda: int((group / "pids.current").read_text()) >= 59, what="a full group")
        with Connection(project.folder.socket) as known:
            answers_in_time(known)
            (group / "pids.max").write_text("50")  # what the end of c frees is no room for a check
            (project.path / "go").touch()
            until(lambda: "fine waits: no more" in project.log(), what="a check that waits")
            assert project.world().workstream("c").state == "review"
            answers_in_time(known)
        project.steer("a", WorkstreamAction.CANCEL)
        world = project.reaches(lambda w: w.workstream("b").state == w.workstream("c").state == "accepted")
        assert set(world.runs) == {"a.1", "b.1", "c.1"}
        assert told(project) == ["nothing is started for now: no more processes can be made"]
        project.assert_sound()
        project.end()


@pytest.mark.fault(
    16, "a worker comes up where no more threads can be made", modelled="starting the third fails as then"
)
async def test_threads_that_cannot_be_had_keep_no_process_from_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun: list[threading.Thread] = []
    start = threading.Thread.start

    def starting(thread: threading.Thread) -> None:
        if len(begun) == 2:
            raise RuntimeError("can't start new thread")
        start(thread)
        begun.append(thread)

    monkeypatch.setattr(threading.Thread, "start", starting)
    with pytest.raises(RuntimeError, match="can't start new thread"):
        begin_threads(asyncio.get_running_loop())
    await eventually(lambda: not [thread for thread in begun if thread.is_alive()], 10)
