"""What commands say of themselves by datagram, as services of systemd do: `systemd-notify --status="half of it"`.

Each run has a socket of its own, so that it is known who speaks even where the speaker is gone before it is heard.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import socket
import struct
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from pathlib import Path

from locust_tui.agents.reports import MAX_LINE
from locust_tui.agents.shell_lines import Claim, SignOfLife, parse_notify
from locust_tui.state.folder import StateFolder

from .callers import allowed, run_behind

log = logging.getLogger(__name__)

VARIABLE = "NOTIFY_SOCKET"
AT_ONCE, PAUSE_S = 16, 0.05
"""So many datagrams are taken, then others have their turn: who sends more waits."""
_LONGEST_PATH = 107
_UCRED = struct.Struct("3i")


class Notifications:
    """One per plan; belongs to the event loop that it listens on."""

    def __init__(
        self,
        folder: StateFolder,
        supervised: Callable[[], Mapping[int, str]],
        heard: Callable[[str, Claim], None],
    ) -> None:
        """`supervised`: pid → run; `heard` is called with the run and what it claims."""
        self._folder = folder
        self._supervised = supervised
        self._heard = heard
        self._sockets: dict[str, socket.socket] = {}
        self._alive: dict[str, float] = {}

    def path(self, run_id: str) -> Path:
        """The run's socket: the same for every worker."""
        path = self._folder.root / "notify" / run_id
        if len(os.fsencode(path)) <= _LONGEST_PATH:
            return path
        name = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
        return self._folder.socket.parent / name

    def listen(self, run_id: str) -> Path | None:
        """Hear what the run says from now on, at the path returned; None where that cannot be."""
        path = self.path(run_id)
        if run_id in self._sockets:
            return path
        heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK)
        try:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            path.unlink(missing_ok=True)
            heard.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
            heard.bind(os.fspath(path))
            path.chmod(0o600)
        except OSError as error:
            heard.close()
            log.warning("%s has no %s: %s", run_id, VARIABLE, error)
            return None
        self._sockets[run_id] = heard
        asyncio.get_running_loop().add_reader(heard, self._readable, run_id)
        return path

    def take_up(self, live: Collection[str]) -> None:
        """Hear live runs that an earlier worker gave a socket, where that stood; take those of others away."""
        for run_id in live:
            if self.path(run_id).is_socket():
                self.listen(run_id)
        known = {self.path(run_id) for run_id in live}
        with suppress(FileNotFoundError):
            for path in (self._folder.root / "notify").iterdir():
                if path not in known:
                    path.unlink(missing_ok=True)

    def end(self, run_id: str) -> None:
        """Take what is still to be heard of a run, and hear it no more."""
        if (heard := self._sockets.get(run_id)) is None:
            return
        for _ in range(AT_ONCE):
            if not self._take(run_id, heard):
                break
        self._close(run_id)
        self.path(run_id).unlink(missing_ok=True)

    def close(self) -> None:
        """Hear nobody any more; the sockets' names stay for the next worker."""
        for run_id in list(self._sockets):
            self._close(run_id)

    def quiet_for(self, run_id: str) -> float:
        """Seconds since it last said that it is well; infinite where it never did."""
        return time.monotonic() - self._alive.get(run_id, float("-inf"))

    def _close(self, run_id: str) -> None:
        heard = self._sockets.pop(run_id)
        self._alive.pop(run_id, None)
        asyncio.get_running_loop().remove_reader(heard)
        heard.close()

    def _readable(self, run_id: str) -> None:
        heard = self._sockets[run_id]
        for _ in range(AT_ONCE):
            if not self._take(run_id, heard):
                return
        loop = asyncio.get_running_loop()
        loop.remove_reader(heard)
        loop.call_later(PAUSE_S, self._go_on, run_id)

    def _go_on(self, run_id: str) -> None:
        if (heard := self._sockets.get(run_id)) is not None:
            asyncio.get_running_loop().add_reader(heard, self._readable, run_id)

    def _take(self, run_id: str, heard: socket.socket) -> bool:
        """One datagram; False: there is none. Room is left for credentials alone: files sent along are closed."""
        try:
            data, about, _flags, _from = heard.recvmsg(MAX_LINE, socket.CMSG_SPACE(_UCRED.size))
        except OSError:
            return False
        if self._is_of(run_id, about):
            for claim in parse_notify(data):
                self._alive[run_id] = time.monotonic()
                if not isinstance(claim, SignOfLife):
                    self._heard(run_id, claim)
        return True

    def _is_of(self, run_id: str, about: list[tuple[int, int, bytes]]) -> bool:
        """Whether the sender may speak for the run: of our user, and its process, as far as its ancestors can be seen."""
        for level, kind, data in about:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
                pid, uid, _gid = _UCRED.unpack(data[: _UCRED.size])
                return allowed(uid) and run_behind(pid, self._supervised()) in (run_id, "")
        return False
