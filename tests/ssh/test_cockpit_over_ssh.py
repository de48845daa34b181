"""The cockpit in a real ssh session: the connection is cut, worker and agents do not notice, the next login shows the same."""

from __future__ import annotations

import os
import re
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from console import COMMAND, Console
from sshd import Session, Sshd

from project import Project, is_running, until

SOON_S = 20.0
"""It takes less than a second; so much is allowed where others use the machine too."""
PLAN = """\
project: {name: %s}
workstreams:
  anchor: {name: Weigh the anchor, run: exec sleep 1000}
  chart: {name: Draw the chart, run: exec sleep 1001}
  flag: {name: Hoist the flag, needs: chart, run: "true"}
"""
NewProject = Callable[[str], Project]


def running(new_project: NewProject, name: str) -> Project:
    project = new_project(PLAN % name)
    project.reaches(lambda w: all(w.runs.get(r) and w.runs[r].pid for r in ("anchor.1", "chart.1")))
    return project


def processes(project: Project) -> set[int]:
    """The worker and everything of its agents."""
    return {project.pid(), *project.agents()}


def ready(client: Console) -> bool:
    """Whether the first screen is there, with what the cockpit knows of the plan."""
    return "leave running" in client.text and bool(client.screen.display[0].strip())


def log_in(session: Session, project: Project) -> Console:
    return Console(session.argv, project.path, columns=100, rows=30)


def standing(client: Console) -> dict[str, str]:
    """The signs in front of the workstreams, once all three are drawn."""
    found = {name: sign for sign, name in re.findall(r"([●○⊘⋯✓✗]) (anchor|chart|flag)\b", client.text)}
    return found if len(found) == 3 else {}


def cut_by_client(client: Console, server: Sshd, cockpit: int) -> None:
    os.kill(client.pid, signal.SIGKILL)


def cut_by_server(client: Console, server: Sshd, cockpit: int) -> None:
    os.kill(server.server_side(cockpit), signal.SIGKILL)


@pytest.mark.fault(62, "the ssh connection under the cockpit is killed at either end, plain and under nohup")
@pytest.mark.parametrize(
    ("cut", "before"),
    [
        pytest.param(cut_by_client, "", id="client"),
        pytest.param(cut_by_server, "", id="server", marks=pytest.mark.soak),
        pytest.param(cut_by_client, "trap '' HUP; ", id="nohup"),
    ],
)
def test_a_cut_connection_ends_the_cockpit_alone_and_the_next_login_shows_the_same(
    server: Sshd, new_project: NewProject, cut: Callable[[Console, Sshd, int], None], before: str
) -> None:
    project = running(new_project, "Voyage")
    at_work = processes(project)
    assert len(at_work) > 2
    session = server.session("first", [COMMAND, "open"], project.path, before=before)
    with log_in(session, project) as client:
        client.until(ready)
        client.until(standing)
        shown = standing(client)
        cockpit = session.pid()
        cut(client, server, cockpit)
        began = time.monotonic()
        until(lambda: not is_running(cockpit), what="the cockpit's end")
        assert time.monotonic() - began < SOON_S
    assert processes(project) == at_work
    again = server.session("second", [COMMAND, "open"], project.path)
    with log_in(again, project) as client:
        client.until(lambda console: standing(console) == shown)
        client.type("q")
        assert client.ends() == 0
    assert processes(project) == at_work


@pytest.mark.fault(62, "one of two ssh sessions is cut, then both at once")
def test_two_sessions_at_once_do_not_know_of_each_other(server: Sshd, new_project: NewProject) -> None:
    one, two = running(new_project, "Outward"), running(new_project, "Homeward")
    before = processes(one) | processes(two)
    sessions = [server.session(f"s{n}", [COMMAND, "open"], p.path) for n, p in enumerate((one, two, two))]
    with (
        log_in(sessions[0], one) as first,
        log_in(sessions[1], two) as second,
        log_in(sessions[2], two) as third,
    ):
        for client, name in ((first, "Outward"), (second, "Homeward"), (third, "Homeward")):
            client.until(ready)
            client.until(name)
        pids = [session.pid() for session in sessions]
        os.kill(first.pid, signal.SIGKILL)
        second.type("?")
        second.until("esc back")
        second.type("\x1b")
        second.until(ready)
        until(lambda: not is_running(pids[0]), what="the first one's end")
        assert is_running(pids[1])
        for client in (second, third):
            os.kill(client.pid, signal.SIGKILL)
        until(lambda: not any(map(is_running, pids)), SOON_S, "the end of all")
    assert processes(one) | processes(two) == before


@pytest.mark.fault(62, "the ssh connection under `attach` and under `logs -f` is killed")
@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["attach", "tick"], id="attach", marks=pytest.mark.soak),
        pytest.param(["logs", "-f", "tick"], id="logs"),
    ],
)
def test_who_only_looks_on_ends_too(server: Sshd, new_project: NewProject, words: list[str]) -> None:
    loop = "while :; do echo tock; sleep 0.2; done"
    project = new_project(f'project: Clock\nworkstreams: {{tick: {{name: Tick, run: "{loop}"}}}}\n')
    project.reaches(lambda w: w.runs.get("tick.1") and w.runs["tick.1"].pid)
    worker, agent = project.pid(), project.world().runs["tick.1"].pid
    session = server.session("looks", [COMMAND, *words], project.path, before="trap '' HUP; ")
    with log_in(session, project) as client:
        client.until("tock")
        viewer = session.pid()
        os.kill(client.pid, signal.SIGKILL)
        until(lambda: not is_running(viewer), SOON_S, "its end")
    assert agent is not None
    assert is_running(agent)
    assert is_running(worker)


class Wire(threading.Thread):
    """Carries bytes between a port of its own and another one, until it is `cut`: then nothing moves, and nothing is said."""

    def __init__(self, to: int) -> None:
        super().__init__(daemon=True)
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        self.cut = threading.Event()
        self._to = to

    def run(self) -> None:
        near, _ = self._door.accept()
        far = socket.create_connection(("127.0.0.1", self._to))
        back = threading.Thread(target=self._carry, args=(far, near), daemon=True)
        back.start()
        self._carry(near, far)
        back.join()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        while (data := source.recv(65_536)) and not self.cut.is_set():
            target.sendall(data)
        self.cut.wait()


@pytest.mark.soak
@pytest.mark.fault(62, "the network swallows everything, and nobody is told")
def test_a_network_that_swallows_everything_ends_it_once_the_server_notices(
    server: Sshd, new_project: NewProject, tmp_path: Path
) -> None:
    project = running(new_project, "Fog")
    before = processes(project)
    wire = Wire(server.port)
    wire.start()
    session = server.session("fog", [COMMAND, "open"], project.path)
    argv = [word.replace(f"[127.0.0.1]:{server.port}", "") for word in session.argv]
    argv[argv.index("-p") + 1] = str(wire.port)
    argv[1:1] = ["-o", f"HostKeyAlias=[127.0.0.1]:{server.port}"]
    with Console(argv, project.path, columns=100, rows=30) as client:
        client.until(ready)
        cockpit = session.pid()
        wire.cut.set()
        until(lambda: not is_running(cockpit), what="the end")
    assert processes(project) == before
