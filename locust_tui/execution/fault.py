"""Deaths on demand, for tests: `LOCUST_TUI_FAULT=point:N` kills this process at the Nth run that reaches `point`.

`posix` only, since the zygote and the shims load it and `os` would double what they carry. In a shim N counts the runs its zygote has been asked for.
"""

from __future__ import annotations

from posix import environ, getpid, kill

_POINT, _, _COUNT = environ.get(b"LOCUST_TUI_FAULT", b"").decode().partition(":")
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
        kill(getpid(), _SIGKILL)
