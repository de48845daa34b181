"""A file system that the kernel takes for one of another machine (`fuse.sshfs`): an empty folder that tells what is asked of it."""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_LOOKUP, _FORGET, _GETATTR, _INIT, _INTERRUPT, _BATCH_FORGET = 1, 2, 3, 26, 36, 42
CHANGES = {6: "symlink", 8: "mknod", 9: "mkdir", 12: "rename", 13: "link", 16: "write", 35: "create"}
_IN, _OUT = struct.Struct("<IIQQIIII"), struct.Struct("<IiQ")
_DETACH = 2


class RemoteFolder:
    """`asked` has the number of every operation; CHANGES names those that would have changed something.

    While `answers` is cleared, whoever looks for something in it waits, and cannot be stopped.
    """

    def __init__(self, place: Path) -> None:
        self.place = place
        self.asked: list[int] = []
        self.answers = threading.Event()
        self.answers.set()

    @property
    def changes(self) -> list[str]:
        return [CHANGES[number] for number in self.asked if number in CHANGES]

    @property
    def is_looked_into(self) -> bool:
        return _LOOKUP in self.asked

    def serve(self, device: int) -> None:
        """Until it is unmounted."""
        while True:
            try:
                request = os.read(device, 1 << 18)
            except OSError as error:
                if error.errno in (errno.ENODEV, errno.EBADF):
                    return
                continue
            _, number, unique, *_ = _IN.unpack_from(request)
            self.asked.append(number)
            if number in (_FORGET, _BATCH_FORGET, _INTERRUPT):
                continue
            if number == _LOOKUP:
                self.answers.wait()
            answer = {_INIT: _hello, _GETATTR: _an_empty_folder}.get(number)
            problem = -errno.ENOENT if number == _LOOKUP else -errno.ENOSYS
            data = answer() if answer is not None else b""
            said = _OUT.pack(_OUT.size + len(data), 0 if answer is not None else problem, unique) + data
            os.write(device, said)


def _hello() -> bytes:
    return struct.pack("<IIIIHHIIHHI28x", 7, 31, 1 << 16, 0, 12, 10, 1 << 16, 1, 1, 0, 0)


def _an_empty_folder() -> bytes:
    attributes = struct.pack("<6Q3I7I", 1, 0, 0, 0, 0, 0, 0, 0, 0, stat.S_IFDIR | 0o700, 2, 0, 0, 0, 4096, 0)
    return struct.pack("<QII", 3600, 0, 0) + attributes


@contextmanager
def remote_folder(place: Path) -> Iterator[RemoteFolder]:
    """Mounted at `place`, which is made. Skips where that is not allowed."""
    place.mkdir()
    try:
        device = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        pytest.skip(f"needs /dev/fuse: {error.strerror}")
    libc = ctypes.CDLL(None, use_errno=True)
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0".encode()
    if libc.mount(b"me@far:/", os.fsencode(place), b"fuse.sshfs", 0, options):
        os.close(device)
        pytest.skip(f"needs the right to mount: {os.strerror(ctypes.get_errno())}")
    remote = RemoteFolder(place)
    server = threading.Thread(target=remote.serve, args=(device,), daemon=True)
    server.start()
    try:
        yield remote
    finally:
        remote.answers.set()
        libc.umount2(os.fsencode(place), _DETACH)
        os.close(device)
        server.join(5)
