"""Textual's reader of keys, but one that loses none that an agent's terminal may wait for."""

from __future__ import annotations

from collections.abc import Iterable

from textual import events
from textual._xterm_parser import XTermParser

_ESC = "\x1b"
_BEGINS_MORE = frozenset("[O]P_^X")


class Keyboard(XTermParser):
    """While `for_an_agent`, escape and a character right after it are alt and that character, whatever it is.

    Textual says so of letters alone. Of the others it drops the escape, or takes what one system's keyboard once sent.
    """

    for_an_agent = False
    """Of all: there is one keyboard."""

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:
        if Keyboard.for_an_agent and _alone(sequence):
            sequence, alt = sequence[1], True
        for event in super()._sequence_to_key_events(sequence, alt):
            if Keyboard.for_an_agent and alt and not event.key.startswith("alt+"):
                event = events.Key(f"alt+{event.key}", event.character)
            yield event


def _alone(sequence: str) -> bool:
    """Escape and a character that begins no longer sequence."""
    return len(sequence) == 2 and sequence[0] == _ESC and sequence[1] not in _BEGINS_MORE
