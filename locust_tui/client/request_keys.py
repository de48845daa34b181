"""Keys by which a repeated request applies once. Imports nothing that a short call would pay for."""

from __future__ import annotations

import os

VARIABLE = "LOCUST_TUI_REQUEST_KEY"
"""Set for the verbs of a hook: run again after a crash, they ask by the same keys, and apply once."""

_asked = 0
_again = ""


def next_key() -> str:
    """A key that nobody else uses; the same one for the same request of a hook's verb that is run again."""
    global _asked, _again
    if _again:
        key, _again = _again, ""
        return key
    _asked += 1
    named = os.environ.get(VARIABLE)
    return f"{named}:{_asked}" if named else os.urandom(16).hex()


def ask_again(key: str) -> None:
    """The next request is the one that was asked by `key` and whose answer never came."""
    global _again
    _again = key
