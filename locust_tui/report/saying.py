"""Events in words: one function for each kind, registered where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch
from typing import NamedTuple

from ..domain import events as e


class Said(NamedTuple):
    """An event in words: `state` chooses the sign and names what is so now."""

    state: str
    words: str


@singledispatch
def say(body: e.EventBody) -> Said:
    """The event in words. Raises TypeError for a kind that nobody gave words."""
    raise TypeError(f"no words for {type(body).__name__}")


def joined(text: str, more: str) -> str:
    """ "text: more", or the text alone."""
    return f"{text}: {more}" if more else text


_NAMED = 3
"""So many of what a run left behind are named."""


def left_behind(leftovers: Sequence[str]) -> str:
    """ "left behind: sleep (pid 12), sh (pid 14)", at most three by name; empty where nothing was."""
    if not leftovers:
        return ""
    more = f" and {len(leftovers) - _NAMED} more" if len(leftovers) > _NAMED else ""
    return f"left behind: {', '.join(leftovers[:_NAMED])}{more}"
