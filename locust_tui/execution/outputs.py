"""The files that a live run writes to, held open as the run itself has them: whatever becomes of their names, they are bounded."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable
from typing import NamedTuple

from locust_tui.domain.log_problem import LogProblem, problem_of, problem_of_opening
from locust_tui.execution import identity
from locust_tui.execution.names import OUTPUTS
from locust_tui.execution.run_dir import read_record

_OPEN = os.O_WRONLY | os.O_APPEND | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_OURS_TO_WAIT_OUT = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)
Process = tuple[int | None, int]
"""pid and pidfd; (None, -1): not there."""


class Look(NamedTuple):
    """`allocated`: bytes it takes on disk; `grown`: bytes written since the look before.

    `problem`: what became of its name: readers find something else there, or less than there was.
    """

    allocated: int
    grown: int
    problem: LogProblem | None


class Output:
    """One file of a run: `name` in the run's folder, `number` among the descriptors of its shim, and of most agents."""

    def __init__(self, name: str, number: int) -> None:
        self.name = name
        self.sought = True
        """Whether it is still to be found; a run need not have it."""
        self.told: set[LogProblem] = set()
        """What befell its name and was told."""
        self._number = number
        self._fd = -1
        self._length = 0

    def find(self, shim: Process, agent: Process, folder: int) -> None:
        """Hold the file as the shim has it; where that is dead, as the agent has it, or as it lies in the open `folder`.

        Only a plain file of ours is taken, from the agent and the folder only the one on record. Raises OSError where
        this process lacks descriptors; then it is to be sought again.
        """
        record = read_record(folder, "agent.json")
        if record is None:
            return  # not so far yet
        inode = record.get(f"{self.name}_inode")
        fd = _held_by(shim, self._number)
        if fd < 0 and isinstance(inode, int):
            fd = _only(inode, _held_by(agent, self._number))
            fd = _only(inode, _named(self.name, folder)) if fd < 0 else fd
        self._fd, self.sought = fd, False

    @property
    def held(self) -> bool:
        return self._fd >= 0

    def look(self, root: int, run_id: str) -> Look:
        """At one that is held."""
        facts = os.fstat(self._fd)
        before, self._length = self._length, facts.st_size
        try:
            named = os.stat(f"{run_id}/{self.name}", dir_fd=root, follow_symlinks=False)
            problem = problem_of(named, facts.st_ino, before)
        except OSError as error:
            problem = problem_of_opening(error)
        return Look(facts.st_blocks * 512, facts.st_size - before, problem)

    def duplicate(self) -> int:
        """A writable descriptor of it, the caller's to close."""
        return os.dup(self._fd)

    def close(self) -> None:
        if self.held:
            os.close(self._fd)
        self._fd, self.sought = -1, False


def outputs() -> tuple[Output, ...]:
    """Those of one run, still to be found."""
    return tuple(Output(name, number) for number, name in enumerate(OUTPUTS, start=1))


def _held_by(process: Process, number: int) -> int:
    """The plain file of ours behind a descriptor of a process that is proved to live; -1: there is none."""
    pid, pidfd = process
    if pid is None or pidfd < 0:
        return -1
    path = f"/proc/{pid}/fd/{number}"
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return -1  # nothing but a file is opened: that could have an effect
        fd = os.open(path, _OPEN)
    except OSError as error:
        return _not_there(error)
    return _only(None, fd) if not identity.has_ended(pidfd) else _only(-1, fd)


def _named(name: str, folder: int) -> int:
    try:
        return os.open(name, _OPEN | os.O_NOFOLLOW, dir_fd=folder)
    except OSError as error:
        return _not_there(error)


def _not_there(error: OSError) -> int:
    if error.errno in _OURS_TO_WAIT_OUT:
        raise error
    return -1


def _only(inode: int | None, fd: int) -> int:
    """`fd` where it is a plain file of ours, and the one meant; else it is closed: -1."""
    if fd < 0:
        return -1
    facts = os.fstat(fd)
    meant = inode is None or (facts.st_ino == inode and facts.st_nlink <= 1)
    if meant and stat.S_ISREG(facts.st_mode) and facts.st_uid == os.geteuid():
        return fd
    os.close(fd)
    return -1


def close_all(held: Iterable[Output]) -> None:
    for output in held:
        output.close()
