"""Looks, once a second, at what is left of the disk and the descriptors: before they are used up, nothing is started any more.

On a disk that fills up the outputs of running agents give way first, then starts, and the record's own reserve last.
"""

from __future__ import annotations

import asyncio
import os
import resource
from collections.abc import Callable
from pathlib import Path

from .shortage import Shortage

LOOK_S = 1.0
DISK_FLOOR = 64 * 2**20
DISK_SHARE = 0.05
"""Of a small disk the floor is a share: the one that the record's reserve leaves free."""
DESCRIPTOR_FLOOR = 64
"""Or a quarter of the limit, where that is less."""
ENOUGH_AGAIN = 1.25
"""Floors that have to be left before starts go on: one that ends would let the next begin, and so on."""
_WHO = "the worker"


class Floors:
    """`spare_disk` is called with whether the disk is so short that outputs have to give way, when that changes."""

    def __init__(self, folder: Path, shortage: Shortage, spare_disk: Callable[[bool], None]) -> None:
        self._folder = folder
        self._shortage = shortage
        self._spare_disk = spare_disk
        self._sparing = False
        self._short = False

    async def forever(self) -> None:
        """A duty that ends only by being cancelled."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_S)

    def look(self) -> None:
        """Take note of what is left now."""
        lack = self._lack_of_space() or self._lack_of_descriptors()
        self._short = bool(lack)
        if lack:
            self._shortage.lacks(_WHO, lack)
        else:
            self._shortage.has(_WHO)

    def _lack_of_space(self) -> str:
        try:
            disk = os.statvfs(self._folder)
        except OSError:
            return ""  # the folder is gone or ill: the record's own trouble, and told as that
        free = disk.f_bavail * disk.f_frsize
        floor = int(min(DISK_FLOOR, DISK_SHARE * disk.f_blocks * disk.f_frsize))
        sparing = free < (4 if self._sparing else 2) * floor
        if sparing != self._sparing:
            self._sparing = sparing
            self._spare_disk(sparing)
        if self._is_enough(free, floor):
            return ""
        return f"less than {floor / 1e6:.0f} MB are left on the disk of {self._folder}"

    def _lack_of_descriptors(self) -> str:
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        floor = min(DESCRIPTOR_FLOOR, limit // 4)
        if limit == resource.RLIM_INFINITY or self._is_enough(limit - _open_descriptors(limit), floor):
            return ""
        return f"fewer than {floor} of {limit} file descriptors are left (ulimit -n)"

    def _is_enough(self, left: int, floor: int) -> bool:
        return left >= floor * (ENOUGH_AGAIN if self._short else 1)


def _open_descriptors(limit: int) -> int:
    try:
        return len(os.listdir("/proc/self/fd"))
    except OSError:
        return limit  # not even one to look with
