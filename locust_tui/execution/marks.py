"""Empty files in a run's folder that say something by being there. An agent may have laid anything under their names."""

from __future__ import annotations

import os
from contextlib import suppress

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW


def put(folder: int, name: str) -> None:
    """Lay the mark into the open `folder`. What has its name already says the same, and is not opened: it may be a pipe."""
    with suppress(FileExistsError):
        os.close(os.open(name, _NEW, 0o600, dir_fd=folder))


def is_put(folder: int, name: str) -> bool:
    """Whether anything has that name."""
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True
