"""POSIX record locks: held by one process, not inherited by its children, and the kernel names the holder.

That last point is why these and not flock: asking who holds a lock takes nothing, so it can never get in a starter's way.
A process must not open a lock file twice: closing either descriptor would drop the lock.

A run's lock has two bytes. The shim holds the first for its life. The process that will become the agent holds the second
until its exec, and takes it while the shim still holds the first: so whoever finds the whole file free knows that nothing
more can begin, and what has begun is on disk.
"""

from __future__ import annotations

from _struct import Struct
from fcntl import F_GETLK, F_UNLCK, F_WRLCK, LOCK_EX, LOCK_NB, LOCK_SH, LOCK_UN, fcntl, lockf
from posix import close, pidfd_open

UNSEEN = 0
SHIM, CHILD = 0, 1
_FLOCK = Struct("@hhqqi")  # struct flock: l_type, l_whence, l_start, l_len, l_pid
_told = _FLOCK.unpack
_WHO_HAS_ANY = _FLOCK.pack(F_WRLCK, 0, SHIM, 0, 0)
_WHO_HAS_THE_SHIMS = _FLOCK.pack(F_WRLCK, 0, SHIM, 1, 0)


def take(fd: int) -> bool:
    """Lock the whole file for this process alone; False when another one has any of it."""
    try:
        lockf(fd, LOCK_EX | LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def leave_to_child(fd: int) -> None:
    """Of the whole file keep the shim's byte."""
    lockf(fd, LOCK_UN, 0, CHILD)


def take_over(fd: int, shim: int) -> bool:
    """As the shim's child take the second byte; True when the shim still held the first one after that."""
    try:
        lockf(fd, LOCK_EX | LOCK_NB, 1, CHILD)
    except (BlockingIOError, PermissionError):
        return False
    return holder(fd, shim_only=True) == shim


def share(fd: int) -> bool:
    """Lock the file together with others who share it; False when someone has it alone."""
    try:
        lockf(fd, LOCK_SH | LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def holder(fd: int, *, shim_only: bool = False) -> int | None:
    """The pid of a process holding any of the file (the shim's byte), None when nobody does, UNSEEN in another pid namespace."""
    kind, _, _, _, pid = _told(fcntl(fd, F_GETLK, _WHO_HAS_THE_SHIMS if shim_only else _WHO_HAS_ANY))
    if kind == F_UNLCK:
        return None
    return int(pid) if pid > 0 else UNSEEN


def open_holder(fd: int) -> tuple[int, int] | None:
    """(pid, pidfd) of the holder of the shim's byte, proved: it held it both before and after the pidfd was opened."""
    pid = holder(fd, shim_only=True)
    if not pid:
        return None
    try:
        pidfd = pidfd_open(pid)
    except ProcessLookupError:
        return None
    if holder(fd, shim_only=True) == pid:
        return pid, pidfd
    close(pidfd)
    return None
