"""Who is at the other end of the socket: uid, pid, terminal, and whether a run of ours stands behind the caller."""

from __future__ import annotations

import os
import pwd
import socket
import struct
from collections.abc import Iterable, Mapping
from pathlib import Path

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.people import Person

_UCRED = struct.Struct("3i")
_MAX_DEPTH = 128


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `agent`: it descends from a run, the zygote or the worker itself, or can't be traced."""

    uid: int
    pid: int
    name: str
    terminal: str | None
    agent: bool
    run: str = ""
    """The run it descends from, where it is one, or "hook:NAME"; known from its ancestors, never from its words."""

    def person(self, name: str | None = None, role: str | None = None) -> Person:
        """The caller as the record holds it, under the name it gave or its OS user's."""
        return Person(name or self.name, role, self.uid, self.pid, self.terminal)

    def itself(self) -> Person:
        """An agent under its run's id, never under the name of the person whose account it uses; a person as `person`."""
        return self.person(self.run or "an agent", "agent") if self.agent else self.person()


HOOK = "hook:"
"""What the verbs of a hook are called by in the record: "hook:daily", or "hook:daily/2" where another hook set it off."""


def is_hook(caller: Caller) -> bool:
    """The verbs of a hook run in nobody's name: what they may do is what an agent may."""
    return caller.agent and caller.run.startswith(HOOK)


def identify(connection: socket.socket, supervised: Mapping[int, str]) -> Caller:
    """The caller behind a unix socket. `supervised`: pid → run, of every shim and agent; "" for the worker's own."""
    pid, uid, _gid = _UCRED.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
    run = run_behind(pid, supervised)
    return Caller(uid, pid, _user_name(uid), _terminal(pid), run is not None, run or "")


def allowed(uid: int) -> bool:
    """Only the plan's own user, and root, may talk to its worker."""
    return uid in (os.getuid(), 0)


def run_behind(pid: int, supervised: Mapping[int, str]) -> str | None:
    """The run that `pid` or one of its ancestors belongs to, "" where it is not known which; None: nobody's.

    A chain of ancestors that can't be read to its end counts as an agent's: fail closed.
    """
    if pid == os.getpid():
        return None
    if pid == 0:
        return ""  # another pid namespace: its ancestors can't be seen from here
    for _ in range(_MAX_DEPTH):
        if pid in supervised:
            return supervised[pid]
        if pid <= 1:
            return None
        parent = _parent(pid)
        if parent is None:
            return ""
        pid = parent
    return ""


def ancestry(pid: int) -> tuple[int, ...]:
    """The process and its ancestors, as far as they can be read; empty when it is gone."""
    line: list[int] = []
    while pid > 0 and len(line) < _MAX_DEPTH and (parent := _parent(pid)) is not None:
        line.append(pid)
        pid = parent
    return tuple(line)


def run_among(line: Iterable[int], supervised: Mapping[int, str]) -> str | None:
    """The run that the first supervised one of these processes belongs to, "" where it is the worker's own; None: nobody's."""
    return next((supervised[pid] for pid in line if pid in supervised), None)


def name_of(pid: int) -> str:
    """The name the kernel shows for a process; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/comm").read_text(errors="replace").rstrip("\n")
    except OSError:
        return ""


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
