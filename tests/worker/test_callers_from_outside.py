"""Who may speak at the socket: this user. And the socket stays where callers look for it, whatever is put in its place."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from locust_tui.client.requests import Ping
from locust_tui.domain.events import Noted
from locust_tui.state.errors import FolderError
from project import Project, is_running, until

NOBODY = 65_534
LASTING = "project: Reached\nworkstreams: {a: {run: exec sleep 60}}\n"
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: to be another user")


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that every user can reach; pytest's own are closed."""
    folder = Path(tempfile.mkdtemp(prefix="locust-tui-test-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def reached(public: Path) -> Iterator[Project]:
    made = Project(public / "plan")
    made.path.chmod(0o711)
    made.write(LASTING)
    made.up()
    yield made
    made.end()


def as_nobody(path: Path, times: int = 1) -> str:
    """What another user gets who connects, asks and listens: the error, or all that is answered."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        said = b""
        try:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
            for _ in range(times):
                with socket.socket(socket.AF_UNIX) as caller:
                    caller.settimeout(60)
                    caller.connect(str(path))
                    with suppress(ConnectionError):
                        caller.sendall(b'{"v":1,"id":1,"op":"ping","args":{}}\n')
                        said += caller.recv(4096)
        except OSError as error:
            said = (error.strerror or str(error)).encode()
        finally:
            os.write(writes, said)
            os._exit(0)
    os.close(writes)
    with os.fdopen(reads, "rb") as file:
        answer = file.read()
    os.waitpid(child, 0)
    return answer.decode()


@needs_root
@pytest.mark.fault(55, "another user connects: to folders as they are, then to folders opened for him")
def test_another_user_is_refused_and_that_is_told_once(reached: Project) -> None:
    assert as_nobody(reached.folder.socket) == "Permission denied"
    assert not [e for e in reached.events(Noted) if "uid" in e.text]
    reached.folder.root.chmod(0o711)
    reached.folder.socket.chmod(0o666)
    assert as_nobody(reached.folder.socket, times=100) == ""
    assert reached.ask(Ping()).ok
    told = until(
        lambda: [e.text for e in reached.events(Noted) if f"uid {NOBODY}" in e.text], what="a note of it"
    )
    assert len(told) == 1
    assert "refused a connection" in told[0]
    assert reached.log().count("refused a connection") == 1


def test_nothing_listens_where_every_user_could_connect(project: Project) -> None:
    """A name that begins with @ has no owner and no mode."""
    project.write(LASTING)
    pid = project.up()
    mine = set()
    for fd in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            mine.add(os.readlink(fd).removeprefix("socket:[").removesuffix("]"))
    names = [
        (line.split()[6], line.split()[7:]) for line in Path("/proc/net/unix").read_text().splitlines()[1:]
    ]
    bound = [name[0] for inode, name in names if inode in mine and name]
    assert bound
    assert all(name.startswith("/") for name in bound), bound


def by_a_file(path: Path) -> None:
    new = path.with_name("new")
    new.write_text("mine")
    new.replace(path)


def by_a_link(path: Path) -> None:
    new = path.with_name("new")
    new.symlink_to("/dev/null")
    new.replace(path)


def by_anothers_socket(path: Path) -> None:
    new = path.with_name("new")
    socket.socket(socket.AF_UNIX).bind(str(new))
    new.replace(path)


def by_nothing(path: Path) -> None:
    path.unlink()


def by_a_folder(path: Path) -> None:
    """No rename puts it there: the worker may have listened anew in between."""

    def made() -> bool:
        path.unlink(missing_ok=True)
        with suppress(FileExistsError):
            path.mkdir()
        return path.is_dir()

    until(made, what="a folder in the socket's place")


@pytest.mark.fault(55, "the socket is deleted, and replaced by a file, a link, another socket")
@pytest.mark.fault(55, "a folder takes the socket's place for a while")
def test_the_socket_comes_back_whatever_is_put_in_its_place(project: Project) -> None:
    project.write(LASTING)
    pid = project.up()
    with socket.socket(socket.AF_UNIX) as before:
        before.connect(str(project.folder.socket))
        for replace in (by_nothing, by_a_file, by_a_link, by_anothers_socket):
            replace(project.folder.socket)
            until(lambda: answers(project), what=f"the socket, replaced {replace.__name__}")
            assert project.ask(Ping()).data["pid"] == pid
            assert project.folder.socket.stat().st_mode & 0o077 == 0
        before.settimeout(60)
        before.sendall(b'{"v":1,"id":1,"op":"ping","args":{}}\n')
        assert before.recv(4096), "an open connection was dropped"
        looked = project.folder.worker_log.read_text().count("listening anew")
        by_a_folder(project.folder.socket)
        until(lambda: project.folder.worker_log.read_text().count("listening anew") > looked)
        before.sendall(b'{"v":1,"id":2,"op":"ping","args":{}}\n')
        assert before.recv(4096), "an open connection was dropped"
        project.folder.socket.rmdir()
        until(lambda: answers(project), what="the socket, after the folder in its place was gone")
    assert is_running(pid)


def answers(project: Project) -> bool:
    with suppress(Exception):
        return project.ask(Ping(), timeout=5).ok
    return False


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where sockets of long paths go; its own path is short."""
    folder = Path(tempfile.mkdtemp(prefix="lt-"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    yield folder
    shutil.rmtree(folder)


@pytest.mark.fault(55, "a plan whose path is longer than a socket's may be")
def test_a_plan_at_the_end_of_a_long_path_is_served(tmp_path: Path, runtime: Path) -> None:
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    project = Project(deep)
    try:
        project.write(LASTING)
        project.up()
        project.reaches(lambda w: w.runs.get("a.1") and w.runs["a.1"].pid)
        assert len(str(project.folder.root)) > 200
        assert project.folder.socket.is_relative_to(runtime)
        assert project.folder.socket.parent.stat().st_mode & 0o777 == 0o700
        done = subprocess.run(
            [sys.executable, "-m", "locust_tui", "kill", "a"], cwd=deep, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        project.reaches(lambda w: w.runs["a.1"].ended)
    finally:
        project.end()


@needs_root
@pytest.mark.parametrize("squat", ["another user's folder", "a link", "a folder open to all"])
@pytest.mark.fault(55, "somebody was first at the place of a long path's socket")
def test_a_place_that_somebody_else_took_is_not_used(tmp_path: Path, runtime: Path, squat: str) -> None:
    taken = runtime / "locust-tui"
    if squat == "a link":
        taken.symlink_to(tmp_path)
    else:
        taken.mkdir(mode=0o700)
        os.chown(taken, *([NOBODY, NOBODY] if squat == "another user's folder" else [0, 0]))
        taken.chmod(0o700 if squat == "another user's folder" else 0o777)
    project = Project(tmp_path / ("d" * 100))
    project.write(LASTING)
    try:
        with pytest.raises(FolderError):
            project.up()
    finally:
        assert list(taken.iterdir()) == [] or squat == "a link"
        project.end()


ASKS_AND_GOES = """
import socket, sys
from locust_tui.client.requests import SteerWorkstream, WorkstreamAction
from locust_tui.client.wire import encode_request
with socket.socket(socket.AF_UNIX) as caller:
    caller.connect(sys.argv[1])
    caller.sendall(encode_request(1, SteerWorkstream("a", WorkstreamAction.PAUSE), "once"))
"""


@pytest.mark.fault(21, "a person asks a worker that gets SIGSTOP, gives up, and it gets SIGCONT")
def test_whoever_is_gone_when_the_worker_looks_gets_nothing_and_is_called_no_agent(project: Project) -> None:
    project.write(LASTING)
    worker = project.up()
    project.reaches(lambda w: "a.1" in w.runs and w.runs["a.1"].pid)
    os.kill(worker, signal.SIGSTOP)
    try:
        stat = Path(f"/proc/{worker}/stat")
        until(
            lambda: stat.read_text().rpartition(")")[2].split()[0] == "T", what="a worker that stands still"
        )
        subprocess.run(
            [sys.executable, "-c", ASKS_AND_GOES, str(project.folder.socket)], check=True, timeout=60
        )
    finally:
        os.kill(worker, signal.SIGCONT)
    until(lambda: project.events(Noted), what="a note of the refusal")
    (noted,) = project.events(Noted)
    assert "somebody who is gone or cannot be traced" in noted.text
    assert "an agent" not in noted.text
    assert project.states()["a"] == "running"
