"""Files that an agent reads and writes through us: below its working folder, wherever links lead."""

from __future__ import annotations

import os
from pathlib import Path

from locust_tui.agents.vocabulary import FileOffered, FileWanted

MOST_BYTES = 16 << 20
_NEVER = frozenset({".git", ".locust-tui"})
"""Folders whose files make other programs run things, or are ours."""


class FileRefusedError(Exception):
    """Why the agent gets no file, in words for it."""


def carry_out(asked: FileWanted | FileOffered, cwd: Path) -> str | None:
    """Read or write; the content read, None of what was written. Raises FileRefusedError."""
    path = _below(cwd, asked.path, writing=isinstance(asked, FileOffered))
    try:
        if isinstance(asked, FileOffered):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(asked.content, encoding="utf-8", errors="surrogateescape", newline="")
            return None
        return _read(path, asked)
    except OSError as error:
        raise FileRefusedError(f"{asked.path}: {error.strerror}") from None


def _read(path: Path, asked: FileWanted) -> str:
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(fd, "rb") as file:
        if not path.is_file():
            raise FileRefusedError(f"{asked.path} is no file")
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise FileRefusedError(f"{asked.path} is larger than {MOST_BYTES >> 20} MiB")
    text = data.decode("utf-8", "replace")
    if asked.line is None and asked.limit is None:
        return text
    lines = text.splitlines(keepends=True)
    first = max(0, (asked.line or 1) - 1)
    return "".join(lines[first : None if asked.limit is None else first + asked.limit])


def _below(cwd: Path, name: str, *, writing: bool) -> Path:
    if "\0" in name:
        raise FileRefusedError("a file name holds no NUL")
    base = Path(os.path.realpath(cwd))
    meant = Path(os.path.realpath(base / name))
    if not meant.is_relative_to(base):
        raise FileRefusedError(f"{name} is outside the working folder")
    if writing and _NEVER.intersection(part.lower() for part in meant.relative_to(base).parts):
        raise FileRefusedError(f"{name} is not an agent's to write")
    return meant
