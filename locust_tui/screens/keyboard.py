"""Textual's reader of keys, but one that loses none that an agent's terminal may wait for, and takes a paste as a whole."""

from __future__ import annotations

from collections.abc import Iterable

from textual import events
from textual._xterm_parser import XTermParser
from textual.message import Message

from .pasting import BEGIN, END, MOST_FOR_AN_AGENT, MOST_PASTED, Cut, Pasting, begin_of_paste

_ESC = "\x1b"
_BEGINS_MORE = frozenset("[O]P_^X")


class Keyboard(XTermParser):
    """A paste passes at once: Textual takes each character of it through the steps of a key, many seconds for megabytes.

    While `for_an_agent`, escape and a character right after it are alt and that character, whatever it is.

    Textual says so of letters alone. Of the others it drops the escape, or takes what one system's keyboard once sent.
    """

    for_an_agent = False
    """Of all: there is one keyboard."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._paste: Pasting | None = None
        self._before = ""
        """The last characters typed: a paste's mark may have begun in them."""

    def feed(self, data: str) -> Iterable[Message]:
        """Keys, and pastes of at most MOST_PASTED characters; a Cut where one was longer."""
        if not data:
            yield from super().feed(data)
        if self._paste is not None and self._paste.was_left(data):
            yield from self._end_paste()
        while data:
            if self._paste is None:
                begins = begin_of_paste(self._before, data)
                yield from super().feed(data[:begins])
                self._before = "" if begins is not None else (self._before + data)[1 - len(BEGIN) :]
                if begins is None:
                    return
                self._paste = Pasting(MOST_FOR_AN_AGENT if Keyboard.for_an_agent else MOST_PASTED)
                data = data[begins:]
            else:
                after = self._paste.take(data)
                if after is None:
                    return
                yield from self._end_paste()
                data = after

    def _end_paste(self) -> Iterable[Message]:
        paste, self._paste = self._paste, None
        assert paste is not None
        for message in super().feed(END):
            if not isinstance(message, events.Paste):  # it saw no character of it
                yield message
        if paste.cut and Keyboard.for_an_agent:
            yield Cut("too long a paste for an agent's terminal: none of it was typed")
            return
        yield events.Paste(paste.text)
        if paste.cut:
            yield Cut(f"that paste was long: its last {paste.cut} characters were left out")

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
