"""A viewer's lasting connection to the worker: requests with answers, and the newest revision pushed."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Callable
from pathlib import Path

from locust_tui.domain.troubles import Trouble
from locust_tui.errors import UnreachableError

from .requests import Request, Subscribe
from .wire import MAX_LINE, Reply, WireError, decode_reply, encode_request, troubles_in

ANSWER_TIMEOUT_S = 600.0
"""A gate's evaluation may run tests; everything else answers at once."""
_SUBSCRIBED = 1
"""Number of the first request, whose answer tells what is wrong as every push does."""


class WorkerLink:
    """Connect with `await WorkerLink.connect(path, on_revision)`; `closed` resolves when the worker is gone.

    `troubles` is what the worker last said is wrong.
    """

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, on_revision: Callable[[int], None]
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._on_revision = on_revision
        self._answers: dict[int, asyncio.Future[Reply]] = {}
        self._last = 0
        self.troubles: tuple[Trouble, ...] = ()
        self.closed: asyncio.Task[None] = asyncio.create_task(self._listen())

    @classmethod
    async def connect(cls, path: Path, on_revision: Callable[[int], None]) -> WorkerLink:
        """Connect and subscribe. Raises UnreachableError when nobody listens."""
        try:
            reader, writer = await asyncio.open_unix_connection(path, limit=MAX_LINE)
        except OSError as error:
            raise UnreachableError(f"no worker answers: {error.strerror}", help="locust-tui up") from None
        link = cls(reader, writer, on_revision)
        await link.ask(Subscribe())
        return link

    async def ask(self, request: Request) -> Reply:
        """Send a request and wait for its answer. Raises the worker's error, or UnreachableError."""
        if self.closed.done():
            raise UnreachableError("the worker is gone", help="press S to start it, or: locust-tui up")
        self._last += 1
        number = self._last
        answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        try:
            self._writer.write(encode_request(number, request, uuid.uuid4().hex))
            await self._writer.drain()
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                return (await answer).check()
        except (TimeoutError, ConnectionError) as error:
            raise UnreachableError("the worker did not answer; whether it was done is not known") from error
        finally:
            self._answers.pop(number, None)

    async def close(self) -> None:
        """Leave; the worker goes on."""
        self.closed.cancel()
        self._writer.close()
        with contextlib.suppress(asyncio.CancelledError, ConnectionError):
            await self.closed

    async def _listen(self) -> None:
        why = "the worker went away before it answered; whether it was done is not known"
        try:
            while line := await self._reader.readline():
                reply = decode_reply(line)
                if reply.ok and reply.id in (0, _SUBSCRIBED):
                    self.troubles = troubles_in(reply)
                if reply.id == 0 and not reply.ok:
                    why = reply.message
                elif reply.id == 0:
                    self._on_revision(reply.revision)
                elif (answer := self._answers.get(reply.id)) is not None and not answer.done():
                    answer.set_result(reply)
        except (ConnectionError, WireError, ValueError):
            pass
        finally:
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(UnreachableError(why))
            self._writer.close()
