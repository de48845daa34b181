"""File systems of a test's own, made full, read-only or broken at will. None outlives its test; without root it is skipped."""

from __future__ import annotations

import fcntl
import io
import os
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from project import until

_EXT4_IOC_SHUTDOWN = 0x8004587D
_WITHOUT_FLUSH = 2


@contextmanager
def tmpfs(place: Path, size: str) -> Iterator[Path]:
    """A file system of `size` ("48m") in memory, mounted at `place`, which is made."""
    place.mkdir(parents=True)
    _mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", place)
    try:
        yield place
    finally:
        _run("umount", "-l", place)


@contextmanager
def without_holes(place: Path) -> Iterator[Path]:
    """A file system that gives up no part of a file (ramfs), mounted at `place`, which is made. It has no bound."""
    place.mkdir(parents=True)
    _mount("-t", "ramfs", "ramfs", place)
    place.chmod(0o700)
    try:
        yield place
    finally:
        _run("umount", "-l", place)


@dataclass(frozen=True, slots=True)
class Disk:
    """An ext4 file system in the file `image`, mounted at `place`."""

    place: Path
    image: Path

    def cut_power(self) -> None:
        """Lose everything that was not synced; until it is mounted anew, every write and sync fails with EIO.

        What was read before can still be read, from memory. End who writes here before `mount_anew`. A sync that is
        under way may say that it worked and have kept nothing: the kernel goes on, where a machine would have stopped.
        So only what was said before this begins counts as said; the next write or sync of whoever it misled fails.
        """
        fd = os.open(self.place, os.O_RDONLY)
        try:
            fcntl.ioctl(fd, _EXT4_IOC_SHUTDOWN, struct.pack("I", _WITHOUT_FLUSH))
        finally:
            os.close(fd)

    def abort(self) -> None:
        """Let the file system take no more writes (EROFS), as ext4 does by itself after an error of the disk."""
        _run("mount", "-o", "remount,abort", self.place)

    def mount_anew(self) -> None:
        """What a machine finds that comes up again. Nobody may hold a file open here."""
        until(lambda: _run("umount", self.place) == "", what=f"an end of what uses {self.place}")
        # what it holds as a new disk: a mount namespace that somebody made meanwhile keeps the broken one alive
        copy = self.image.with_suffix(".copy")
        _run("cp", "--sparse=always", self.image, copy)
        copy.replace(self.image)
        _mount("-o", "loop", self.image, self.place)


@contextmanager
def ext4(folder: Path, size: str = "64m") -> Iterator[Disk]:
    """An ext4 file system of `size` in `folder`, which is made. 0.1 s."""
    disk = Disk(folder / "disk", folder / "disk.img")
    disk.place.mkdir(parents=True)
    with disk.image.open("wb") as image:
        image.truncate(int(size.removesuffix("m")) * 2**20)
    if said := _run("mkfs.ext4", "-q", "-F", "-m", "0", disk.image):
        pytest.skip(f"no ext4 can be made here: {said}")
    _mount("-o", "loop", disk.image, disk.place)
    try:
        yield disk
    finally:
        _run("umount", "-l", disk.place)


def fill(place: Path, leave: int = 0, name: str = "junk") -> Path:
    """Take all room of the file system at `place` but `leave` bytes, by the file that is returned."""
    junk = place / name
    with junk.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12):
            with pytest.raises(OSError, match="No space left"):
                _write_for_ever(file, b"\0" * size)
        if leave:
            file.truncate(file.tell() - leave)
    return junk


def _write_for_ever(file: io.FileIO, data: bytes) -> None:
    while True:
        file.write(data)


def _mount(*arguments: str | Path) -> None:
    if said := _run("mount", *arguments):
        pytest.skip(f"needs the right to mount a file system: {said}")


def _run(*command: str | Path) -> str:
    """What it complains about; "" when it worked."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        return str(error)
    return (done.stderr.strip() or f"exit code {done.returncode}") if done.returncode else ""
