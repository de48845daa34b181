"""One agent's voice at the worker's socket: every call a connection of its own, patient while a worker is replaced."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from locust_tui.client.requests import AwaitAnswer, Request
from locust_tui.client.wire import MAX_LINE, WireError, decode_reply, encode_request
from locust_tui.errors import UnreachableError

PATIENCE_S = 60.0
"""A worker that is being restarted is back well before."""
LOOK_S = 0.5
WAIT_S = 50.0
"""How long one request for an answer stays open before it is asked again."""


class Speaker:
    """`socket()` names the worker's socket as it is now: a new worker may choose another."""

    def __init__(self, socket: Callable[[], Path]) -> None:
        self._socket = socket

    async def ask(self, request: Request) -> dict[str, Any]:
        """The answer's data, after the effect is committed, once: a repeated try carries the same key.

        Raises the worker's refusal, or UnreachableError when no worker came back in time.
        """
        key = uuid.uuid4().hex
        deadline = asyncio.get_running_loop().time() + PATIENCE_S
        while True:
            try:
                return await self._ask_once(request, key)
            except (OSError, UnreachableError) as error:
                if asyncio.get_running_loop().time() > deadline:
                    raise UnreachableError(
                        f"the plan's worker does not answer: {error}", help="locust-tui up"
                    ) from None
            await asyncio.sleep(LOOK_S)

    async def await_answer(self, item: str, token: str) -> dict[str, Any]:
        """A person's answer to `item`, however long it takes and however often the worker is replaced."""
        while True:
            try:
                answer = await self._ask_once(AwaitAnswer(item, WAIT_S, token), "")
            except (OSError, UnreachableError):
                await asyncio.sleep(LOOK_S)
                continue
            if answer.get("answered") or answer.get("withdrawn"):
                return answer

    async def _ask_once(self, request: Request, key: str) -> dict[str, Any]:
        reader, writer = await asyncio.open_unix_connection(self._socket(), limit=MAX_LINE)
        try:
            writer.write(encode_request(1, request, key))
            await writer.drain()
            while line := await reader.readline():
                try:
                    reply = decode_reply(line)
                except WireError as error:
                    raise UnreachableError(str(error)) from None
                if reply.id == 1:
                    return reply.check().data
        finally:
            writer.close()
        raise UnreachableError("the worker closed the connection before it answered")
