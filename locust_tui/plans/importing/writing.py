"""Values → the text of a plan file, each line with a comment that names the document's line it comes from."""

from __future__ import annotations

import os
from typing import Any

from ...safe_text import safe
from ..marks import scalar
from .assembled import Assembled, Place

_BLANK_BEFORE = frozenset(
    {
        "agents",
        "resources",
        "meta",
        "phases",
        "orchestrators",
        "workstreams",
        "gates",
        "kpis",
        "risks",
        "strategies",
        "escalation",
        "monitors",
        "success",
    }
)
_ON_ONE_LINE = frozenset({"phases", "kpis", "agents"})


def plan_text(made: Assembled, document: str) -> tuple[str, list[Place]]:
    """The file, and for each of its lines the place that stands there."""
    document = safe(os.path.basename(document), oneline=True)
    writer = _Writer(made, document)
    writer.line(f"# From {document}; the number behind a line is the document's line it was taken from.", ())
    writer.line("# Check it with: locust-tui check PLAN", ())
    for key, value in made.values.items():
        if key in _BLANK_BEFORE:
            writer.line("", ())
        writer.entry(0, key, value, (key,))
    return "\n".join(writer.lines) + "\n", writer.places


class _Writer:
    def __init__(self, made: Assembled, document: str) -> None:
        self.made = made
        self.document = document
        self.lines: list[str] = []
        self.places: list[Place] = []

    def line(self, text: str, place: Place) -> None:
        comment = self.made.comments.get(place)
        said = self.made.lines.get(place)
        if comment is None and said is not None:
            comment = f"{self.document}:{said}"
        self.lines.append(f"{text} # {comment}" if comment else text)
        self.places.append(place)

    def entry(self, depth: int, key: str, value: Any, place: Place) -> None:
        number = key.isdecimal() and key.isascii() and str(int(key)) == key
        head = f"{'  ' * depth}{key if number else scalar(key, flow=True)}:"
        if isinstance(value, dict) and value and not (len(place) == 2 and place[0] in _ON_ONE_LINE):
            self.line(head, place)
            for inner, item in value.items():
                self.entry(depth + 1, inner, item, (*place, inner))
        elif isinstance(value, list) and value and any(isinstance(item, dict) for item in value):
            self.line(head, place)
            for n, item in enumerate(value):
                self.line(f"{'  ' * (depth + 1)}- {scalar(item, flow=True)}", (*place, n))
        else:
            self.line(f"{head} {scalar(value)}", place)
