"""A blocking connection to a plan's worker, for verbs that ask one thing and end."""

from __future__ import annotations

import socket
import struct
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from locust_tui.errors import UnreachableError

from .request_keys import next_key
from .requests import Request
from .wire import MAX_LINE, Reply, WireError, decode_reply, encode_request

_PEER = struct.Struct("3i")
_LOOK = "look before you ask again: locust-tui status"


class StoppedError(UnreachableError):
    """The worker's process is stopped by a signal: it answers nobody before somebody lets it go on."""


class Connection:
    """One unix-socket connection; use as a context manager."""

    def __init__(self, path: Path, *, timeout: float = 30.0) -> None:
        """Connect to the worker's socket. Raises UnreachableError when nobody listens, StoppedError for a stopped worker."""
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        self._socket.settimeout(timeout)
        self._pending = b""
        self._id = 0
        try:
            self._connect(str(path), time.monotonic() + timeout)
        except OSError as error:
            self._socket.close()
            raise UnreachableError(
                f"no worker answers at {path}: {error.strerror}", help="locust-tui up"
            ) from None
        if (stopped := self._stopped()) is not None:  # nothing was asked yet, so nothing is left open
            self._socket.close()
            raise stopped

    def _stopped(self) -> StoppedError | None:
        """What to say of a worker that a signal has stopped; None where it runs, or cannot be seen from here."""
        pid = _PEER.unpack(self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))[0]
        try:
            stat = Path(f"/proc/{pid}/stat").read_bytes()
        except OSError:
            return None
        if stat[stat.rindex(b")") + 2 :][:1] != b"T":
            return None
        return StoppedError(
            f"worker {pid} is stopped by a signal and answers nobody", help=f"kill -CONT {pid}"
        )

    def _connect(self, path: str, deadline: float) -> None:
        while True:
            try:
                return self._socket.connect(path)
            except BlockingIOError:  # more callers at once than the kernel lets wait
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def ask(self, request: Request, *, key: str | None = None) -> Reply:
        """Send one request and wait for its reply, passing over pushed revisions.

        Raises the worker's own error, or UnreachableError when it vanishes or takes too long; the effect
        is then unknown, and asking again with the same `key` applies it once.
        """
        self._id += 1
        try:
            with suppress(BrokenPipeError):  # what it said before it hung up is there to be read
                self._socket.sendall(encode_request(self._id, request, key or next_key()))
            while True:
                reply = self.receive()
                if reply.id == self._id or not reply.ok:  # what is wrong with the connection has no number
                    return reply.check()
        except TimeoutError:
            raise self._stopped() or UnreachableError(
                "the worker did not answer in time", help="look at worker.log in the state folder"
            ) from None
        except OSError as error:
            raise UnreachableError(
                f"the connection to the worker broke ({error.strerror}); whether it was done is not known",
                help=_LOOK,
            ) from None
        except WireError as error:
            raise UnreachableError(str(error), help="is it the worker of another version?") from None

    def receive(self) -> Reply:
        """The next reply or push; waits up to the connection's timeout."""
        while b"\n" not in self._pending:
            chunk = self._socket.recv(65_536)
            if not chunk or len(self._pending) > MAX_LINE:
                raise UnreachableError(
                    "the worker went away before it answered; whether it was done is not known", help=_LOOK
                )
            self._pending += chunk
        line, self._pending = self._pending.split(b"\n", 1)
        return decode_reply(line)
