"""The values of a plan file under construction."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Place = tuple[str | int, ...]


@dataclass(slots=True)
class Assembled:
    """A plan file's values. `lines`: place → line of the document; `comments`: place → words instead of one."""

    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[Place, int] = field(default_factory=dict)
    comments: dict[Place, str] = field(default_factory=dict)

    def line(self, place: Place) -> int | None:
        """The line of `place`, or of the nearest place around it."""
        for depth in range(len(place), 0, -1):
            if place[:depth] in self.lines:
                return self.lines[place[:depth]]
        return None

    def put(self, place: Place, value: Any, line: int | None = None) -> None:
        """A value at a place of keys; None is left out."""
        if value is None or value == "" or value == []:
            return
        block: dict[Any, Any] = self.values
        for step in place[:-1]:
            block = block.setdefault(step, {})
        block[place[-1]] = value
        if line is not None:
            self.lines[place] = line


def number(phase: str | None) -> str | int | None:
    """Phases are written without quotes where they are numbers."""
    return int(phase) if phase is not None and phase.isdecimal() and str(int(phase)) == phase else phase


def kept(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value not in (None, "", [], {})}
