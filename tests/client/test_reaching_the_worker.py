"""Finding, starting and asking the worker: from verbs that ask once, and over a lasting link."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
from pathlib import Path

import pytest

from locust_tui.cli.target import worker_now
from locust_tui.client.connection import Connection, StoppedError
from locust_tui.client.launch import ensure_worker, find_worker
from locust_tui.client.link import WorkerLink
from locust_tui.client.requests import DecideGate, Ping, SteerWorkstream, WorkstreamAction
from locust_tui.client.wire import Reply, encode_reply, push_of, told_troubles
from locust_tui.domain.states import DecisionKind
from locust_tui.domain.troubles import Trouble
from locust_tui.errors import LocustTuiError, NotFoundError, UnreachableError
from project import PATIENCE_S, Project, eventually, is_running, state_letter, until

PLAN = "project: C\nworkstreams:\n  a: {run: exec sleep 60}\n"


def test_where_nobody_listens_the_way_out_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError) as caught:
        Connection(tmp_path / "worker.sock")
    assert caught.value.help == "locust-tui up"
    assert caught.value.exit_code == 5


def test_a_worker_that_hangs_is_given_up_in_time(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        server.listen()
        with Connection(tmp_path / "s", timeout=0.3) as connection, pytest.raises(UnreachableError):
            connection.ask(Ping())


@pytest.mark.fault(21, "the worker is stopped by a signal, and a verb, status and doctor come to it")
def test_a_stopped_worker_is_told_at_once_with_the_way_out(project: Project) -> None:
    project.write(PLAN)
    project.up()
    pid = project.pid()
    os.kill(pid, signal.SIGSTOP)
    try:
        until(lambda: _state(pid) == "T", PATIENCE_S, "the worker stands still")
        for call in (lambda: Connection(project.folder.socket), lambda: find_worker(project.folder)):
            with pytest.raises(StoppedError) as caught:
                call()
            assert str(pid) in caught.value.message
            assert caught.value.help == f"kill -CONT {pid}"
            assert caught.value.exit_code == 5
        _pid, (trouble,) = worker_now(project.folder)
        assert f"kill -CONT {pid}" in trouble.what
    finally:
        os.kill(pid, signal.SIGCONT)
    with Connection(project.folder.socket, timeout=PATIENCE_S) as connection:
        assert connection.ask(Ping()).data["pid"] == pid


def test_a_worker_that_is_stopped_under_its_question_is_told_from_one_that_hangs(project: Project) -> None:
    project.write(PLAN)
    project.up()
    pid = project.pid()
    with Connection(project.folder.socket, timeout=1) as connection:
        os.kill(pid, signal.SIGSTOP)
        try:
            until(lambda: _state(pid) == "T", PATIENCE_S, "the worker stands still")
            with pytest.raises(StoppedError):
                connection.ask(Ping())
        finally:
            os.kill(pid, signal.SIGCONT)


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_what_is_no_answer_of_a_worker_is_an_error_of_ours(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        server.listen()

        def chatter() -> None:
            with server.accept()[0] as caller:
                caller.recv(100)
                caller.sendall(b"HTTP/1.1 400\r\n\n")

        thread = threading.Thread(target=chatter)
        thread.start()
        with Connection(tmp_path / "s", timeout=30) as connection, pytest.raises(UnreachableError):
            connection.ask(Ping())
        thread.join()


def test_looking_for_a_worker_starts_none(project: Project) -> None:
    project.write(PLAN)
    assert find_worker(project.folder) is None
    assert not project.folder.root.exists()


def test_a_worker_that_cannot_start_says_why(project: Project) -> None:
    project.write(PLAN)
    project.folder.prepare()
    project.folder.store.mkdir()
    with pytest.raises(LocustTuiError) as caught:
        ensure_worker(project.folder)
    assert "store.db" in caught.value.message


@pytest.mark.fault(40, "a viewer meets a state folder that is open to others")
def test_a_state_folder_open_to_others_is_refused(project: Project) -> None:
    project.write(PLAN)
    project.folder.root.mkdir(mode=0o755)
    os.chmod(project.folder.root, 0o755)
    with pytest.raises(LocustTuiError) as caught:
        ensure_worker(project.folder)
    assert caught.value.exit_code == 4


def test_the_worker_outlives_the_terminal_that_started_it(project: Project) -> None:
    from project import python

    project.write(PLAN)
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom locust_tui.client.launch import ensure_worker\n"
        "from locust_tui.state.folder import StateFolder\n"
        "ensure_worker(StateFolder(Path(sys.argv[1])))\nprint('up', flush=True)\ntime.sleep(60)\n"
    )
    with python(code, str(project.plan)) as terminal:
        assert terminal.stdout is not None
        assert terminal.stdout.readline() == "up\n"
        os.killpg(terminal.pid, signal.SIGHUP)
        os.killpg(terminal.pid, signal.SIGKILL)
    assert is_running(project.pid())
    assert project.ask(Ping()).ok


async def test_a_link_answers_and_tells_every_revision(project: Project) -> None:
    project.write(PLAN)
    project.up()
    project.reaches(lambda w: w.runs.get("a.1") and w.runs["a.1"].pid)
    seen: list[int] = []
    link = await WorkerLink.connect(project.folder.socket, seen.append)
    try:
        reply = await link.ask(SteerWorkstream("a", WorkstreamAction.PAUSE))
        assert reply.data["state"] == "paused"
        await eventually(lambda: seen and seen[-1] >= reply.revision)
        assert seen == sorted(seen)
        with pytest.raises(NotFoundError.__base__):  # type: ignore[arg-type]
            await link.ask(DecideGate("nothing", DecisionKind.GO))
        answers = await asyncio.gather(*(link.ask(Ping()) for _ in range(50)))
        assert {a.data["pid"] for a in answers} == {project.pid()}
    finally:
        await link.close()


async def test_a_link_tells_that_its_worker_died_and_every_open_question_fails(project: Project) -> None:
    project.write(PLAN)
    project.up()
    link = await WorkerLink.connect(project.folder.socket, lambda _: None)
    os.kill(project.pid(), signal.SIGSTOP)
    until(lambda: state_letter(project.pid()) == "T", what="its standing still")
    asking = asyncio.create_task(link.ask(Ping()))
    await asyncio.sleep(0.1)
    os.kill(project.pid(), signal.SIGKILL)
    with pytest.raises(UnreachableError):
        await asking
    async with asyncio.timeout(PATIENCE_S):
        await link.closed
    with pytest.raises(UnreachableError):
        await link.ask(Ping())
    until(lambda: not is_running(project.pid()))


async def test_of_two_words_on_what_is_wrong_the_later_counts(tmp_path: Path) -> None:
    """The answer to a viewer and what is pushed right behind it come in one piece."""
    answer = Reply(1, revision=1, data=told_troubles([Trouble("record", "the disk is full", 1.0)]))
    seen: list[int] = []

    async def tell(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(encode_reply(answer) + encode_reply(push_of(2, ())))

    async with await asyncio.start_unix_server(tell, tmp_path / "s"):
        link = await WorkerLink.connect(tmp_path / "s", seen.append)
        await eventually(lambda: seen == [2], 5)
        assert link.troubles == ()
        await link.close()
