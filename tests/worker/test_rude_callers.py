"""Callers that are slow, endless, broken or too many: they get their words or are cut off, and nobody else notices."""

from __future__ import annotations

import asyncio
import json
import random
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from locust_tui.client.connection import Connection
from locust_tui.client.link import WorkerLink
from locust_tui.client.requests import (
    AddToPlan,
    DecideGate,
    EvaluateGate,
    Ping,
    Request,
    SendMessage,
    StoreMemory,
    Subscribe,
)
from locust_tui.client.wire import encode_request
from locust_tui.domain.events import CriterionMeasured
from locust_tui.domain.states import DecisionKind
from locust_tui.errors import LocustTuiError, UnreachableError
from locust_tui.worker import service
from locust_tui.worker.callers import Caller
from locust_tui.worker.service import Service
from project import Project, eventually, until

PLAN = """
project: Rude
workstreams:
  done: {run: 'true'}
gates:
  ship: {needs: [done], criteria: [{name: slow, run: "touch asked; while ! test -e go; do sleep 0.02; done"}]}
"""
ASKED: list[Request] = [
    Ping(),
    StoreMemory("a", "1"),
    SendMessage("done", "hello"),
    DecideGate("ship", DecisionKind.HOLD),
    AddToPlan((("workstreams/x", "{}"),)),
]


@pytest.fixture
def up(project: Project) -> Project:
    project.write(PLAN)
    project.up()
    return project


def raw(path: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(20)
    connection.connect(str(path))
    return connection


@pytest.mark.fault(57, "500 callers at once")
def test_five_hundred_callers_are_answered_or_told_that_there_are_too_many(up: Project) -> None:
    line = encode_request(1, Ping())
    with ExitStack() as stack:
        callers = [stack.enter_context(raw(up.folder.socket)) for _ in range(500)]
        for caller in callers:
            with suppress(ConnectionError):  # refused already
                caller.sendall(line)
        said = [json.loads(caller.makefile("rb").readline()) for caller in callers]
    served_ = [one for one in said if one.get("ok", True)]
    refused = [one for one in said if not one.get("ok", True)]
    assert len(served_) >= service.MAX_CONNECTIONS - 1
    assert len(served_) + len(refused) == 500
    assert refused
    assert all("too many connections" in one["message"] for one in refused)

    def answered() -> bool:
        with suppress(LocustTuiError):  # who went a moment ago is counted still
            return up.ask(Ping()).ok
        return False

    until(answered, what="an answer, once the others are gone")


@pytest.mark.fault(57, "2000 requests with bytes changed, missing, doubled or torn apart")
def test_whatever_stands_in_a_line_has_its_answer_and_harms_nobody(up: Project) -> None:
    dice = random.Random(57)
    frames = [encode_request(7, request)[:-1] for request in ASKED]
    with raw(up.folder.socket) as connection:
        answers = connection.makefile("rb")
        for _ in range(2000):
            line = mutated(dice, dice.choice(frames)).replace(b"\n", b" ")
            connection.sendall(line + b"\n")
            said = answers.readline()
            assert said, line
    assert up.ask(Ping()).ok
    assert "Traceback" not in up.log()


def mutated(dice: random.Random, line: bytes) -> bytes:
    changed = bytearray(line)
    for _ in range(dice.randrange(1, 6)):
        at = dice.randrange(len(changed))
        match dice.randrange(4):
            case 0:
                changed[at] = dice.randrange(256)
            case 1:
                del changed[at : at + dice.randrange(1, 9)]
            case 2:
                changed[at:at] = changed[at : at + 9]
            case 3:
                changed[at:at] = dice.choice([b"null", b"1e999", b"[[", b'"', b"\\u0000", b"-1", b"{}"])
        if not changed:
            return line
    return bytes(changed)


@pytest.mark.fault(57, "a caller hangs up while its answer is being made")
def test_a_request_takes_effect_whoever_waits_for_its_answer(up: Project) -> None:
    up.reaches(lambda w: (up.path / "asked").exists())
    with raw(up.folder.socket) as gone:
        gone.sendall(encode_request(1, EvaluateGate("ship")))
    assert up.ask(Ping()).ok
    (up.path / "go").touch()
    up.reaches(lambda w: w.gate("ship").state == "pending")
    assert up.ask(Ping()).ok
    assert {e.result.state for e in up.events(CriterionMeasured)} == {"pass"}
    assert "Traceback" not in up.log()


LAST = 50_000
"""Commits; what is told of them is more than the kernel and the worker keep for one who does not read."""


class Echo:
    """Rooms that do what they are asked at once."""

    async def __call__(self, request: Request, caller: Caller, key: str) -> dict[str, Any]:
        return {"asked": type(request).__name__}

    async def earlier(self, request: Request, caller: Caller, key: str) -> None:
        return None

    async def note_refusal(self, caller: Caller, asked: str) -> None: ...

    async def note_stranger(self, caller: Caller) -> None: ...


@asynccontextmanager
async def listening(folder: Path) -> AsyncIterator[Service]:
    async with Service(folder / "sock", Echo(), lambda: 1, dict, list) as made:
        yield made


async def asks(path: Path) -> dict[str, Any]:
    def ask() -> dict[str, Any]:
        with raw(path) as connection:
            connection.sendall(encode_request(1, Ping()))
            return dict(json.loads(connection.makefile("rb").readline()))

    return await asyncio.to_thread(ask)


@pytest.mark.fault(
    57,
    "256 callers who send a byte now and then and never end their request",
    modelled="each is given eight seconds instead of two minutes",
)
async def test_callers_who_never_end_their_request_are_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "SILENCE_S", 8.0)
    async with listening(tmp_path):
        slow = [await asyncio.open_unix_connection(tmp_path / "sock") for _ in range(service.MAX_CONNECTIONS)]

        async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(ConnectionError):
                while not reader.at_eof():
                    writer.write(b"x")
                    await asyncio.sleep(0.1)
            writer.close()

        dripping = [asyncio.create_task(drip(*one)) for one in slow]
        await asyncio.sleep(0)
        with pytest.raises(LocustTuiError, match="too many connections"):
            await asyncio.to_thread(lambda: Connection(tmp_path / "sock").ask(Ping()))
        with pytest.raises(UnreachableError):
            await WorkerLink.connect(tmp_path / "sock", lambda _: None)
        heard = [reader.read() for reader, _ in slow]
        await asyncio.wait_for(asyncio.gather(*heard, return_exceptions=True), 60)
        while not (answer := await asks(tmp_path / "sock")).get("data"):  # the last of them is counted still
            assert "too many connections" in answer["message"]
        assert answer["data"] == {"asked": "Ping"}
        for task in dripping:
            task.cancel()


HOLDS = """
import socket, sys
sys.stdin.readline()
held = []
for _ in range(int(sys.argv[2])):
    held.append(socket.socket(socket.AF_UNIX))
    held[-1].connect(sys.argv[1])
asked = socket.socket(socket.AF_UNIX)
asked.connect(sys.argv[1])
try:
    asked.sendall(sys.argv[3].encode())
except ConnectionError:
    pass
print(asked.makefile().readline().strip(), flush=True)
sys.stdin.read()
"""


@pytest.mark.fault(57, "one run holds eighty connections and asks nothing")
async def test_one_run_does_not_keep_the_others_from_being_heard(tmp_path: Path) -> None:
    runs: dict[int, str] = {}
    async with Service(tmp_path / "sock", Echo(), lambda: 1, lambda: runs, list):
        greedy, answer = await holding(tmp_path / "sock", runs, "a.1", 80)
        assert "too many connections" in answer
        modest, answer = await holding(tmp_path / "sock", runs, "b.1", 2)
        assert "Ping" in answer
        assert (await asks(tmp_path / "sock"))["data"] == {"asked": "Ping"}
        for process in (greedy, modest):
            process.kill()
            await process.wait()


async def holding(
    path: Path, runs: dict[int, str], name: str, connections: int
) -> tuple[asyncio.subprocess.Process, str]:
    """A process of the run `name` that holds so many connections, and the answer to what it asks by one more."""
    pipe = asyncio.subprocess.PIPE
    words = [sys.executable, "-c", HOLDS, str(path), str(connections), encode_request(1, Ping()).decode()]
    made = await asyncio.create_subprocess_exec(*words, stdin=pipe, stdout=pipe)
    runs[made.pid] = name
    assert made.stdin is not None
    assert made.stdout is not None
    made.stdin.write(b"go\n")
    return made, (await asyncio.wait_for(made.stdout.readline(), 30)).decode()


@pytest.mark.fault(
    57,
    "a viewer that reads nothing while 50 000 commits are told",
    modelled="they are told without having been made",
)
async def test_a_viewer_that_never_reads_is_dropped_and_the_others_hear_all(tmp_path: Path) -> None:
    async with listening(tmp_path) as made:
        deaf = await asyncio.open_unix_connection(tmp_path / "sock", limit=1)
        good = Connection(tmp_path / "sock")
        deaf[1].write(encode_request(1, Subscribe()))
        await asyncio.to_thread(good.ask, Subscribe())
        await eventually(lambda: made.viewers == 2)
        for writer in made._subscribers:  # a machine may be set to keep far more for each
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 17)
        heard = [0]
        hearing = asyncio.create_task(asyncio.to_thread(_hears, good, heard))
        for revision in range(1, LAST + 1):
            made.push(revision)
            if revision % 1000 == 0:
                await eventually(lambda sent=revision: heard[0] == sent)  # type: ignore[misc]
        await hearing
        assert made.viewers == 1
        good.close()
        deaf[1].close()


def _hears(connection: Connection, heard: list[int]) -> None:
    while heard[0] < LAST:
        heard[0] = connection.receive().revision
