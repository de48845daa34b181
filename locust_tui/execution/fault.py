"""Deaths on demand, for tests: `LOCUST_TUI_FAULT=point:N:file` kills this process at the Nth run that reaches `point`.

Before it dies it makes `file`, where one is named, so that a test knows that it died there. `posix` only, since the zygote
and the shims load it and `os` would double what they carry. In a shim N counts the runs its zygote has been asked for.
"""

from __future__ import annotations

from posix import O_CREAT, O_WRONLY, environ, getpid, kill
from posix import open as open_fd

_POINT, _, _WHEN = environ.get(b"LOCUST_TUI_FAULT", b"").decode().partition(":")
_COUNT, _, _MARK = _WHEN.partition(":")
_NTH = int(_COUNT or 1)
_SIGKILL = 9
_hits = 0


def point(name: str, ordinal: int | None = None) -> None:
    """Die here if this is the chosen place; `ordinal` says which run this is, without it the hits are counted."""
    if name != _POINT:
        return
    if ordinal is None:
        global _hits
        _hits += 1
        ordinal = _hits
    if ordinal == _NTH:
        if _MARK:
            open_fd(_MARK, O_WRONLY | O_CREAT, 0o600)
        kill(getpid(), _SIGKILL)
