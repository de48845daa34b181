"""A viewer that is stopped and reads nothing: it costs the worker a bounded amount of memory, and others no time."""

from __future__ import annotations

import asyncio
import socket
from contextlib import closing
from pathlib import Path

import pytest

from locust_tui.client.link import WorkerLink
from locust_tui.client.requests import Ping, Request, Subscribe
from locust_tui.client.wire import Reply, decode_reply, encode_request
from locust_tui.domain.troubles import Trouble
from locust_tui.worker.callers import Caller
from locust_tui.worker.service import PUSH_BACKLOG, Service
from project import eventually


class Rooms:
    """Carries nothing out."""

    async def __call__(self, request: Request, caller: Caller, key: str) -> dict[str, object]:
        return {}

    async def earlier(self, request: Request, caller: Caller, key: str) -> None:
        return None

    async def note_refusal(self, caller: Caller, asked: str) -> None: ...

    async def note_stranger(self, caller: Caller) -> None: ...


class Viewer:
    """One connection that asks, and reads only when told to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def connected(cls, path: Path) -> Viewer:
        return cls(*await asyncio.open_unix_connection(path, limit=1 << 24))

    async def ask(self, request: Request) -> Reply:
        self.writer.write(encode_request(1, request))
        return decode_reply(await self.reader.readline())


@pytest.mark.fault(
    21,
    "30 000 changes are told to a viewer that reads none of them",
    modelled="a connection that nobody reads stands for a cockpit that is stopped",
)
async def test_a_stopped_viewer_is_dropped_before_it_costs_memory(tmp_path: Path) -> None:
    path = tmp_path / "s"
    async with Service(path, Rooms(), lambda: 0, dict, tuple) as service:
        with closing(socket.socket(socket.AF_UNIX)) as stopped:
            stopped.connect(str(path))
            stopped.sendall(encode_request(1, Subscribe(viewer=True)))
            other = await Viewer.connected(path)
            await eventually(lambda: service.viewers)
            (writer,) = service._subscribers
            # a machine may be set to keep far more for each
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 17)
            most = 0
            for revision in range(30_000):
                service.push(revision)
                most = max(most, writer.transport.get_write_buffer_size())
                if not revision % 1_000:
                    assert (await asyncio.wait_for(other.ask(Ping()), 30)).ok
            assert PUSH_BACKLOG < most < 2 * PUSH_BACKLOG, "it was never behind, or it was kept"
            assert service.viewers == 0, "a viewer that is gone is none that the worker stays for"
        other.writer.close()


async def test_what_goes_wrong_while_a_viewer_comes_is_told_to_it(tmp_path: Path) -> None:
    """Between its answer being made and its being one to whom things are pushed."""
    troubles: list[Trouble] = []

    class Turning(Rooms):
        async def __call__(self, request: Request, caller: Caller, key: str) -> dict[str, object]:
            asyncio.get_running_loop().call_soon(troubles.append, Trouble("record", "the disk is full", 1.0))
            return {}

    async with Service(tmp_path / "s", Turning(), lambda: 0, dict, lambda: troubles):
        link = await WorkerLink.connect(tmp_path / "s", lambda _: None)
        assert link.troubles == tuple(troubles) != ()
        await link.close()
