"""Letting a stopped run go on from its shim, with what every shim has from the start: see `trim`."""

from __future__ import annotations

from _signal import SIGCONT, pidfd_send_signal  # type: ignore[import-not-found]
from posix import O_CLOEXEC, O_RDONLY, close, getpid, listdir, pidfd_open, read
from posix import open as open_fd


def wake_descendants() -> None:
    """CONT to all that descends from this process. Each is proved to be its parent's child after it was opened."""
    waiting, known = [getpid()], set[int]()
    while waiting:
        parent = waiting.pop()
        for pid in _children(parent):
            if pid not in known and _wake(pid, parent):
                known.add(pid)
                waiting.append(pid)


def _wake(pid: int, parent: int) -> bool:
    try:
        pidfd = pidfd_open(pid)
    except OSError:
        return False
    try:
        # its parent's number comes behind the name, which may hold anything, and a letter
        ours = int(_read(f"/proc/{pid}/stat").rpartition(b")")[2].split()[1]) == parent
        if ours:
            pidfd_send_signal(pidfd, SIGCONT)
    except (OSError, IndexError):
        return False
    finally:
        close(pidfd)
    return ours


def _children(pid: int) -> list[int]:
    try:
        threads = listdir(f"/proc/{pid}/task")
        return [
            int(child) for thread in threads for child in _read(f"/proc/{pid}/task/{thread}/children").split()
        ]
    except OSError:
        return []


def _read(path: str) -> bytes:
    fd = open_fd(path, O_RDONLY | O_CLOEXEC)
    try:
        whole = b""
        while more := read(fd, 65536):
            whole += more
        return whole
    finally:
        close(fd)
