"""Why a disk takes no writes, asked of the disk itself: SQLite tells many failures by one word."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path

_PROBE = 64 * 1024
_WORDS = {
    errno.ENOSPC: "the disk is full; free some space",
    errno.EDQUOT: "the disk quota is used up; free some space",
    errno.EROFS: "the file system takes no writes; mount it writable again",
    errno.EIO: "the disk answers with errors; look at dmesg, and copy what you need elsewhere",
}
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def words(error: OSError) -> str:
    """What went wrong with a disk, and what to do about it."""
    return _WORDS.get(error.errno or 0) or error.strerror or str(error)


def refusal(folder: Path) -> OSError | None:
    """Write, sync and remove a small file in `folder`; what stood in the way, or None."""
    probe = folder / f".probe.{os.getpid()}"
    try:
        fd = os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            left = _PROBE
            while left:
                left -= os.write(fd, bytes(left))
            os.fsync(fd)
        finally:
            os.close(fd)
    except OSError as error:
        return error
    finally:
        with suppress(OSError):
            probe.unlink()
    return None
