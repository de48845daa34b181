"""A worker's hold on its plan: the lock that only one has, taken again where somebody deleted the folder it lies in."""

from __future__ import annotations

import fcntl
import os

from locust_tui.errors import RefusedError
from locust_tui.state.folder import StateFolder

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW


class HeldByAnotherError(RefusedError):
    """Another worker holds the plan."""


class Hold:
    """Lasts as long as the process. The file names its holder for people."""

    def __init__(self, folder: StateFolder) -> None:
        self._folder = folder
        self._fd = -1

    def take(self) -> None:
        """Raises HeldByAnotherError, and OSError where the file cannot be made."""
        fd = os.open(self._folder.lock, _FLAGS, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            word = f"{os.getpid()}\n".encode()
            os.pwrite(fd, word, 0)  # over what is there, which a full disk has room for
            os.ftruncate(fd, len(word))
        except BaseException as error:
            os.close(fd)
            if isinstance(error, BlockingIOError):
                raise HeldByAnotherError(f"another worker holds {self._folder.plan_path}") from None
            raise
        if self._fd >= 0:
            os.close(self._fd)
        self._fd = fd

    def keep(self) -> bool:
        """Take it anew, in a folder made anew, where it is gone; False when another worker was faster.

        Raises OSError and FolderError where that cannot be.
        """
        try:
            about, ours = os.stat(self._folder.lock), os.fstat(self._fd)
            if (about.st_dev, about.st_ino) == (ours.st_dev, ours.st_ino):
                return True
        except FileNotFoundError:
            self._folder.prepare()
        try:
            self.take()
        except HeldByAnotherError:
            return False
        return True
