"""Keys that are typed faster than screens open: each goes where the keys before it have led."""

from __future__ import annotations

from collections.abc import Callable
from weakref import WeakKeyDictionary

from textual import events
from textual.widget import Widget


class TypingAhead:
    """Knows to whom each key was sent. `taker` has the focus now."""

    def __init__(self, taker: Callable[[], Widget]) -> None:
        self._taker = taker
        self._sent: WeakKeyDictionary[events.Key, Widget] = WeakKeyDictionary()

    def sends(self, key: events.Key) -> None:
        self._sent[key] = self._taker()

    def take_back(self, key: events.Key) -> None:
        """Make a key new again that its taker had no use for, and that another would take by now.

        It was sent off while the key before it was still being dealt with: `/` and `p` in one go mean a filter, no pause.
        """
        taker = self._taker()
        if self._sent.get(key, taker) is not taker:
            key._forwarded = False
            key.stop(False)
