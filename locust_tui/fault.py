"""Faults on demand, for tests: `LOCUST_TUI_FAULT=point:N` kills this process at the Nth time that it reaches `point`.

`point:N:FILE` makes FILE before the death, `point:N:FILE:stop` stops the process instead, until somebody continues it.
`LOCUST_TUI_FAULT_TRACE=FILE` adds a line with the name of every point that is reached. Free when neither is set, and `posix`
only, since the zygote and the shims load it and `os` would double what they carry. In a shim N counts the runs its zygote
has been asked for.
"""

from __future__ import annotations

from posix import O_APPEND, O_CLOEXEC, O_CREAT, O_WRONLY, close, environ, getpid, kill, write
from posix import open as open_fd

VARIABLES = ("LOCUST_TUI_FAULT", "LOCUST_TUI_FAULT_TRACE")
_POINT, _COUNT, _MARK, _HOW = (*environ.get(b"LOCUST_TUI_FAULT", b"").decode().split(":"), "", "", "")[:4]
_NTH = int(_COUNT or 1)
_TRACE = environ.get(b"LOCUST_TUI_FAULT_TRACE", b"")
_SIGKILL, _SIGSTOP = 9, 19
_NOTE = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC
_hits = 0


def point(name: str, ordinal: int | None = None) -> None:
    """Die here if this is the chosen place; `ordinal` says which run this is, without it the hits are counted."""
    if _TRACE:
        _add(_TRACE, name)
    if name != _POINT:
        return
    if ordinal is None:
        global _hits
        _hits += 1
        ordinal = _hits
    if ordinal == _NTH:
        if _MARK:
            _add(_MARK.encode(), name)
        kill(getpid(), _SIGSTOP if _HOW == "stop" else _SIGKILL)


def _add(file: bytes, name: str) -> None:
    fd = open_fd(file, _NOTE, 0o600)
    write(fd, name.encode() + b"\n")
    close(fd)
