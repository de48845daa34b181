"""Kernel notices (inotify) about files in a few folders. No thread and no process: a machine may have none left to give."""

from __future__ import annotations

import asyncio
import ctypes
import os
import struct
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress

STEP_S = 0.075
"""Notices are taken no more often than this: a folder in which much is written costs no more."""
_WRITTEN, _NAMED, _FOLDER = 0x002 | 0x004 | 0x008, 0x040 | 0x080 | 0x100 | 0x200, 0x400 | 0x800
"""MODIFY, ATTRIB, CLOSE_WRITE; MOVED_FROM, MOVED_TO, CREATE, DELETE; DELETE_SELF, MOVE_SELF."""
_ONLY_FOLDERS = 0x01000000
_EVENT = struct.Struct("=iIII")
_BATCH = 1 << 16


class Notices:
    """Of the files with these `names`, None: of any, in the `folders`, from the moment it is made. Close it.

    Raises OSError where a folder is not there, or the kernel has no room for more.
    """

    def __init__(self, folders: Iterable[str], names: Collection[str] | None) -> None:
        self._names = None if names is None else {os.fsencode(name) for name in names}
        self._loop = asyncio.get_running_loop()
        self._again: asyncio.TimerHandle | None = None
        self._noticed = asyncio.Event()
        libc = ctypes.CDLL(None, use_errno=True)
        self._fd = _checked(libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))
        try:
            for folder in folders:
                mask = _WRITTEN | _NAMED | _FOLDER | _ONLY_FOLDERS
                _checked(libc.inotify_add_watch(self._fd, os.fsencode(folder), mask))
        except OSError:
            os.close(self._fd)
            raise
        self._loop.add_reader(self._fd, self._read)

    async def wait(self, seconds: float) -> None:
        """Until something happened since the last wait, or so much time has passed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._noticed.wait()
        self._noticed.clear()

    def close(self) -> None:
        """Listen no more."""
        if self._again is not None:
            self._again.cancel()
        self._loop.remove_reader(self._fd)
        os.close(self._fd)

    def _read(self) -> None:
        names = self._names
        with suppress(BlockingIOError):
            if any(names is None or not name or name in names for name in _names(os.read(self._fd, _BATCH))):
                self._noticed.set()
        self._loop.remove_reader(self._fd)
        self._again = self._loop.call_later(STEP_S, self._loop.add_reader, self._fd, self._read)


def _names(batch: bytes) -> Iterator[bytes]:
    """Of each notice, empty where it is about a folder itself, or tells that some were lost."""
    at = 0
    while at < len(batch):
        *_, length = _EVENT.unpack_from(batch, at)
        at += _EVENT.size + length
        yield batch[at - length : at].rstrip(b"\0")


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
