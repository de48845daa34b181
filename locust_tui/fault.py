"""Faults on demand, for tests: `LOCUST_TUI_FAULT=point:N` kills this process at the Nth time that it reaches `point`.

`point:N:FILE` makes FILE before the death, and nothing dies there again while FILE exists. `point:N:FILE:always` goes on
killing; `point:N:FILE:stop` stops the process instead, until somebody continues it.
`LOCUST_TUI_FAULT_TRACE=FILE` adds a line with the name of every point that is reached. Free when neither is set, and `posix`
only, since the zygote and the shims load it and `os` would double what they carry. In a shim N counts the runs its zygote
has been asked for.
"""

from __future__ import annotations

from posix import O_APPEND, O_CLOEXEC, O_CREAT, O_EXCL, O_WRONLY, close, environ, getpid, kill, write
from posix import open as open_fd

VARIABLES = ("LOCUST_TUI_FAULT", "LOCUST_TUI_FAULT_TRACE")
_POINT, _COUNT, _MARK, _HOW = (*environ.get(b"LOCUST_TUI_FAULT", b"").decode().split(":"), "", "", "")[:4]
_NTH = int(_COUNT or 1)
_TRACE = environ.get(b"LOCUST_TUI_FAULT_TRACE", b"")
_SIGKILL, _SIGSTOP = 9, 19
_hits = 0


def point(name: str, ordinal: int | None = None) -> None:
    """Die here if this is the chosen place; `ordinal` says which run this is, without it the hits are counted."""
    if _TRACE:
        _trace(name)
    if name != _POINT:
        return
    if ordinal is None:
        global _hits
        _hits += 1
        ordinal = _hits
    if ordinal == _NTH and (not _MARK or _first() or _HOW == "always"):
        kill(getpid(), _SIGSTOP if _HOW == "stop" else _SIGKILL)


def _first() -> bool:
    try:
        close(open_fd(_MARK, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600))
    except FileExistsError:
        return False
    return True


def _trace(name: str) -> None:
    fd = open_fd(_TRACE, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    write(fd, name.encode() + b"\n")
    close(fd)
