"""Whether the kernel has just killed something for want of memory: its own counters say so, and nothing else does.

A run that ends by SIGKILL looks the same whoever sent it. The counter of its control group tells of the kernel's kills there
(`memory.events` of version 2, `memory.oom_control` of version 1); where neither is to be had, the machine's does.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path

from locust_tui.domain.world import RunStatus

LOOK_S = 1.0
"""A counter is read at most so often."""
KEPT_S = 10.0
"""What it counted within so many seconds of a run's end is told with that end: a large process takes long to die."""
_MACHINE = "proc/vmstat"
_Read = tuple[float, int]


class OutOfMemory:
    """Of one worker. `root` is the root of the file system, for tests."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, root: Path = Path("/")) -> None:
        self._clock = clock
        self._root = root
        self._counted: dict[Path, deque[_Read]] = {}
        self._counter: dict[str, Path] = {}
        """Run → its counter; one that was never looked at is taken to count where this worker's own does."""
        self._own = counter_of(os.getpid(), root)
        self._look(self._own)

    def look(self, live: Iterable[RunStatus]) -> None:
        """Read the counters of these runs, where it is time to; those of others are forgotten."""
        known = self._counter
        self._counter = {
            run.id: known.get(run.id) or counter_of(run.pid, self._root)
            for run in live
            if run.pid is not None
        }
        counters = {self._own, *self._counter.values()}
        self._counted = {counter: kept for counter, kept in self._counted.items() if counter in counters}
        for counter in counters:
            self._look(counter)

    def at_end(self, run_id: str) -> str:
        """What to add to the end of a run that SIGKILL ended; empty: the kernel says nothing of memory."""
        counter = self._counter.pop(run_id, self._own)
        before = self._counted.get(counter)
        now = killed(counter)
        if not before or now is None or now <= before[0][1]:
            return ""
        where = "on this machine" if counter == self._root / _MACHINE else "in its control group"
        number = now - before[0][1]
        many = "a process" if number == 1 else f"{number} processes"
        return f"out of memory: the kernel killed {many} {where} just then"

    def _look(self, counter: Path) -> None:
        kept = self._counted.setdefault(counter, deque())
        now = self._clock()
        if kept and now - kept[-1][0] < LOOK_S:
            return
        if (number := killed(counter)) is not None:
            kept.append((now, number))
        while len(kept) > 1 and now - kept[1][0] >= KEPT_S:
            kept.popleft()


def counter_of(pid: int, root: Path = Path("/")) -> Path:
    """The file that counts the kernel's kills where this process lives; the machine's where its own cannot be read."""
    for folder, file in _places(pid, root):
        if killed(folder / file) is not None:
            return folder / file
    return root / _MACHINE


def _places(pid: int, root: Path) -> Iterable[tuple[Path, str]]:
    try:
        lines = (root / f"proc/{pid}/cgroup").read_text().splitlines()
    except OSError:
        return
    mounts = root / "sys/fs/cgroup"
    for line in lines:
        _, controllers, path = line.split(":", 2)
        inside = path.lstrip("/")
        if not controllers:  # a group without the memory controller is counted with the one above it
            yield from ((mounts / above, "memory.events") for above in (Path(inside), *Path(inside).parents))
        elif controllers == "memory":
            yield mounts / "memory" / inside, "memory.oom_control"


def killed(counter: Path) -> int | None:
    """Processes that the kernel killed for want of memory, as this file counts them; None when it does not say."""
    try:
        lines = counter.read_text().splitlines()
    except OSError:
        return None
    return next(
        (int(number) for name, _, number in (line.partition(" ") for line in lines) if name == "oom_kill"),
        None,
    )
