"""Plain values of a plan file, and where each of them stands."""

from __future__ import annotations

from dataclasses import field
from typing import Any

from yaml.events import Event, MappingStartEvent, SequenceStartEvent

from locust_tui.domain.dataclass import dataclass

from .problem import Span

Where = tuple[str | int, ...]
"""A place in the tree: keys and list positions from the top."""


class TreeError(ValueError):
    """The text is no tree a plan may be made of; `span` says where."""

    def __init__(self, code: str, message: str, span: Span, help: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.span = span
        self.help = help


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A key written twice in one block; the first one counts."""

    where: Where
    key: str
    first: Span
    second: Span


@dataclass(slots=True)
class Tree:
    """`value` is made of dict, list, str, int, float, bool and None; every key is a text."""

    value: Any
    marks: dict[int, tuple[Any, Event, Event]] = field(default_factory=dict)
    """id of a container → (its entries' events, its start event, its end event)."""
    root: Event | None = None
    duplicates: list[Duplicate] = field(default_factory=list)
    complaints: list[TreeError] = field(default_factory=list)
    """What was wrong without stopping the reading."""
    kept: list[Any] = field(default_factory=list)

    def span(self, where: Where) -> Span | None:
        """Where the value at `where` stands; the nearest block around it when it is not written there."""
        _, event, value, _ = self._find(where)
        return None if event is None else _marks_span(event.start_mark, self._end(event, value))

    def key_span(self, where: Where) -> Span | None:
        """Where the key (or the list item) at `where` stands."""
        key, event, _, _ = self._find(where)
        place = key or event
        return None if place is None else event_span(place)

    def events(self, where: Where) -> tuple[Event | None, Event] | None:
        """Key event and value event of exactly `where`; None when nothing is written there."""
        key, event, _, exact = self._find(where)
        return (key, event) if exact and event is not None else None

    def indices(self, where: Where) -> tuple[int, int] | None:
        """Character positions of the value at exactly `where` in the text that was read."""
        event: Any
        _, event, value, exact = self._find(where)
        if event is None or not exact:
            return None
        return event.start_mark.index, self._end(event, value).index

    def _find(self, where: Where) -> tuple[Event | None, Event | None, Any, bool]:
        key, event, value = None, self.root, self.value
        for step in where:
            try:
                entry = self.marks[id(value)][0][step]
                value = value[step]
            except (KeyError, IndexError, TypeError):
                return key, event, value, False
            key, event = entry if isinstance(entry, tuple) else (None, entry)
        return key, event, value, True

    def _end(self, event: Event, value: Any) -> Any:
        if isinstance(event, MappingStartEvent | SequenceStartEvent):
            return self.marks[id(value)][2].end_mark
        return event.end_mark


def line_of(mark: Any) -> int:
    """The 0-based line of a libyaml mark."""
    return int(mark.line)


def _marks_span(start: Any, end: Any) -> Span:
    return Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def event_span(event: Event) -> Span:
    return _marks_span(event.start_mark, event.end_mark)
