"""Deaths on demand, for tests: `LOCUST_TUI_FAULT=point:N` kills this process at the Nth run that reaches `point`.

`os` only, since the zygote and the shims load it. In a shim N counts the runs its zygote has been asked for.
"""

from __future__ import annotations

import os

_POINT, _, _COUNT = os.environ.get("LOCUST_TUI_FAULT", "").partition(":")
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
        os.kill(os.getpid(), _SIGKILL)
