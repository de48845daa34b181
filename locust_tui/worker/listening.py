"""The listening socket: hands connections on one by one, and turns callers away in words while descriptors run out.

asyncio's own server would, out of descriptors, log every waiting caller hundreds of times a second and answer nobody.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import resource
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

log = logging.getLogger(__name__)

BACKLOG = 512
AT_ONCE = 64
"""Connections taken in one turn of the loop."""
SPARE = 8
"""The last descriptors are not for callers: the record and the folders of runs are looked after with them."""
PAUSE_S = 1.0
_OUT_OF_ROOM = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
_GONE = (errno.ECONNABORTED, errno.EINTR)
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Listening:
    """A unix socket at `path`. `serve` gets each connection, `refusal` is what callers that there is no room for are told."""

    def __init__(self, path: Path, serve: Serve, refusal: bytes, limit: int) -> None:
        """`limit`: bytes that a line may have."""
        self._path = path
        self._serve = serve
        self._refusal = refusal
        self._limit = limit
        self._loop = asyncio.get_running_loop()
        self._resume: asyncio.TimerHandle | None = None
        self._connecting: set[asyncio.Task[None]] = set()
        self._short = False
        path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        old_mask = os.umask(0o077)
        try:
            self._socket.bind(str(path))
            self._socket.listen(BACKLOG)
            about = os.stat(path)
        except BaseException:
            self._socket.close()
            raise
        finally:
            os.umask(old_mask)
        self._inode = about.st_dev, about.st_ino
        self._loop.add_reader(self._socket, self._take)

    @property
    def lost(self) -> bool:
        """Somebody deleted or replaced the socket."""
        try:
            about = os.stat(self._path)
        except FileNotFoundError:
            return True
        return (about.st_dev, about.st_ino) != self._inode

    def close(self) -> None:
        """Listen no more. Connections are not touched."""
        if self._resume is not None:
            self._resume.cancel()
        self._loop.remove_reader(self._socket)
        self._socket.close()

    def _take(self) -> None:
        for _ in range(AT_ONCE):
            try:
                connection, _ = self._socket.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno in _GONE:
                    continue
                self._pause(error)
                return
            if connection.fileno() >= _soft_limit() - SPARE:
                self._turn_away(connection)
            else:
                self._short = False
                task = asyncio.create_task(self._connect(connection))
                self._connecting.add(task)
                task.add_done_callback(self._connecting.discard)

    def _pause(self, error: OSError) -> None:
        """The caller waits in the backlog, and would call us again at once."""
        self._tell(f"callers wait: {error.strerror}")
        if error.errno not in _OUT_OF_ROOM:
            log.error("the socket takes no callers", exc_info=error)
        self._loop.remove_reader(self._socket)
        self._resume = self._loop.call_later(PAUSE_S, self._loop.add_reader, self._socket, self._take)

    def _turn_away(self, connection: socket.socket) -> None:
        self._tell("callers are turned away: no file descriptors are left for them")
        with connection, suppress(OSError):
            connection.setblocking(False)
            connection.send(self._refusal)

    def _tell(self, words: str) -> None:
        if not self._short:
            log.warning("%s", words)
        self._short = True

    async def _connect(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        reader = asyncio.StreamReader(limit=self._limit)
        protocol = asyncio.StreamReaderProtocol(reader, self._serve)
        try:
            await self._loop.connect_accepted_socket(lambda: protocol, connection)
        except OSError:
            connection.close()


def _soft_limit() -> int:
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
