"""A file whose only use is to be deleted: space in reserve for the moment a disk is full."""

from __future__ import annotations

import os
from pathlib import Path

SIZE = 16 * 2**20
_FREE_SHARE = 0.05


class Ballast:
    """`path` holds `size` bytes while the disk has room, and none once they were needed."""

    def __init__(self, path: Path, size: int = SIZE) -> None:
        self.path = path
        self.size = size
        self.spent = False
        """It was given back, and there has not been room for it again."""

    def fill(self) -> bool:
        """Allocate the space unless that leaves under 5 % of the disk free; True when it is there."""
        try:
            if self.path.lstat().st_size >= self.size:
                self.spent = False
                return True
        except FileNotFoundError:
            pass
        if not self.fits():
            return False
        fd = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(fd, 0, self.size)
        except OSError:
            self.path.unlink()
            return False
        finally:
            os.close(fd)
        self.spent = False
        return True

    def fits(self) -> bool:
        """Whether it would leave enough of the disk free; OSError."""
        disk = os.statvfs(self.path.parent)
        return disk.f_bavail * disk.f_frsize - self.size >= _FREE_SHARE * disk.f_blocks * disk.f_frsize

    def release(self) -> bool:
        """Give the space back; False when there was none."""
        try:
            self.path.unlink()
        except FileNotFoundError:
            return False
        self.spent = True
        return True
