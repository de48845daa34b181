"""The processes of one run: found from its shim (the subreaper, so nothing escapes), signalled only when proved to be among them."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from locust_tui.execution.identity import ProcessStat, has_ended, read_stat, send_signal
from locust_tui.execution.runs import Sample

_TICK = os.sysconf("SC_CLK_TCK")
_LOOKS = 5
"""A process that forks and ends between the list of children and the look at it hides its child from that look."""
_FAST_S = 1.0
_STOPS_S = 2.0
_AT_ONCE_S = 0.05
_PAGE_KIB = os.sysconf("SC_PAGE_SIZE") // 1024


def children(pid: int) -> list[int]:
    """The children of every thread of `pid`; empty when it is gone."""
    found: list[int] = []
    try:
        threads = os.listdir(f"/proc/{pid}/task")
        for thread in threads:
            with open(f"/proc/{pid}/task/{thread}/children", "rb", buffering=0) as file:
                found += map(int, file.readall().split())
    except (FileNotFoundError, ProcessLookupError):
        pass
    return found


def session_members(leader: int) -> list[ProcessStat]:
    """The live processes of the session that `leader` began, itself included while it lives."""
    pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    stats = [stat for pid in pids if (stat := read_stat(pid)) is not None]
    return [stat for stat in stats if stat.session == leader and not stat.gone]


class ProcessTree:
    """A run's processes under its living shim, or, when the shim is dead, the tree and session of its agent or of a leftover.

    Holds its own descriptors of `root` (the shim's or the agent's pidfd), so it may be used from a thread. Use with `with`.
    Without the shim, daemonised processes that left the session cannot be found.
    """

    def __init__(self, root: int, pidfd: int, agent: int | None) -> None:
        self.root, self.agent = root, agent
        self.orphaned = root == agent
        self._pidfd = os.dup(pidfd)
        self._held: dict[int, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pidfd in (self._pidfd, *self._held.values()):
            os.close(pidfd)

    def members(self) -> dict[int, ProcessStat]:
        """The live processes of the run by pid, the shim left out; empty once the root is gone."""
        known: dict[int, ProcessStat] = {}
        parents = {self.root}
        queue = children(self.root)
        if self.orphaned:
            queue += [self.root, *(stat.pid for stat in session_members(self.root))]
        while queue:
            pid = queue.pop()
            stat = None if pid in known else read_stat(pid)
            if stat is None or stat.gone:
                continue
            if stat.ppid in parents or (self.orphaned and self.root in (pid, stat.session)):
                known[pid] = stat
                parents.add(pid)
                queue += children(pid)
        return {} if has_ended(self._pidfd) else known

    def hold(self) -> None:
        """Of a tree without a shim, keep a proved descriptor of every member: its session proves nothing once the agent is dead."""
        if self.orphaned:
            members = self.members()
            for stat in members.values():
                if stat.pid not in self._held and (pidfd := self._open(stat, members)) is not None:
                    self._held[stat.pid] = pidfd

    def signal(self, signum: int, *, session_only: bool = False) -> int:
        """Signal the members (of the agent's session), the agent first so that it sees its children alive; how many got it."""
        self.hold()
        members = self.members()
        told = 0
        for stat in sorted(members.values(), key=lambda stat: stat.pid != self.agent):
            if not session_only or stat.session == self.agent:
                told += self._signal_one(stat, members, signum)
        return told

    def _open(self, stat: ProcessStat, members: dict[int, ProcessStat]) -> int | None:
        """A pidfd of this member, proved after it was opened; the caller closes it."""
        try:
            pidfd = os.pidfd_open(stat.pid)
        except ProcessLookupError:
            return None
        now = read_stat(stat.pid)
        ours = now is not None and now.start == stat.start
        related = now is not None and (
            now.ppid in members
            or now.ppid == self.root
            or (self.orphaned and self.root in (now.pid, now.session))
        )
        if ours and related and not has_ended(pidfd) and not has_ended(self._pidfd):
            return pidfd
        os.close(pidfd)
        return None

    def _signal_one(self, stat: ProcessStat, members: dict[int, ProcessStat], signum: int) -> bool:
        if stat.pid in self._held:
            return send_signal(self._held[stat.pid], signum)
        pidfd = self._open(stat, members)
        if pidfd is None:
            return False
        try:
            return send_signal(pidfd, signum)
        finally:
            os.close(pidfd)

    def alive(self) -> tuple[int, ...]:
        """Pids of the members and of those held that are not dead."""
        held = (pid for pid, pidfd in self._held.items() if not has_ended(pidfd))
        return tuple({*self.members(), *held})

    def kill(self, seconds: float) -> tuple[int, ...]:
        """KILL until nobody is left; the pids still there after `seconds`. Blocks: call it in a thread."""
        began = time.monotonic()
        while any(self.alive() for _ in range(_LOOKS)):
            self.signal(signal.SIGKILL)
            for pidfd in self._held.values():
                send_signal(pidfd, signal.SIGKILL)
            waited = time.monotonic() - began
            if waited > seconds:
                return self.alive()
            # what only forks fast is caught within milliseconds; what the kernel holds is worth no core
            time.sleep(0.0005 if waited < _FAST_S else 0.02)
        return ()

    def pause(self) -> int:
        """STOP the members until a look finds all of them stopped; how many are.

        Blocks for some milliseconds; longer, at most 2 s, where a busy processor or a slow disk keeps one from stopping.
        """
        began = time.monotonic()
        while True:
            members = self.members()
            moving = [stat for stat in members.values() if stat.state not in "Tt"]
            waited = time.monotonic() - began
            if not moving or waited > _STOPS_S:
                return len(members) - len(moving)
            for stat in moving:
                self._signal_one(stat, members, signal.SIGSTOP)
            time.sleep(0.0005 if waited < _AT_ONCE_S else 0.01)

    def sample(self, *, storage: bool = False) -> Sample | None:
        """Resident memory (shared pages counted in each process) and CPU, the dead included; None when all is over.

        `storage`: bytes read and written too, which costs one more file a process.
        """
        members = self.members()
        root = read_stat(self.root)
        if root is None or not members:
            return None
        reaped = 0 if self.orphaned else root.children_cpu
        cpu = reaped + sum(stat.cpu + stat.children_cpu for stat in members.values())
        read, written = _storage((self.root, *members)) if storage else (None, None)
        rss = sum(stat.rss for stat in members.values()) * _PAGE_KIB
        return Sample(rss, cpu / _TICK, len(members), read, written)


def _storage(pids: Iterable[int]) -> tuple[int | None, int | None]:
    """Bytes that these processes, and the children they have waited for, read from storage and wrote to it."""
    read = written = 0
    told = False
    for pid in set(pids):
        try:
            with open(f"/proc/{pid}/io", "rb", buffering=0) as file:
                lines = file.read().split()
        except OSError:
            continue  # gone, or not ours to look at
        found = dict(zip(lines[::2], lines[1::2], strict=False))
        read += int(found.get(b"read_bytes:", 0))
        written += int(found.get(b"write_bytes:", 0))
        told = True
    return (read, written) if told else (None, None)
