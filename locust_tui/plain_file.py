"""Files in places where an agent may have laid anything: no link is followed, no pipe waited for, nothing endless read."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

_SAFELY = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
LARGEST = 64 << 20


def open_plain(path: str | Path, flags: int = os.O_RDONLY) -> int:
    """A descriptor of a plain file, made with mode 0600 where O_CREAT is among the flags; the caller closes it.

    Raises OSError, with ELOOP or ENXIO where something else lies there.
    """
    fd = os.open(path, flags | _SAFELY, 0o600)
    if stat.S_ISREG(os.fstat(fd).st_mode):
        return fd
    os.close(fd)
    raise OSError(errno.ELOOP, "not a plain file", os.fspath(path))


def read_plain(path: str | Path, most: int = LARGEST) -> bytes:
    """The first `most` bytes of a plain file. Raises OSError as `open_plain`."""
    with os.fdopen(open_plain(path), "rb") as file:
        return file.read(most)
