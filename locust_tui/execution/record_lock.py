"""POSIX record locks on whole files: held by one process, not inherited by its children, and the kernel names the holder.

That last point is why these and not flock: asking who holds a lock takes nothing, so it can never get in a starter's way.
A process must not open a lock file twice: closing either descriptor would drop the lock.
"""

from __future__ import annotations

import fcntl
import os
import struct

_FLOCK = "@hhqqi"  # struct flock: l_type, l_whence, l_start, l_len, l_pid
UNSEEN = 0


def take(fd: int) -> bool:
    """Lock the file for this process alone; False when another one has it."""
    try:
        fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def share(fd: int) -> bool:
    """Lock the file together with others who share it; False when someone has it alone."""
    try:
        fcntl.lockf(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def holder(fd: int) -> int | None:
    """The pid of a process holding the lock, None when nobody does, UNSEEN when it lives in another pid namespace."""
    ask = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
    kind, _, _, _, pid = struct.unpack(_FLOCK, fcntl.fcntl(fd, fcntl.F_GETLK, ask))
    if kind == fcntl.F_UNLCK:
        return None
    return pid if pid > 0 else UNSEEN


def open_holder(fd: int) -> tuple[int, int] | None:
    """(pid, pidfd) of the lock's holder, proved: it held the lock both before and after the pidfd was opened."""
    pid = holder(fd)
    if not pid:
        return None
    try:
        pidfd = os.pidfd_open(pid)
    except ProcessLookupError:
        return None
    if holder(fd) == pid:
        return pid, pidfd
    os.close(pidfd)
    return None
