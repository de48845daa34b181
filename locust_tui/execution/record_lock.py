"""POSIX record locks: held by one process, not inherited by its children, and the kernel names the holder.

That last point is why these and not flock: asking who holds a lock takes nothing, so it can never get in a starter's way.
A process must not open a lock file twice: closing either descriptor would drop the lock.

A run's lock has two bytes. The shim holds the first for its life. The process that will become the agent holds the second
until its exec, and takes it while the shim still holds the first: so whoever finds the whole file free knows that nothing
more can begin, and what has begun is on disk.
"""

from __future__ import annotations

import fcntl
import os
import struct

_FLOCK = "@hhqqi"  # struct flock: l_type, l_whence, l_start, l_len, l_pid
UNSEEN = 0
SHIM, CHILD = 0, 1


def take(fd: int) -> bool:
    """Lock the whole file for this process alone; False when another one has any of it."""
    try:
        fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def leave_to_child(fd: int) -> None:
    """Of the whole file keep the shim's byte."""
    fcntl.lockf(fd, fcntl.LOCK_UN, 0, CHILD)


def take_over(fd: int, shim: int) -> bool:
    """As the shim's child take the second byte; True when the shim still held the first one after that."""
    try:
        fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, CHILD)
    except (BlockingIOError, PermissionError):
        return False
    return holder(fd, shim_only=True) == shim


def share(fd: int) -> bool:
    """Lock the file together with others who share it; False when someone has it alone."""
    try:
        fcntl.lockf(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def holder(fd: int, *, shim_only: bool = False) -> int | None:
    """The pid of a process holding any of the file (the shim's byte), None when nobody does, UNSEEN in another pid namespace."""
    ask = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, SHIM, 1 if shim_only else 0, 0)
    kind, _, _, _, pid = struct.unpack(_FLOCK, fcntl.fcntl(fd, fcntl.F_GETLK, ask))
    if kind == fcntl.F_UNLCK:
        return None
    return int(pid) if pid > 0 else UNSEEN


def open_holder(fd: int) -> tuple[int, int] | None:
    """(pid, pidfd) of the holder of the shim's byte, proved: it held it both before and after the pidfd was opened."""
    pid = holder(fd, shim_only=True)
    if not pid:
        return None
    try:
        pidfd = os.pidfd_open(pid)
    except ProcessLookupError:
        return None
    if holder(fd, shim_only=True) == pid:
        return pid, pidfd
    os.close(pidfd)
    return None
