"""What every picture of the report is drawn from: a frame with a title, lines, boxes, words, scales and axes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from xml.etree.ElementTree import Element

from locust_tui.domain.dataclass import dataclass

from ..elements import Child, el, figure

LETTER = 6.3
"""Width of a letter of the small type, on average: words are cut by it before they run into something."""


@dataclass(frozen=True, slots=True)
class Scale:
    """From values `low` to `high` to positions `first` to `last`."""

    low: float
    high: float
    first: float
    last: float

    def __call__(self, value: float) -> float:
        if self.high <= self.low:
            return self.first
        inside = min(max(value, self.low), self.high)
        return self.first + (inside - self.low) / (self.high - self.low) * (self.last - self.first)


def picture(
    name: str, width: float, height: float, title: str, about: str, parts: Iterable[Element]
) -> Element:
    """The whole picture. `name` is its id in the page; `about` says in words what is to be seen."""
    return el(
        "svg",
        el("title", title, id=f"{name}-title"),
        el("desc", about, id=f"{name}-about"),
        *parts,
        role="img",
        viewBox=f"0 0 {figure(width)} {figure(height)}",
        aria_labelledby=f"{name}-title {name}-about",
    )


def group(*children: Child, class_: str | None = None) -> Element:
    return el("g", *children, class_=class_)


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> Element:
    return el("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_)


def box(x: float, y: float, width: float, height: float, class_: str, round_: float = 0) -> Element:
    return el("rect", x=x, y=y, width=max(0.0, width), height=height, rx=round_ or None, class_=class_)


def words(x: float, y: float, text: str, class_: str = "", anchor: str = "start") -> Element:
    return el(
        "text", text, x=x, y=y, class_=class_ or None, text_anchor=None if anchor == "start" else anchor
    )


def path(points: Sequence[tuple[float, float]], class_: str, *, closed: bool = False) -> Element:
    steps = " ".join(f"{'M' if n == 0 else 'L'}{figure(x)} {figure(y)}" for n, (x, y) in enumerate(points))
    made = Element("path", {"d": steps + (" Z" if closed else "")})  # numbers alone: no text to shorten
    made.set("class", class_)
    return made


def diamond(x: float, y: float, size: float, class_: str) -> Element:
    return path([(x, y - size), (x + size, y), (x, y + size), (x - size, y)], class_, closed=True)


def cut(text: str, room: float) -> str:
    """`text`, or as much of it as is likely to fit into `room`."""
    letters = max(1, int(room / LETTER))
    return text if len(text) <= letters else text[: letters - 1].rstrip() + "…"


def ticks(low: float, high: float, most: int) -> list[float]:
    """At most `most` + 1 round values from `low` to `high`: steps of 1, 2 or 5 times a power of ten."""
    if high <= low:
        return [low]
    rough = (high - low) / max(1, most)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(s * power for s in (1, 2, 5, 10) if s * power >= rough - 1e-12)
    first = math.ceil(low / step - 1e-9)
    return [n * step for n in range(first, math.floor(high / step + 1e-9) + 1)]


def week_ticks(first: int, last: int, most: int) -> list[int]:
    """Plan weeks to be named on an axis, the first one among them."""
    step = 1
    for step in (1, 2, 4, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 10_000):
        if (last - first) / step <= most:
            break
    return list(range(first, last + 1, step))


def legend(
    entries: Sequence[tuple[str, Element]], x: float, y: float, width: float
) -> tuple[list[Element], float]:
    """Samples with their words, broken into lines of `width`; also the height they take."""
    parts: list[Element] = []
    at, top = x, y
    for text, sample in entries:
        size = 24 + len(text) * LETTER + 12
        if at > x and at + size > x + width:
            at, top = x, top + 18
        sample.set("transform", f"translate({figure(at)} {figure(top)})")
        parts += [sample, words(at + 24, top + 4, text, "small")]
        at += size
    return parts, top - y + 18


def pieces(
    values: Iterable[tuple[float, float | None]],
) -> Iterator[list[tuple[float, float]]]:
    """Runs of points without a gap."""
    run: list[tuple[float, float]] = []
    for x, y in values:
        if y is None:
            if run:
                yield run
            run = []
        else:
            run.append((x, y))
    if run:
        yield run
