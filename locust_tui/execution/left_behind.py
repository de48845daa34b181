"""What a run left behind and its shim could not end, because it was killed: found by who they are on record, and ended."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from contextlib import ExitStack

from locust_tui.execution import identity
from locust_tui.execution.identity import ProcessIdentity
from locust_tui.execution.process_tree import ProcessTree, session_members
from locust_tui.execution.runs import Leftover

GRACE_S, BOUND_S = 1.0, 5.0
_LOOK_S = 0.02


def of_session(agent: int, pidfd: int) -> tuple[Leftover, ...]:
    """What lives on in the session of a dead agent, where the kernel proves that the session's number is still its own."""
    found = [stat for stat in session_members(agent) if stat.pid != agent]
    left = tuple(Leftover(stat.pid, _name(stat.pid), stat.start) for stat in found)
    return left if identity.has_group(pidfd) else ()


def end(leftovers: Sequence[Leftover], agent: ProcessIdentity) -> tuple[int, ...]:
    """TERM, GRACE_S, KILL to those that live, proved by their start and by the boot of their agent, and to their children.

    The pids still there BOUND_S later. OSError where this process lacks descriptors. Blocks: call it in a thread.
    """
    with ExitStack() as stack:
        trees = []
        for left in leftovers:
            known = ProcessIdentity.from_record(
                {"pid": left.pid, "start": left.start, "boot_id": agent.boot_id, "pidns": agent.pidns}
            )
            pidfd = identity.open_process(known) if known is not None and left.start else None
            if pidfd is not None:
                stack.callback(os.close, pidfd)
                trees.append(stack.enter_context(ProcessTree(left.pid, pidfd, left.pid)))
        for tree in trees:
            tree.signal(signal.SIGTERM)
            tree.signal(signal.SIGCONT)
        deadline = time.monotonic() + GRACE_S
        while time.monotonic() < deadline and any(tree.alive() for tree in trees):
            time.sleep(_LOOK_S)
        return tuple(pid for tree in trees for pid in tree.kill(BOUND_S))


def _name(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/comm", "rb") as file:
            return file.read(64).rstrip(b"\n").decode("utf-8", "backslashreplace")
    except OSError:
        return ""
