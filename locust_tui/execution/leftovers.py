"""What the agent's main process leaves behind: listed at its end, then ended too, or kept when the run says so.

Only the shim's direct children are signalled: they are unreaped, so no number can have a new owner, and whatever their
death orphans becomes our child in turn, since the shim is the subreaper.
"""

from __future__ import annotations

import os
import time
from _signal import SIGCONT, SIGKILL, SIGTERM  # type: ignore[import-not-found]

from locust_tui.execution.rest import Rest

GRACE, BOUND, MOST_LISTED = 1.0, 5.0, 64


def listed() -> list[tuple[int, str]]:
    """(pid, name) of the children that are there, at most MOST_LISTED; collects the dead ones first."""
    if not reap():
        return []
    return [(pid, name_of(pid)) for pid in children()[:MOST_LISTED]]


def end(rest: Rest, *, keep: bool) -> None:
    """TERM, GRACE seconds, KILL until none is left, BOUND seconds in all; with `keep` wait for them instead, however long."""
    began = time.monotonic()
    first = True
    while reap():
        waited = time.monotonic() - began
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
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def children() -> list[int]:
    """Direct children, dead ones not yet reaped included; empty on kernels built without that list."""
    try:
        fd = os.open("/proc/thread-self/children", os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return []
    listed = b""
    while more := os.read(fd, 65536):
        listed += more
    os.close(fd)
    return [int(pid) for pid in listed.split()]


def name_of(pid: int) -> str:
    """The name the kernel shows for a process."""
    try:
        with open(f"/proc/{pid}/comm", "rb", buffering=0) as file:
            return os.fsdecode(file.readall().rstrip(b"\n"))
    except OSError:
        return ""


def signal_all(signum: int) -> None:
    """Signal every child; a stopped one is woken so that it can act on it."""
    for pid in children():
        for number in (signum, SIGCONT):
            try:  # noqa: SIM105 - contextlib would cost every shim its memory
                os.kill(pid, number)
            except OSError:
                pass
