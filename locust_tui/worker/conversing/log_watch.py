"""Tells which logs grew as it happens (inotify), so that fifty quiet agents cost nothing to listen to."""

from __future__ import annotations

import asyncio
import ctypes
import logging
import os
import struct
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger(__name__)

_MODIFIED = 0x2  # IN_MODIFY
_OVERFLOW, _IGNORED = 0x4000, 0x8000
_HEAD = struct.Struct("iIII")


class LogWatch:
    """`changed` holds the runs whose logs grew since it was last cleared; `wake` is called with each.

    Where the kernel gives no watch, `watch` says False: those logs have to be looked at.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self.changed: set[str] = set()
        self._wake = wake
        self._runs: dict[int, str] = {}
        self._marks: dict[str, int] = {}
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._fd: int = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._fd >= 0:
            asyncio.get_running_loop().add_reader(self._fd, self._read)

    def watch(self, run_id: str, path: Path) -> bool:
        """From now on; whether it is watched."""
        if run_id in self._marks:
            return True
        if self._fd < 0:
            return False
        mark: int = self._libc.inotify_add_watch(self._fd, os.fsencode(path), _MODIFIED)
        if mark < 0:
            return False
        self._runs[mark], self._marks[run_id] = run_id, mark
        return True

    def watched(self, run_id: str) -> bool:
        return run_id in self._marks

    def forget(self, run_id: str) -> None:
        mark = self._marks.pop(run_id, None)
        if mark is not None:
            del self._runs[mark]
            self._libc.inotify_rm_watch(self._fd, mark)
        self.changed.discard(run_id)

    def _read(self) -> None:
        try:
            data = os.read(self._fd, 65_536)
        except BlockingIOError:
            return
        at = 0
        while at < len(data):
            mark, mask, _, length = _HEAD.unpack_from(data, at)
            at += _HEAD.size + length
            if mask & _OVERFLOW:
                self.changed.update(self._marks)
            elif mark in self._runs:
                if mask & _IGNORED:  # the log was deleted: its run is looked at like any that has no watch
                    self._marks.pop(self._runs.pop(mark), None)
                else:
                    self.changed.add(self._runs[mark])
        self._wake()

    def close(self) -> None:
        if self._fd >= 0:
            asyncio.get_running_loop().remove_reader(self._fd)
            os.close(self._fd)
            self._fd = -1
