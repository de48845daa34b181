"""The agents' voice at the worker's socket: every call a connection of its own, patient while a worker is replaced."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from locust_tui.client.requests import AwaitAnswer, Request
from locust_tui.client.wire import MAX_LINE, WireError, decode_reply, encode_request
from locust_tui.errors import LocustTuiError, UnreachableError

PATIENCE_S = 60.0
"""A worker that is being restarted is back well before."""
LOOK_S = 0.5
WAIT_S = 25.0
"""How long one request for an answer stays open before it is asked again."""
CROWDED_WAIT_S = 1.0
ASKING, WAITING = 16, 32
"""Connections at a time, for calls and for answers: the worker grants agents few, and shell agents need some too."""


class Speaker:
    """`socket()` names the worker's socket as it is now: a new worker may choose another."""

    def __init__(self, socket: Callable[[], Path], patience_s: float = PATIENCE_S) -> None:
        self._socket, self._patience_s = socket, patience_s
        self._asking, self._waiting = asyncio.Semaphore(ASKING), asyncio.Semaphore(WAITING)
        self._waiters = 0

    async def ask(self, request: Request) -> dict[str, Any]:
        """The answer's data, after the effect is committed, once: a repeated try carries the same key.

        Raises the worker's refusal, or UnreachableError when no worker came back in time.
        """
        key = uuid.uuid4().hex
        deadline = asyncio.get_running_loop().time() + self._patience_s
        while True:
            try:
                async with self._asking:
                    return await self._ask_once(request, key)
            except (OSError, UnreachableError) as error:
                if asyncio.get_running_loop().time() > deadline:
                    raise UnreachableError(
                        f"the plan's worker does not answer ({error})",
                        help="a person starts it with: locust-tui up",
                    ) from None
            await asyncio.sleep(LOOK_S)

    async def await_answer(
        self, item: str, token: str, still: Callable[[float], Awaitable[None]]
    ) -> dict[str, Any]:
        """A person's answer to `item`, however long it takes and however often the worker is replaced.

        `still` is called now and then with the seconds waited so far.
        """
        began = asyncio.get_running_loop().time()
        self._waiters += 1
        try:
            while True:
                wait = WAIT_S if self._waiters <= WAITING else CROWDED_WAIT_S
                try:
                    async with self._waiting:
                        answer = await self._ask_once(AwaitAnswer(item, wait, token), "")
                except (OSError, UnreachableError):
                    await asyncio.sleep(LOOK_S)
                    continue
                if answer.get("answered"):
                    await self._took(item, token)
                    return answer
                if answer.get("withdrawn"):
                    return answer
                await still(asyncio.get_running_loop().time() - began)
        finally:
            self._waiters -= 1

    async def _took(self, item: str, token: str) -> None:
        """Say that the answer is here; a worker that does not hear it tells the agent otherwise, too."""
        with suppress(LocustTuiError, OSError):
            await self._ask_once(AwaitAnswer(item, 0.0, token, taken=True), "")

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
                if not reply.ok:  # turned away before it was asked
                    raise UnreachableError(reply.message)
        finally:
            writer.close()
        raise UnreachableError("the worker closed the connection before it answered")
