"""Bounding a log in place: its head becomes a hole, so the writer is untouched and byte offsets stay what they were."""

from __future__ import annotations

import ctypes
import os

from locust_tui.execution.names import trim_record

_KEEP_SIZE_PUNCH_HOLE = 0x01 | 0x02
_BLOCK = 4096
_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
HERE = -100
"""AT_FDCWD: the current folder."""
_libc = ctypes.CDLL(None, use_errno=True)


def allocated(fd: int) -> int:
    """Bytes the file takes on disk; holes are free."""
    return os.fstat(fd).st_blocks * 512


def punch_head(log: int, keep: int, folder: int | None, name: str = "log") -> int:
    """Give up all but the last `keep` bytes of the writable log `name`; the new first offset, 0 when there was nothing to give.

    The offset is recorded in the open `folder` (None: nowhere, it is gone) before the bytes go, so no reader takes a hole
    for output; where a full disk takes no record, once the bytes have made the room. Raises OSError where the file system
    cannot punch holes.
    """
    until = max(os.fstat(log).st_size - keep, 0) // _BLOCK * _BLOCK
    if until == 0:
        return 0
    recorded = folder is None or _record(until, folder, name)
    size = ctypes.c_longlong(until)
    if _libc.fallocate(log, _KEEP_SIZE_PUNCH_HOLE, ctypes.c_longlong(0), size) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    if folder is not None and not recorded:
        _record(until, folder, name)  # should it be refused again: readers know a hole at the head
    return until


def _record(until: int, folder: int, name: str) -> bool:
    record = trim_record(name)
    try:
        fd = os.open(record + ".tmp", _NEW, 0o600, dir_fd=folder)
        try:
            os.write(fd, b'{"trimmed":%d}\n' % until)
        finally:
            os.close(fd)
        os.rename(record + ".tmp", record, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        return False
    return True
