"""What the agent of a run was told, from the file `sent` in the run's folder: texts, answers, interruptions."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from locust_tui.domain.dataclass import dataclass

_NAME = "sent"
_MOST = 4 << 20


@dataclass(frozen=True, slots=True)
class Call:
    """Made when the log had been heard up to byte `at`. `name`: say (text, key), answer (id, choice, note), interrupt (why)."""

    at: int
    name: str
    arguments: tuple[str, ...] = ()
    by: str = ""
    """The person; empty: the worker itself, or nobody wrote it down."""


class _Row(msgspec.Struct):
    call: Call | None = None


_rows = msgspec.json.Decoder(_Row)


class SaidTo:
    """Grows with the file. A folder without one has none."""

    def __init__(self, folder: Path | None) -> None:
        self._path = None if folder is None else folder / _NAME
        self._read = 0

    def new(self) -> list[Call]:
        """Calls that were written down since the last look. One stat where there are none."""
        if self._path is None:
            return []
        try:
            if os.stat(self._path, follow_symlinks=False).st_size <= self._read:
                return []
            fd = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return []
        try:
            data = os.pread(fd, _MOST, self._read)
        except OSError:
            return []
        finally:
            os.close(fd)
        whole = data[: data.rfind(b"\n") + 1]
        self._read += len(whole)
        return [
            call for line in whole.splitlines() if b'"call"' in line and (call := _call(line)) is not None
        ]


def _call(line: bytes) -> Call | None:
    try:
        return _rows.decode(line).call
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
