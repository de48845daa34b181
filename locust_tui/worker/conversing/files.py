"""Files that an agent reads and writes through us: below its working folder, wherever links lead.

Where a name leads is found out first; then each folder on that way is opened in turn and no link followed, so that
one which is laid meanwhile leads nowhere.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path, PurePath

from locust_tui.agents.vocabulary import FileOffered, FileWanted

MOST_BYTES = 16 << 20
_NEVER = frozenset({".git", ".locust-tui"})
"""Folders whose files make other programs run things, or are ours."""
_SAFELY = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class FileRefusedError(Exception):
    """Why the agent gets no file, in words for it."""


def carry_out(asked: FileWanted | FileOffered, cwd: Path) -> str | None:
    """Read or write; the content read, None of what was written. Raises FileRefusedError."""
    base = Path(os.path.realpath(cwd))
    try:
        inside = _below(base, asked.path, writing=isinstance(asked, FileOffered))
        if isinstance(asked, FileOffered):
            _write(base, inside, asked)
            return None
        return _read(base, inside, asked)
    except UnicodeEncodeError:
        raise FileRefusedError("a name or text with half characters is no UTF-8") from None
    except OSError as error:
        raise FileRefusedError(f"{asked.path}: {error.strerror}") from None


def _write(base: Path, inside: PurePath, asked: FileOffered) -> None:
    content = asked.content.encode("utf-8", "surrogateescape")
    folder = _folder(base, inside, make=True)
    try:
        fd, new = _opened_to_write(inside.name, folder)
        with os.fdopen(fd, "wb") as file:
            _regular(fd, asked.path)
            if new:
                os.fchmod(fd, stat.S_IMODE(os.fstat(folder).st_mode) & 0o666)
            file.truncate(0)
            file.write(content)
    finally:
        os.close(folder)


def _opened_to_write(name: str, folder: int) -> tuple[int, bool]:
    """(descriptor, whether the file is new); a new one may be read by whom its folder may."""
    with suppress(FileExistsError):
        return os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _SAFELY, 0o600, dir_fd=folder), True
    return os.open(name, os.O_WRONLY | _SAFELY, dir_fd=folder), False


def _read(base: Path, inside: PurePath, asked: FileWanted) -> str:
    folder = _folder(base, inside, make=False)
    try:
        fd = os.open(inside.name, os.O_RDONLY | _SAFELY, dir_fd=folder)
    finally:
        os.close(folder)
    with os.fdopen(fd, "rb") as file:
        _regular(fd, asked.path)
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise FileRefusedError(f"{asked.path} is larger than {MOST_BYTES >> 20} MiB")
    text = data.decode("utf-8", "replace")
    if asked.line is None and asked.limit is None:
        return text
    lines = text.splitlines(keepends=True)
    first = max(0, (asked.line or 1) - 1)
    return "".join(lines[first : None if asked.limit is None else first + asked.limit])


def _regular(fd: int, name: str) -> None:
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        raise FileRefusedError(f"{name} is no file")


def _folder(base: Path, inside: PurePath, *, make: bool) -> int:
    """A descriptor of the folder that holds `inside`; missing ones are made where asked for."""
    fd = os.open(base, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    for part in inside.parts[:-1]:
        try:
            if make:
                with suppress(FileExistsError):
                    os.mkdir(part, stat.S_IMODE(os.fstat(fd).st_mode), dir_fd=fd)
            deeper = os.open(part, os.O_RDONLY | os.O_DIRECTORY | _SAFELY, dir_fd=fd)
        finally:
            os.close(fd)
        fd = deeper
    return fd


def _below(base: Path, name: str, *, writing: bool) -> PurePath:
    """Where it really is, seen from `base`."""
    if "\0" in name:
        raise FileRefusedError("a file name holds no NUL")
    meant = Path(os.path.realpath(base / name))
    if not meant.is_relative_to(base):
        raise FileRefusedError(f"{name} is outside the working folder")
    inside = meant.relative_to(base)
    if not inside.parts:
        raise FileRefusedError(f"{name} is no file")
    if writing and _NEVER.intersection(part.lower() for part in inside.parts):
        raise FileRefusedError(f"{name} is not an agent's to write")
    return inside
