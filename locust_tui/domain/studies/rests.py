"""What a figure rests on: the events it was computed from, by their revisions in the log."""

from __future__ import annotations

from collections.abc import Iterable

from locust_tui.domain.dataclass import dataclass

MOST_NAMED = 24
"""Of more events than this only the first, the last and their number are kept."""


@dataclass(frozen=True, slots=True)
class Rests:
    """`revisions` names every event where they are few, and is empty where they are many; ascending."""

    revisions: tuple[int, ...] = ()
    note: str = ""
    """What the figure rests on besides, in words: "weeks and weights of plan 3f2a…"."""
    first: int | None = None
    last: int | None = None
    count: int = 0


def rests_on(revisions: Iterable[int], note: str = "") -> Rests:
    """The events of `revisions`, in any order, each counted once."""
    found = sorted(set(revisions))
    if not found:
        return Rests(note=note)
    named = tuple(found) if len(found) <= MOST_NAMED else ()
    return Rests(named, note, found[0], found[-1], len(found))


NOTHING = Rests()
