"""Who is at the other end of the socket: uid, pid, terminal, and whether a run of ours stands behind the caller."""

from __future__ import annotations

import os
import pwd
import socket
import struct
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path

from locust_tui.domain.people import Person

_UCRED = struct.Struct("3i")
_MAX_DEPTH = 128


@dataclass(frozen=True, slots=True)
class Caller:
    """`agent` is True when the caller descends from a shim or the zygote of this worker, or can't be traced."""

    uid: int
    pid: int
    name: str
    terminal: str | None
    agent: bool

    def person(self, name: str | None = None, role: str | None = None) -> Person:
        """The caller as the record holds it, under the name it gave or its OS user's."""
        return Person(name or self.name, role, self.uid, self.pid, self.terminal)


def identify(connection: socket.socket, supervised: Container[int]) -> Caller:
    """The caller behind a unix socket. `supervised`: pids of this worker's zygote and shims."""
    pid, uid, _gid = _UCRED.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
    return Caller(uid, pid, _user_name(uid), _terminal(pid), descends_from(pid, supervised))


def allowed(uid: int) -> bool:
    """Only the plan's own user, and root, may talk to its worker."""
    return uid in (os.getuid(), 0)


def descends_from(pid: int, supervised: Container[int]) -> bool:
    """Whether `pid` or one of its ancestors is supervised. A chain that can't be read counts as True: fail closed."""
    if pid == 0:
        return True  # another pid namespace: its ancestors can't be seen from here
    for _ in range(_MAX_DEPTH):
        if pid in supervised:
            return True
        if pid <= 1:
            return False
        parent = _parent(pid)
        if parent is None:
            return True
        pid = parent
    return True


def _parent(pid: int) -> int | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    return int(stat[stat.rindex(b")") + 2 :].split()[1])


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def _terminal(pid: int) -> str | None:
    try:
        path = os.readlink(f"/proc/{pid}/fd/0")
    except OSError:
        return None
    return path if path.startswith(("/dev/pts/", "/dev/tty")) else None
