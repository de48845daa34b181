"""The unix socket: takes typed requests, answers after the commit, pushes revisions."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Container
from pathlib import Path
from typing import Any

from locust_tui.client.requests import AGENT_OPERATIONS, Request, Subscribe
from locust_tui.client.wire import MAX_LINE, Call, Reply, WireError, decode_request, encode_reply
from locust_tui.domain.states import IllegalTransitionError
from locust_tui.errors import LocustTuiError, RefusedError

from .callers import Caller, allowed, identify

log = logging.getLogger(__name__)

Handler = Callable[[Request, Caller], Awaitable[dict[str, Any]]]
"""Carries out one request, returns its data after the commit, raises LocustTuiError."""

MAX_CONNECTIONS = 256
PUSH_BACKLOG = 1 << 18
"""Bytes a viewer may leave unread before it is dropped; it reads the database anyway when it is back."""


class Service:
    """One per worker; `async with` listens, and takes the socket away at the end."""

    def __init__(
        self,
        path: Path,
        handler: Handler,
        revision: Callable[[], int],
        supervised: Callable[[], Container[int]],
    ) -> None:
        self._path = path
        self._handler = handler
        self._revision = revision
        self._supervised = supervised
        self._server: asyncio.Server | None = None
        self._subscribers: dict[asyncio.StreamWriter, bool] = {}
        self._connections: set[asyncio.Task[None]] = set()
        self._replies: dict[str, Reply] = {}

    @property
    def viewers(self) -> int:
        """Cockpits that are watching."""
        return sum(self._subscribers.values())

    async def __aenter__(self) -> Service:
        self._path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._accept, self._path, limit=MAX_LINE)
        os.chmod(self._path, 0o600)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()

    def push(self, revision: int) -> None:
        """Tell every subscriber that `revision` is committed."""
        line = encode_reply(Reply(revision=revision))
        for writer in list(self._subscribers):
            if writer.transport.get_write_buffer_size() > PUSH_BACKLOG:
                writer.transport.abort()
            elif not writer.is_closing():
                writer.write(line)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            connection: socket.socket = writer.get_extra_info("socket")
            caller = identify(connection, self._supervised())
            if not allowed(caller.uid) or len(self._connections) > MAX_CONNECTIONS:
                log.warning("refused a connection of uid %s, pid %s", caller.uid, caller.pid)
                return
            await self._converse(reader, writer, caller)
        except (ConnectionError, asyncio.CancelledError, ValueError, asyncio.LimitOverrunError):
            pass
        finally:
            self._connections.discard(task)
            self._subscribers.pop(writer, None)
            writer.close()

    async def _converse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, caller: Caller
    ) -> None:
        while line := await reader.readline():
            try:
                call = decode_request(line)
            except WireError as error:
                writer.write(encode_reply(Reply(id=error.id, ok=False, message=str(error), exit_code=2)))
                await writer.drain()
                continue
            if isinstance(call.request, Subscribe) and not caller.agent:
                self._subscribers[writer] = call.request.viewer
            writer.write(encode_reply(await self._answer(call, caller)))
            await writer.drain()

    async def _answer(self, call: Call, caller: Caller) -> Reply:
        earlier = self._replies.get(call.key) if call.key else None
        if earlier is not None:
            return Reply(call.id, earlier.ok, earlier.revision, earlier.data, earlier.message, earlier.help)
        try:
            if caller.agent and call.op not in AGENT_OPERATIONS:
                raise RefusedError(
                    f"{call.op} is a person's to ask; this caller runs inside an agent's run",
                    help="ask from a terminal of your own",
                )
            data = await self._handler(call.request, caller)
        except LocustTuiError as error:
            reply = Reply(
                call.id, False, self._revision(), {}, error.message, error.help or "", error.exit_code
            )
        except IllegalTransitionError as error:
            reply = Reply(call.id, False, self._revision(), {}, str(error), "", 4)
        except Exception as error:
            log.exception("%s failed", call.op)
            reply = Reply(call.id, False, self._revision(), {}, f"the worker failed: {error!r}", "", 5)
        else:
            reply = Reply(call.id, True, self._revision(), data)
        self._remember(call.key, reply)
        return reply

    def _remember(self, key: str, reply: Reply) -> None:
        if key:
            self._replies[key] = reply
            while len(self._replies) > 1000:
                del self._replies[next(iter(self._replies))]
