"""Bounding a log in place: its head becomes a hole, so the writer is untouched and byte offsets stay what they were.

The shims have it from the start, since the package may be gone when they need it (an upgrade): hence `posix` and `_ctypes`
alone, the modules above them being ten times the memory.
"""

from __future__ import annotations

from _ctypes import FUNCFLAG_CDECL, FUNCFLAG_USE_ERRNO, CFuncPtr, _SimpleCData, dlopen, dlsym, get_errno
from posix import (
    O_CLOEXEC,
    O_CREAT,
    O_NOFOLLOW,
    O_NONBLOCK,
    O_TRUNC,
    O_WRONLY,
    close,
    fstat,
    rename,
    strerror,
    write,
)
from posix import open as open_fd

from locust_tui.execution.names import trim_record

_KEEP_SIZE_PUNCH_HOLE = 0x01 | 0x02
_BLOCK = 4096
_NEW = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
HERE = -100
"""AT_FDCWD: the current folder."""


class _Int(_SimpleCData):  # type: ignore[type-arg]
    _type_ = "i"


class _Offset(_SimpleCData):  # type: ignore[type-arg]
    _type_ = "q"


class _Function(CFuncPtr):
    _flags_ = FUNCFLAG_CDECL | FUNCFLAG_USE_ERRNO
    _restype_ = _Int


_fallocate = _Function(dlsym(dlopen(None, 2), "fallocate"))  # type: ignore[arg-type]


def allocated(fd: int) -> int:
    """Bytes the file takes on disk; holes are free."""
    return fstat(fd).st_blocks * 512


def punch_head(log: int, keep: int, folder: int | None, name: str = "log") -> int:
    """Give up all but the last `keep` bytes of the writable log `name`; the new first offset, 0 when there was nothing to give.

    The offset is recorded in the open `folder` (None: nowhere, it is gone) before the bytes go, so no reader takes a hole
    for output; where a full disk takes no record, once the bytes have made the room. Raises OSError where the file system
    cannot punch holes.
    """
    until = max(fstat(log).st_size - keep, 0) // _BLOCK * _BLOCK
    if until == 0:
        return 0
    recorded = folder is None or _record(until, folder, name)
    if _fallocate(log, _KEEP_SIZE_PUNCH_HOLE, _Offset(0), _Offset(until)) != 0:
        code = get_errno()
        raise OSError(code, strerror(code))
    if folder is not None and not recorded:
        _record(until, folder, name)  # should it be refused again: readers know a hole at the head
    return until


def _record(until: int, folder: int, name: str) -> bool:
    record = trim_record(name)
    try:
        fd = open_fd(record + ".tmp", _NEW, 0o600, dir_fd=folder)
        try:
            write(fd, b'{"trimmed":%d}\n' % until)
        finally:
            close(fd)
        rename(record + ".tmp", record, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        return False
    return True
