"""The unix socket: takes typed requests, answers after the commit, pushes revisions."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from locust_tui.client.requests import AGENT_OPERATIONS, Request, Subscribe
from locust_tui.client.wire import (
    MAX_LINE,
    Call,
    Reply,
    WireError,
    decode_request,
    encode_reply,
    push_of,
    told_troubles,
)
from locust_tui.domain.states import IllegalTransitionError
from locust_tui.domain.troubles import Trouble
from locust_tui.errors import LocustTuiError, RefusedError
from locust_tui.fault import point

from .callers import Caller, allowed, identify
from .listening import Listening

log = logging.getLogger(__name__)

MAX_CONNECTIONS = 256
MAX_AGENT_CONNECTIONS = 64
"""Of them: agents never keep a person from being heard."""
MAX_RUN_CONNECTIONS = 16
"""Of those: no run keeps the others from being heard. The tool server speaks for all of them and is no run."""
_ASKED = {
    "workstream.steer": "steer workstreams",
    "gate.evaluate": "have a gate measured",
    "gate.decide": "decide gates",
    "criterion.sign": "sign criteria",
    "criterion.waive": "waive criteria",
    "run.stop": "stop agents",
    "run.send": "write to agents",
    "plan.confirm": "say yes to a changed plan",
    "plan.note": "say why a plan changed",
    "baseline.set": "agree to a plan",
    "strategy.apply": "apply strategies",
    "strategy.undo": "take strategies back",
    "record.recreate": "have the record written anew",
    "success.record": "record success",
    "risk.move": "move risks",
    "ask.answer": "answer the inbox",
}
PUSH_BACKLOG = 1 << 18
"""Bytes a viewer may leave unread before it is dropped; it reads the database anyway when it is back."""
SILENCE_S = 120.0
"""A connection that neither asks nor subscribed is closed after this long."""
LAST_WORDS_S = 5.0
"""At the end, answers under way are waited for so long."""


class Rooms(Protocol):
    """Who carries requests out. Every method raises LocustTuiError."""

    async def __call__(self, request: Request, caller: Caller, key: str) -> dict[str, Any]:
        """The data of the answer, after the effect is committed under the idempotency `key`."""

    async def earlier(self, request: Request, caller: Caller, key: str) -> tuple[int, dict[str, Any]] | None:
        """Revision and data of what was answered to the caller's `key` before, by whichever worker; None: nothing was."""

    async def note_refusal(self, caller: Caller, asked: str) -> None:
        """Put on record that an agent asked for what is a person's."""

    async def note_stranger(self, caller: Caller) -> None:
        """Put on record that another user of this machine came to the socket."""


class Service:
    """One per worker; `async with` listens, and takes the socket away at the end."""

    def __init__(
        self,
        path: Path,
        rooms: Rooms,
        revision: Callable[[], int],
        supervised: Callable[[], Mapping[int, str]],
        troubles: Callable[[], Sequence[Trouble]],
    ) -> None:
        self._path = path
        self._rooms = rooms
        self._revision = revision
        self._supervised = supervised
        self._troubles = troubles
        self._listening: Listening | None = None
        self._subscribers: dict[asyncio.StreamWriter, bool] = {}
        self._connections: dict[asyncio.Task[None], Caller] = {}
        self._owing = 0
        """Connections that wait for an answer."""
        self._answered = asyncio.Event()
        """Set while nobody waits for one."""
        self._answered.set()
        self._under_way: dict[tuple[bool, str, str], asyncio.Task[Reply]] = {}
        """(asked by an agent, its run, key) → the answer that is being made."""
        self._answering: set[asyncio.Task[Reply]] = set()

    @property
    def viewers(self) -> int:
        """Cockpits that are watching."""
        return sum(self._subscribers.values())

    async def __aenter__(self) -> Service:
        self._listening = self._listen()
        return self

    def _listen(self) -> Listening:
        refusal = "the worker has no file descriptors left for more callers"
        reply = Reply(0, False, message=refusal, help="ask again", exit_code=5)
        return Listening(self._path, self._accept, encode_reply(reply), MAX_LINE)

    async def listen_again_if_lost(self) -> None:
        """Make the socket anew where somebody deleted or replaced it. Open connections are not touched."""
        if self._listening is not None and self._listening.lost:
            log.warning("%s was removed; listening anew", self._path)
            anew = self._listen()
            self._listening.close()
            self._listening = anew

    async def __aexit__(self, *_: object) -> None:
        assert self._listening is not None
        self._listening.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_S):
                await self._answered.wait()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        if not self._listening.lost:
            self._path.unlink()

    def push(self, revision: int) -> None:
        """Tell every subscriber that `revision` is committed, and what is wrong."""
        line = encode_reply(push_of(revision, self._troubles())) if self._subscribers else b""
        for writer in list(self._subscribers):
            if writer.transport.get_write_buffer_size() > PUSH_BACKLOG:
                writer.transport.abort()
            elif not writer.is_closing():
                writer.write(line)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        try:
            connection: socket.socket = writer.get_extra_info("socket")
            caller = identify(connection, self._supervised())
            if not allowed(caller.uid):
                writer.transport.abort()
                with contextlib.suppress(LocustTuiError):  # worker.log has it
                    await self._rooms.note_stranger(caller)
                return
            self._connections[task] = caller
            if self._crowded(caller):
                await _send(
                    writer, Reply(0, False, message="too many connections to the worker", exit_code=5)
                )
                return
            await self._converse(reader, writer, caller)
        except (ConnectionError, asyncio.CancelledError, TimeoutError):
            pass
        finally:
            self._connections.pop(task, None)
            self._subscribers.pop(writer, None)
            writer.close()

    def _crowded(self, caller: Caller) -> bool:
        if not caller.agent:
            return len(self._connections) > MAX_CONNECTIONS
        agents = [other.run for other in self._connections.values() if other.agent]
        return (
            len(self._connections) > MAX_CONNECTIONS
            or len(agents) > MAX_AGENT_CONNECTIONS
            or (caller.run != "" and agents.count(caller.run) > MAX_RUN_CONNECTIONS)
        )

    async def _converse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, caller: Caller
    ) -> None:
        while True:
            try:
                async with asyncio.timeout(None if writer in self._subscribers else SILENCE_S):
                    line = await reader.readline()
            except ValueError:
                said = f"a request is at most {MAX_LINE} bytes long"
                await _send(writer, Reply(0, False, message=said, exit_code=2))
                return
            if not line.endswith(b"\n"):
                return  # the end, or half a request: nobody waits for an answer to it
            try:
                call = decode_request(line)
            except WireError as error:
                await _send(writer, Reply(error.id, False, self._revision(), message=str(error), exit_code=2))
                continue
            self._owing += 1
            self._answered.clear()
            try:
                reply = await asyncio.shield(self._begin(call, caller))
                if isinstance(call.request, Subscribe) and reply.ok:
                    self._subscribers[writer] = call.request.viewer
                    # as of now: from here on every change is pushed
                    reply = Reply(call.id, True, self._revision(), told_troubles(self._troubles()))
                await _send(writer, _numbered(reply, call.id))
            finally:
                self._owing -= 1
                if not self._owing:
                    self._answered.set()

    def _begin(self, call: Call, caller: Caller) -> asyncio.Task[Reply]:
        """The answer under way: a caller that hangs up does not take its request back, a repeated key joins."""
        name = (caller.agent, caller.run, call.key)
        if call.key and (known := self._under_way.get(name)) is not None:
            return known
        task = asyncio.create_task(self._answer(call, caller))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)
        if call.key:
            self._under_way[name] = task
            task.add_done_callback(lambda _task: self._under_way.pop(name, None))
        return task

    async def _answer(self, call: Call, caller: Caller) -> Reply:
        try:
            if caller.agent and call.op not in AGENT_OPERATIONS:
                await self._rooms.note_refusal(caller, call.op)
                raise _refusal(call.op, caller)
            if (
                call.key
                and (earlier := await self._rooms.earlier(call.request, caller, call.key)) is not None
            ):
                return Reply(call.id, True, *earlier)
            data = await self._rooms(call.request, caller, call.key)
            point("reply.unsent")
        except LocustTuiError as error:
            return Reply(
                call.id, False, self._revision(), {}, error.message, error.help or "", error.exit_code
            )
        except IllegalTransitionError as error:
            return Reply(call.id, False, self._revision(), {}, str(error), "", 4)
        except Exception as error:
            log.exception("%s failed", call.op)
            return Reply(call.id, False, self._revision(), {}, f"the worker failed: {error!r}", "", 5)
        return Reply(call.id, True, self._revision(), data)


def _refusal(op: str, caller: Caller) -> RefusedError:
    """An agent, or who cannot be told from one, may not ask for it."""
    asked = f"only people may {_ASKED.get(op, 'ask for this')}"
    if caller.pid == 0:
        unseen = f"{asked}; this caller is in another pid namespace and cannot be told from an agent"
        return RefusedError(unseen, help="ask where the worker runs")
    inside = f"{asked}; this caller runs inside {caller.run or 'an agent'}"
    return RefusedError(inside, help="ask from a terminal of your own")


async def _send(writer: asyncio.StreamWriter, reply: Reply) -> None:
    writer.write(encode_reply(reply))
    await writer.drain()


def _numbered(reply: Reply, id: int) -> Reply:
    if reply.id == id:
        return reply
    return Reply(id, reply.ok, reply.revision, reply.data, reply.message, reply.help, reply.exit_code)
