"""What can go wrong, said once: what happened, one thing to do about it, and the exit code it ends with.

LocustTuiError
├── UsageError        2   the call or the input is invalid
├── NotFoundError     3   no such plan, workstream, gate, run (with near names)
├── RefusedError      4   refused by policy: untrusted, over a cap, an agent may not decide
├── UnreachableError  5   could not decide: no worker, no answer in time
└── OutputError      74   the result could not be written
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class LocustTuiError(Exception):
    """An error a person can act on. `message` says what and where, `help` one thing to do."""

    exit_code = 1

    def __init__(self, message: str, *, help: str | None = None, exit_code: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.help = help
        if exit_code is not None:
            self.exit_code = exit_code


class UsageError(LocustTuiError):
    """The command or its input is invalid."""

    exit_code = 2


class NotFoundError(LocustTuiError):
    """Something named does not exist."""

    exit_code = 3


class RefusedError(LocustTuiError):
    """Policy says no; nothing was changed."""

    exit_code = 4


class UnreachableError(LocustTuiError):
    """The worker did not answer, so the question stays open."""

    exit_code = 5


class OutputError(LocustTuiError):
    """The result exists but could not be written."""

    exit_code = 74


def nearest(name: str, known: Iterable[str], *, n: int = 3, cutoff: float = 0.5) -> list[str]:
    """Up to `n` names as like as `cutoff`, of 1, the most likely first: one of the same letters is a slip of the fingers."""
    names, letters = list(known), sorted(name)
    twisted = [one for one in names if sorted(one) == letters and _likeness(name, one) >= cutoff]
    return list(dict.fromkeys([*twisted, *difflib.get_close_matches(name, names, n=n, cutoff=cutoff)]))[:n]


def _likeness(name: str, other: str) -> float:
    return difflib.SequenceMatcher(None, other, name).ratio()


def did_you_mean(name: str, known: Iterable[str], *, cutoff: float = 0.5) -> str | None:
    """A help line naming up to three near names, or None when nothing is near: as like as `cutoff`, of 1."""
    near = nearest(name, known, cutoff=cutoff)
    return f"did you mean {' or '.join(near)}?" if near else None
