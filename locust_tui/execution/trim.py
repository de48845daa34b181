"""Bounding a log in place: its head becomes a hole, so the writer is untouched and byte offsets stay what they were."""

from __future__ import annotations

import ctypes
import os

from locust_tui.execution.names import trim_record

_KEEP_SIZE_PUNCH_HOLE = 0x01 | 0x02
_BLOCK = 4096
_libc = ctypes.CDLL(None, use_errno=True)


def allocated(fd: int) -> int:
    """Bytes the file takes on disk; holes are free."""
    return os.fstat(fd).st_blocks * 512


def punch_head(log: int, keep: int, folder: int | None = None, name: str = "log") -> int:
    """Give up all but the last `keep` bytes of the writable log `name`; the new first offset, 0 when there was nothing to give.

    The offset is recorded in `folder` (None: the current one) before the bytes go, so no reader takes a hole for output.
    Raises OSError where the file system cannot punch holes.
    """
    until = max(os.fstat(log).st_size - keep, 0) // _BLOCK * _BLOCK
    if until == 0:
        return 0
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
    record = trim_record(name)
    fd = os.open(record + ".tmp", flags, 0o600, dir_fd=folder)
    try:
        os.write(fd, b'{"trimmed":%d}\n' % until)
    finally:
        os.close(fd)
    os.rename(record + ".tmp", record, src_dir_fd=folder, dst_dir_fd=folder)
    size = ctypes.c_longlong(until)
    if _libc.fallocate(log, _KEEP_SIZE_PUNCH_HOLE, ctypes.c_longlong(0), size) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return until
