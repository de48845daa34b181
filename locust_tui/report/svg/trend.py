"""A key figure's way over the weeks, small enough for a table."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from ..elements import el
from ..figures import number
from .shapes import Scale, path, picture, pieces

WIDTH, HEIGHT = 120.0, 28.0


def trend(name: str, title: str, values: Sequence[float | None]) -> Element:
    """One value a week, oldest first; None is a gap."""
    known = [v for v in values if v is not None]
    if not known:
        return picture(name, WIDTH, HEIGHT, title, "no value is known", ())
    x = Scale(0, max(1, len(values) - 1), 4, WIDTH - 6)
    y = Scale(min(known), max(known), HEIGHT - 5, 5)
    if min(known) == max(known):
        y = Scale(0, 1, HEIGHT / 2, HEIGHT / 2)
    runs = pieces((x(n), None if v is None else y(v)) for n, v in enumerate(values))
    parts = [path(run, "trend") if len(run) > 1 else _dot(run[0], 1.5) for run in runs]
    last = max(n for n, v in enumerate(values) if v is not None)
    value = values[last]
    assert value is not None
    parts.append(_dot((x(last), y(value)), 2.5))
    about = f"{len(known)} weeks, from {number(known[0])} to {number(known[-1])}, between {number(min(known))} and {number(max(known))}"
    return picture(name, WIDTH, HEIGHT, title, about, parts)


def _dot(at: tuple[float, float], size: float) -> Element:
    return el("circle", cx=at[0], cy=at[1], r=size, class_="dot")
