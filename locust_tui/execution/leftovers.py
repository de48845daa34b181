"""What the agent's main process leaves behind: listed at its end, then ended too, or kept when the run says so.

Only the shim's direct children are signalled: they are unreaped, so no number can have a new owner, and whatever their
death orphans becomes our child in turn, since the shim is the subreaper.
"""

from __future__ import annotations

from _signal import SIGCONT, SIGKILL, SIGTERM  # type: ignore[import-not-found]
from posix import O_CLOEXEC, O_RDONLY, WNOHANG, close, kill, read, waitpid
from posix import open as open_fd
from time import monotonic

from locust_tui.execution.records import json_text, start_of, text_of
from locust_tui.execution.rest import Rest

GRACE, BOUND, MOST_LISTED = 1.0, 5.0, 64


def json() -> bytes:
    """The children that are there, at most MOST_LISTED, as the items of a JSON array."""
    return b",".join([_member(pid) for pid in children()[:MOST_LISTED]])


def _member(pid: int) -> bytes:
    """With its start, so that whoever reads it later can prove which process it was; 0 where that is hidden from us."""
    try:
        start = start_of(pid)
    except OSError:
        start = b"0"
    return b'{"pid":%d,"start":%s,"name":%s}' % (pid, start, json_text(name_of(pid)).encode("ascii"))


def end(rest: Rest, *, keep: bool) -> None:
    """TERM, GRACE seconds, KILL until none is left, BOUND seconds in all; with `keep` wait for them instead, however long."""
    began = monotonic()
    first = True
    while reap():
        waited = monotonic() - began
        if keep:
            rest.sleep(None)
            continue
        if first:
            signal_all(SIGTERM)
            first = False
        if waited < GRACE:
            rest.sleep(GRACE - waited)
        elif waited < BOUND:
            signal_all(SIGKILL)
            rest.sleep(0.005)
        else:
            return


def reap() -> bool:
    """Collect dead children; whether any child is left."""
    try:
        while waitpid(-1, WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def children() -> list[int]:
    """Direct children, dead ones not yet reaped included; empty on kernels built without that list."""
    try:
        fd = open_fd("/proc/thread-self/children", O_RDONLY | O_CLOEXEC)
    except FileNotFoundError:
        return []
    listed = b""
    while more := read(fd, 65536):
        listed += more
    close(fd)
    return [int(pid) for pid in listed.split()]


def name_of(pid: int) -> str:
    """The name the kernel shows for a process."""
    try:
        fd = open_fd(f"/proc/{pid}/comm", O_RDONLY | O_CLOEXEC)
        try:
            return text_of(read(fd, 64).rstrip(b"\n"))
        finally:
            close(fd)
    except OSError:
        return ""


def signal_all(signum: int) -> None:
    """Signal every child; a stopped one is woken so that it can act on it."""
    for pid in children():
        for number in (signum, SIGCONT):
            try:  # noqa: SIM105 - contextlib would cost every shim its memory
                kill(pid, number)
            except OSError:
                pass
