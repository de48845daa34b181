"""Whether a file system lets the head of a log be given up."""

from __future__ import annotations

import os
from pathlib import Path

from locust_tui.execution import trim

_KEPT = 4096


def refusal(folder: Path) -> str:
    """Why no log in this folder can be bounded, in the kernel's words; empty where it can, or cannot be tried.

    Tried on a file without a name, which is gone at once.
    """
    try:
        fd = os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError:
        return ""
    try:
        return _tried(fd)
    finally:
        os.close(fd)


def _tried(fd: int) -> str:
    try:
        os.write(fd, bytes(4 * _KEPT))
    except OSError:  # a full disk, say: nothing to punch a hole into
        return ""
    try:
        trim.punch_head(fd, _KEPT, None)
    except OSError as error:
        return os.strerror(error.errno or 0)
    return ""
