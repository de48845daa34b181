"""One worker per plan, whoever starts it, however often, and whatever happened to the one before."""

from __future__ import annotations

import fcntl
import json
import os
import resource
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from locust_tui.client import launch
from locust_tui.client.launch import ensure_worker, find_worker
from locust_tui.client.requests import KeepAlive, Ping, Shutdown
from locust_tui.domain.events import WorkerStarted, WorkerStopped
from locust_tui.errors import UnreachableError
from project import Project, is_running, until

PLAN = "project: One\nworkstreams:\n  a: {run: 'true'}\n"
LASTING = "project: One\nworkstreams:\n  a: {run: exec sleep 60}\n"


@pytest.mark.fault(9, "twenty callers start the worker at once")
def test_twenty_starts_at_once_give_one_worker(project: Project) -> None:
    project.write(LASTING)

    def start(_: int) -> int:
        with ensure_worker(project.folder) as connection:
            return int(connection.ask(Ping()).data["pid"])

    with ThreadPoolExecutor(20) as callers:
        pids = set(callers.map(start, range(20)))
    assert pids == {project.pid()}
    assert len(project.events(WorkerStarted)) == 1


def test_a_holder_that_ends_while_a_start_waits_for_it_is_followed(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(LASTING)
    project.folder.prepare()
    holder = os.open(project.folder.lock, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(holder, fcntl.LOCK_EX)
    heard, words = launch._read_word, list[bytes]()

    def heard_then_free(fd: int, deadline: float) -> bytes:
        words.append(heard(fd, deadline))
        fcntl.flock(holder, fcntl.LOCK_UN)
        return words[-1]

    monkeypatch.setattr(launch, "_read_word", heard_then_free)
    connection, started = launch.reach_worker(project.folder)
    with connection:
        assert connection.ask(Ping()).data["pid"] == project.pid()
    assert started
    assert [list(json.loads(word)) for word in words] == [["already"], ["pid"]]
    os.close(holder)


@pytest.mark.fault(9, "`up` is typed eight times at once")
def test_of_many_who_type_up_at_once_one_started_it_and_all_say_which(project: Project) -> None:
    project.write(LASTING)
    command = [sys.executable, "-m", "locust_tui", "up", "--json"]
    typed = [
        subprocess.Popen(command, cwd=project.path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(8)
    ]
    said = [(*one.communicate(timeout=60), one.returncode) for one in typed]
    assert {code for _, _, code in said} == {0}, said
    told = [json.loads(output) for output, _, _ in said]
    assert {one["pid"] for one in told} == {project.pid()}
    assert [one["started"] for one in told].count(True) == 1
    assert len(project.events(WorkerStarted)) == 1


@pytest.mark.fault(55, "a socket left behind by a killed worker")
def test_a_socket_left_by_a_killed_worker_is_replaced(project: Project) -> None:
    project.write(LASTING)
    project.up()
    old = project.kill()
    assert project.folder.socket.exists()
    assert find_worker(project.folder) is None
    assert project.up() != old
    assert project.ask(Ping()).data["pid"] == project.pid()


@pytest.mark.fault(55, "the socket is deleted, and replaced by a file, a link, another socket")
def test_a_deleted_socket_comes_back(project: Project) -> None:
    project.write(LASTING)
    pid = project.up()
    project.folder.socket.unlink()

    def answers() -> int | None:
        with suppress(UnreachableError):  # it is there a moment before somebody listens
            return int(project.ask(Ping()).data["pid"])
        return None

    assert until(answers, what="a socket") == pid


def test_terminate_ends_the_worker_and_no_agent(project: Project) -> None:
    project.write(LASTING)
    pid = project.up()
    world = project.reaches(lambda w: w.runs and w.runs["a.1"].pid)
    os.kill(pid, signal.SIGTERM)
    until(lambda: not is_running(pid), what="its end")
    agent = world.runs["a.1"].pid
    assert agent is not None
    assert is_running(agent)
    (stopped,) = project.events(WorkerStopped)
    assert stopped.reason.startswith(f"signal SIGTERM from pid {os.getpid()} (")
    project.up()
    assert project.world().runs["a.1"].pid == agent
    assert is_running(agent)
    project.assert_sound()


@pytest.mark.fault(3, "an agent finds the worker by pkill -f and ends it")
def test_an_agent_that_kills_every_worker_kills_no_agent(project: Project) -> None:
    project.write(
        "project: One\nworkstreams:\n  bystander: {run: exec sleep 60}\n"
        "  killer: {run: 'until [ -e go ]; do sleep 0.05; done;"
        ' pkill -f "locust_tui.worker.*$LOCUST_TUI_STATE_DIR"; exec sleep 60\'}\n'
    )
    pid = project.up()
    world = project.reaches(lambda w: len([r for r in w.runs.values() if r.pid]) == 2)
    (project.path / "go").touch()
    until(lambda: not is_running(pid), what="the worker's end")
    project.up()
    again = project.reaches(lambda w: w.project.worker_pid == project.pid())
    for run in ("bystander.1", "killer.1"):
        assert again.runs[run].live
        assert again.runs[run].pid == world.runs[run].pid
    project.assert_sound()


@pytest.mark.fault(14, "agents deaf to TERM with children in sessions of their own, stopped by the worker")
def test_shutdown_with_agents_ends_every_process_and_starts_none(project: Project) -> None:
    lines = [f"  w{n}: {{run: 'trap \"\" TERM; (setsid sleep 60 &) ; sleep 60'}}" for n in range(4)]
    project.write("\n".join(["project: One", "resources: {max_agents: 2}", "workstreams:", *lines]) + "\n")
    pid = project.up()
    project.reaches(lambda w: sum(r.pid is not None for r in w.runs.values()) == 2)
    project.ask(Shutdown(stop_agents=True))
    until(lambda: not is_running(pid), what="its end")
    assert project.agents() == []
    assert set(project.world().runs) == {"w0.1", "w1.1"}
    assert all(r.reason == "stopped with the worker" for r in project.world().runs.values())
    project.assert_sound()


def test_work_stopped_with_the_worker_starts_again_with_the_next(project: Project) -> None:
    project.write(LASTING)
    project.up()
    project.reaches(lambda w: w.runs and w.runs["a.1"].pid)
    project.ask(Shutdown(stop_agents=True))
    until(lambda: not is_running(project.pid()), what="its end")
    project.up()
    project.reaches(lambda w: "a.2" in w.runs and w.runs["a.2"].pid)
    assert project.states() == {"a": "running"}


def test_a_worker_that_nothing_needs_ends_and_one_that_is_kept_does_not(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCUST_TUI_IDLE_EXIT", "0.3")
    project.write(PLAN)
    pid = project.up()
    until(lambda: not is_running(pid), what="its end")
    assert project.states() == {"a": "accepted"}
    assert project.events(WorkerStopped) == [WorkerStopped("nothing to do for 0.3 s")]
    assert not project.folder.socket.exists()
    project.write(
        PLAN + "  b: {run: 'until [ -e go ]; do sleep 0.05; done'}\n"
    )  # which keeps it until it is asked
    kept = project.up()
    project.ask(KeepAlive())
    (project.path / "go").touch()
    project.reaches(lambda w: w.workstream("b").state == "accepted")
    with pytest.raises(AssertionError):
        until(lambda: not is_running(kept), 1.5)


def test_a_worker_does_not_end_under_running_work(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCUST_TUI_IDLE_EXIT", "0.2")
    project.write("project: One\nworkstreams:\n  a: {run: sleep 1.2}\n")
    pid = project.up()
    project.reaches(lambda w: w.workstream("a").state == "accepted")
    until(lambda: not is_running(pid), what="its end")
    assert len(project.events(WorkerStarted)) == 1


def test_agents_get_the_users_umask_and_file_limit_not_the_workers(project: Project) -> None:
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    mine = os.umask(0o027)
    try:
        project.write("project: One\nworkstreams:\n  a: {run: 'umask; ulimit -n'}\n")
        project.up()
        project.reaches(lambda w: w.runs and w.runs["a.1"].ended)
    finally:
        os.umask(mine)
    assert (project.folder.runs / "a.1" / "log").read_text().split() == ["0027", str(soft)]
