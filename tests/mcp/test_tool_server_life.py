"""When the tool server is there: with the first run that can use it, always the same one, and not a moment too long."""

from __future__ import annotations

import json
import os
import signal
import socket

import served
from served import Client

from locust_tui.client.requests import Shutdown, WorkstreamAction
from locust_tui.domain.events import RunStarted
from project import Project, is_running, until


def client(project: Project, run: str = "api.1") -> Client:
    return Client(served.port(project), served.token(project, run))


def test_a_plan_of_shell_agents_has_none(project: Project) -> None:
    served.up(project, served.SHELL_ONLY)
    project.reaches(lambda world: any(run.pid for run in world.runs.values()))
    assert served.servers(project) == []
    assert not (project.folder.root / "tools.json").exists()


def test_one_serves_all_runs_and_only_those_that_use_it_wait_for_it(project: Project) -> None:
    served.up(project)
    project.reaches(lambda world: all(run.pid for run in world.runs.values()))
    started = {e.body.run: e.at for e in project.all_events() if isinstance(e.body, RunStarted)}
    assert set(started) == {"api.1", "web.1", "sh.1"}
    assert started["sh.1"] < min(started["api.1"], started["web.1"])
    assert client(project).call("report_progress", percent=1).error is False
    assert client(project, "web.1").call("report_progress", percent=2).error is False
    assert len(served.servers(project)) == 1
    world = project.world()
    assert (world.workstream("api").reported, world.workstream("web").reported) == (1.0, 2.0)


def test_a_killed_server_is_back_on_its_port(project: Project) -> None:
    served.up(project)
    client(project).open()
    known = served.port(project)
    for _ in range(2):
        (pid,) = served.servers(project)
        os.kill(pid, signal.SIGKILL)
        until(lambda pid=pid: not is_running(pid), what="its death")  # type: ignore[misc]
        told = client(project).call("report_progress", percent=7)
        assert not told.error
        assert served.port(project) == known
        assert len(served.servers(project)) == 1
    assert "the tool server for agents is gone; it is started again" in project.log()


def test_it_outlives_a_killed_worker_and_is_known_to_the_next(project: Project) -> None:
    served.up(project)
    first = client(project).open()
    pids = served.servers(project)
    project.kill()
    assert served.servers(project) == pids
    project.up()
    assert not first.call("report_progress", percent=9).error, "the session of before goes on"
    assert served.servers(project) == pids


def test_a_server_that_died_with_its_worker_is_back_on_the_port_that_agents_know(project: Project) -> None:
    served.up(project)
    client(project).open()
    known = served.port(project)
    project.kill()
    (pid,) = served.servers(project)
    os.kill(pid, signal.SIGKILL)
    until(lambda: not is_running(pid), what="its death")
    project.up()
    until(lambda: served.servers(project), what="the next one")
    assert served.port(project) == known
    assert not client(project).call("report_progress", percent=11).error


def taken(port: int) -> socket.socket | None:
    """A server there; None while a passing connection of somebody else holds it."""
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError:
        return None


def test_where_somebody_took_the_port_new_runs_are_given_another_in_words(project: Project) -> None:
    served.up(project)
    known = served.port(project)
    project.kill()
    (pid,) = served.servers(project)
    os.kill(pid, signal.SIGKILL)
    until(lambda: not is_running(pid), what="its death")
    with until(lambda: taken(known), what="the port's being free"):
        project.up()
        until(lambda: served.port(project) != known, what="another port")
        assert not client(project).call("report_progress", percent=12).error
        said = f"port {known} of the tool server is taken"
        assert said in project.log()
        assert f"new runs are given port {served.port(project)}" in project.log()
        assert len(served.servers(project)) == 1


def test_it_ends_with_a_worker_that_leaves_nothing_behind(project: Project) -> None:
    served.up(project)
    client(project).open()
    project.ask(Shutdown(stop_agents=True))
    until(lambda: not served.servers(project), what="its end")
    assert not (project.folder.root / "tools.json").exists()


def test_a_plan_that_begins_anew_at_once_has_one_of_its_own(project: Project) -> None:
    served.up(project)
    client(project).open()
    (old,) = served.servers(project)
    pid = project.pid()
    os.kill(old, signal.SIGSTOP)
    try:
        project.ask(Shutdown(stop_agents=True))
        until(lambda: not is_running(pid), what="the worker's end")
        project.up()
        world = project.reaches(lambda world: "sh.2" in world.runs and world.runs["sh.2"].pid)
        assert world.runs["api.2"].pid is None, "its tools are not there yet"
        assert is_running(old)
    finally:
        os.kill(old, signal.SIGCONT)
    token = served.token(project, "api.2")
    assert not Client(served.port(project), token).call("report_progress", percent=15).error
    until(lambda: old not in served.servers(project), what="the end of the old one")
    assert len(served.servers(project)) == 1


def test_it_stays_for_agents_that_go_on_without_a_worker(project: Project) -> None:
    served.up(project)
    first = client(project).open()
    pid, pids = project.pid(), served.servers(project)
    project.ask(Shutdown(stop_agents=False))
    until(lambda: not is_running(pid), what="the worker's end")
    assert served.servers(project) == pids
    project.up()
    assert not first.call("report_progress", percent=13).error


def test_one_that_hangs_is_not_doubled(project: Project) -> None:
    served.up(project)
    client(project).open()
    (pid,) = served.servers(project)
    os.kill(pid, signal.SIGSTOP)
    try:
        note = json.loads((project.folder.root / "tools.json").read_text())
        project.kill()
        project.up()
        project.steer("sh", WorkstreamAction.CANCEL)
        project.reaches(lambda world: not world.runs["sh.1"].live)
        assert served.servers(project) == [pid]
        assert note["port"] == served.port(project)
    finally:
        os.kill(pid, signal.SIGCONT)
    assert not client(project).call("report_progress", percent=14).error
