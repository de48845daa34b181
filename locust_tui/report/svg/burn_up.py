"""Burn-up: what was to be done, what is verified, all there is to do, and where the forecast sees the end."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from locust_tui.domain.dataclass import dataclass

from ..elements import el
from ..figures import number
from ..figures import week as week_words
from .shapes import Scale, box, group, legend, line, path, picture, pieces, ticks, week_ticks, words


@dataclass(frozen=True, slots=True)
class BurnUp:
    """Weeks are plan weeks from the start of week 1, values points of weight."""

    points: Sequence[tuple[float, float, float | None, float]]
    """(week, planned, verified or None ahead of now, in scope then), in time order."""
    now: float | None
    p50: float | None
    p85: float | None
    window: tuple[float, float] | None
    """Plan weeks of the acceptable end, first and last, as the plan counts them."""


def burn_up(name: str, values: BurnUp, width: float) -> Element:
    """As wide as told; the words stay as large as they are."""
    wide = width > 500
    high = 300.0 if wide else 270.0
    ends = [p[0] for p in values.points]
    last = math.ceil(max([*ends, *(w for w in (values.p85, values.now) if w is not None), 1.0]) - 1e-9)
    most = max([*(p[3] for p in values.points), *(p[1] for p in values.points), 1.0])
    entries = list(_legend(values))
    keys, taken = legend(entries, 36, 10, width - 40)
    x = Scale(0, last, 40, width - 10)
    y = Scale(0, most, high - 34, taken + 16)
    parts = [*_window(values, x, y, wide), *_axes(x, y, last, most, width), *_forecast(values, x, y)]
    parts += [path(run, "scope") for run in pieces(_stepped(values.points, x, y))]
    parts.append(path([(x(w), y(pv)) for w, pv, _, _ in values.points], "pv"))
    parts += [
        path(run, "ev")
        for run in pieces((x(w), None if ev is None else y(ev)) for w, _, ev, _ in values.points)
    ]
    parts += _now(values, x, y)
    return picture(name, width, high, "Burn-up", about(values), [*parts, *keys])


def about(values: BurnUp) -> str:
    """The picture in words."""
    known = [p for p in values.points if p[2] is not None]
    if not known:
        return "Nothing is verified yet."
    _, planned, verified, scope = known[-1]
    said = f"{number(verified)} of {number(scope)} points are verified, {number(planned)} were planned by now"
    if values.p50 is not None and values.p85 is not None:
        said += (
            f"; the end is forecast for week {week_words(values.p50)} (P50) to {week_words(values.p85)} (P85)"
        )
    return f"{said}."


def _stepped(
    points: Sequence[tuple[float, float, float | None, float]], x: Scale, y: Scale
) -> Iterator[tuple[float, float]]:
    """What is in scope changes at once, not slowly."""
    before: float | None = None
    for at, _, _, scope in points:
        if before is not None and before != scope:
            yield x(at), y(before)
        yield x(at), y(scope)
        before = scope


def _axes(x: Scale, y: Scale, last: int, most: float, width: float) -> Iterator[Element]:
    for value in ticks(0, most, 5):
        yield line(x.first, y(value), x.last, y(value), "grid")
        yield words(x.first - 6, y(value) + 4, number(value), "small", "end")
    for week in week_ticks(0, last, int(width / 34)):
        yield words(x(week), y.first + 16, str(week), "small", "middle")
    yield words(x.last, y.first + 30, "plan weeks passed", "small", "end")
    yield words(x.first, y.first + 30, "points", "small")


def _window(values: BurnUp, x: Scale, y: Scale, wide: bool) -> Iterator[Element]:
    """The first week of the window is when it begins to be acceptable to end: its end is the last week's."""
    if values.window is None:
        return
    first, last = values.window
    left = x(first)
    yield box(left, y.last, max(1.0, x(last) - left), y.first - y.last, "window")
    if wide:
        yield words(left + 4, y.first - 6, "window", "small")


def _forecast(values: BurnUp, x: Scale, y: Scale) -> Iterator[Element]:
    found = _ahead(values)
    if found is None or values.p50 is None or values.p85 is None:
        return
    at, verified, scope = found
    begin = (x(at), y(verified))
    yield path([begin, (x(values.p50), y(scope)), (x(values.p85), y(scope))], "cone", closed=True)
    yield path([begin, (x(values.p50), y(scope))], "likely")


def _ahead(values: BurnUp) -> tuple[float, float, float] | None:
    """(week, verified, scope) from where the forecast starts; None where there is none, or nothing is left to do."""
    known = [(at, ev, scope) for at, _, ev, scope in values.points if ev is not None]
    if not known or values.p50 is None or known[-1][1] >= known[-1][2] - 1e-9:
        return None
    return known[-1]


def _now(values: BurnUp, x: Scale, y: Scale) -> Iterator[Element]:
    if values.now is None:
        return
    at = x(values.now)
    yield line(at, y.last, at, y.first, "now")
    near_end = at > x.last - 40
    yield words(at + (-4 if near_end else 4), y.last + 10, "now", "small", "end" if near_end else "start")
    for week, _, verified, _ in reversed(values.points):
        if verified is not None:
            yield el("circle", cx=x(week), cy=y(verified), r=3.5, class_="ev-dot")
            break


def _legend(values: BurnUp) -> Iterator[tuple[str, Element]]:
    yield "planned", group(line(0, 0, 18, 0, "pv"))
    yield "verified", group(line(0, 0, 18, 0, "ev"))
    yield "in scope", group(line(0, 0, 18, 0, "scope"))
    if _ahead(values) is not None:
        yield "forecast P50 to P85", group(box(0, -6, 18, 10, "cone"), line(0, 4, 18, -6, "likely"))
