"""The schedule as bars: planned, as it went, as it is expected; gates and milestones; today and the forecast end.

Critical work is told by a mark and a thicker outline, states by signs, so that nothing rests on colour alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from locust_tui.domain.dataclass import dataclass

from ...domain.states import OPEN_GATE_STATES
from ...domain.studies.timeline import Bar, Mark, Span, Timeline
from ...signs import look_of
from ..elements import el
from ..figures import percent, week
from ..when import between, weeks, when
from .shapes import Scale, box, cut, diamond, group, legend, line, picture, week_ticks, words

_WIDE = 500.0


@dataclass(frozen=True, slots=True)
class _Form:
    """Where things stand: in a narrow picture the name stands over its bar."""

    width: float
    names: float
    row: float
    bar: float
    """From a row's top to its bar."""

    @property
    def narrow(self) -> bool:
        return self.names == 0


def gantt(
    name: str, timeline: Timeline, bars: Sequence[Bar], groups: dict[str, str], width: float
) -> Element:
    """`bars` are the rows; `groups` gives each workstream's group the name that stands over it."""
    form = _Form(width, 0, 38, 20) if width < _WIDE else _Form(width, 210, 24, 5)
    x = Scale(0, _last(timeline, bars), form.names + 8, width - 8)
    keys, taken = legend(list(_legend(timeline, x.high)), 4, 10, width - 8)
    top = taken + 26
    parts: list[Element] = []
    for title, members in _grouped(bars, groups):
        if title:
            parts.append(words(4, top + 14, cut(title, width - 12), "group"))
            top += 22
        for bar in members:
            parts.append(_row(timeline, bar, x, top, form))
            top += form.row
    marks = [m for m in timeline.marks if (m.due, m.expected, m.reached) != (None, None, None)]
    if marks:
        parts.append(words(4, top + 14, "Gates and milestones", "group"))
        top += 22
        for mark in marks:
            parts.append(_mark(timeline, mark, x, top, form))
            top += form.row
    high = top + 8
    back = [*_axis(timeline, x, taken, high, form), *_end(timeline, x, taken + 22, high)]
    return picture(name, width, high, "Schedule", about(timeline), [*back, *parts, *keys])


def about(timeline: Timeline) -> str:
    """The picture in words."""
    said = []
    if timeline.end is not None:
        said.append(f"The expected end is week {week(timeline.end)}")
    if timeline.path:
        said.append(f"what fixes it is {', '.join(timeline.path)}")
    late = [b.id for b in timeline.bars if not b.done and (b.deviation_days or 0) >= 0.5]
    said.append(f"later than planned: {', '.join(late[:20])}" if late else "nothing is later than planned")
    return f"{'; '.join(said)}. The table below says the same."


def _last(timeline: Timeline, bars: Sequence[Bar]) -> float:
    spans = [s for b in bars for s in (b.planned, b.actual, b.expected) if s is not None]
    points = [p for m in timeline.marks for p in (m.due, m.expected, m.reached) if p is not None]
    ends = [timeline.end, timeline.planned_end, timeline.now, timeline.band.p85 if timeline.band else None]
    return max(
        1.0,
        math.ceil(max([0.0, *(s.end for s in spans), *points, *(e for e in ends if e is not None)]) - 1e-9),
    )


def _grouped(bars: Sequence[Bar], groups: dict[str, str]) -> Iterator[tuple[str, list[Bar]]]:
    """Groups in the order of their first bar."""
    found: dict[str, list[Bar]] = {}
    for bar in bars:
        found.setdefault(groups.get(bar.id, ""), []).append(bar)
    yield from found.items()


def _row(timeline: Timeline, bar: Bar, x: Scale, top: float, form: _Form) -> Element:
    look = look_of(bar.state.value)
    label = f"{look.glyph} {bar.id}" + (f" {bar.name}" if bar.name != bar.id else "")
    room = (form.width if form.narrow else form.names) - 12
    critical = bar.critical and not bar.done
    if critical:
        label, room = f"▲ {label}", room
    parts: list[Element] = [el("title", _told(timeline, bar))]
    parts.append(words(4, top + 14, cut(label, room), "critical-name" if critical else ""))
    y = top + form.bar
    if bar.planned is not None:
        parts.append(_span(x, bar.planned, y, 5, "planned"))
    if (
        not bar.done
        and bar.latest is not None
        and bar.expected is not None
        and bar.latest.end > bar.expected.end
    ):
        parts.append(line(x(bar.expected.end), y + 10.5, x(bar.latest.end), y + 10.5, "float"))
    if not bar.done and bar.expected is not None:
        parts.append(_span(x, bar.expected, y + 6.5, 8, "expected critical" if critical else "expected"))
    if bar.actual is not None:
        parts.append(_span(x, bar.actual, y + 6.5, 8, f"actual {look.tone}"))
    return group(*parts)


def _span(x: Scale, span: Span, y: float, high: float, class_: str) -> Element:
    left = x(span.start)
    return box(left, y, max(2.0, x(span.end) - left), high, class_, 2)


def _told(timeline: Timeline, bar: Bar) -> str:
    parts = [f"{bar.id} {bar.name}: {look_of(bar.state.value).word}, {percent(bar.verified)} verified"]
    if bar.planned is not None:
        parts.append(f"planned for weeks {weeks(bar.planned)}")
    if bar.actual is not None:
        parts.append(f"actual {between(timeline, bar.actual, open_end=not bar.done)}")
    if bar.expected is not None and not bar.done:
        parts.append(f"expected {between(timeline, bar.expected)}")
    if bar.critical and not bar.done:
        parts.append("critical")
    return "; ".join(parts)


def _mark(timeline: Timeline, mark: Mark, x: Scale, top: float, form: _Form) -> Element:
    room = (form.width if form.narrow else form.names) - 12
    sign = f"{look_of(mark.state.value).glyph} " if mark.state is not None else ""
    parts = [el("title", _mark_told(timeline, mark)), words(4, top + 14, cut(f"{sign}{mark.name}", room))]
    y = top + form.bar + 8
    if mark.due is not None:
        parts.append(diamond(x(mark.due), y, 6, "due"))
    if mark.reached is not None:
        good = mark.state is None or mark.state in OPEN_GATE_STATES
        parts.append(diamond(x(mark.reached), y, 4, "reached done" if good else "reached bad"))
    elif mark.expected is not None:
        late = mark.due is not None and mark.expected > mark.due + 1e-9
        parts.append(diamond(x(mark.expected), y, 4, "ahead late" if late else "ahead"))
    return group(*parts)


def _mark_told(timeline: Timeline, mark: Mark) -> str:
    parts = [mark.name]
    if mark.due is not None:
        parts.append(f"due {when(timeline, mark.due, end=True)}")
    if mark.reached is not None:
        parts.append(f"reached {when(timeline, mark.reached, end=True)}")
    elif mark.expected is not None:
        parts.append(f"expected {when(timeline, mark.expected, end=True)}")
    return "; ".join(parts)


def _axis(timeline: Timeline, x: Scale, top: float, bottom: float, form: _Form) -> Iterator[Element]:
    """Lines at the ends of weeks, their numbers between them."""
    last = int(x.high)
    each = x(1) - x(0)
    for n in week_ticks(1, last, int((x.last - x.first) / 26)):
        yield words(x(n - 1) + each / 2, top + 14, str(n), "small", "middle")
    step = week_ticks(0, last, int((x.last - x.first) / 12))
    for n in step:
        yield line(x(n), top + 20, x(n), bottom, "grid")
    if not form.narrow:
        yield words(form.names, top + 14, "week", "small", "end")
    if timeline.now is not None and timeline.now <= x.high:
        yield line(x(timeline.now), top + 18, x(timeline.now), bottom, "now")


def _end(timeline: Timeline, x: Scale, top: float, bottom: float) -> Iterator[Element]:
    if timeline.band is not None:
        left = x(timeline.band.p50)
        yield box(left, top, max(2.0, x(timeline.band.p85) - left), bottom - top, "cone")
    if timeline.window is not None and timeline.window[1] <= x.high:
        yield line(x(timeline.window[1]), top, x(timeline.window[1]), bottom, "window-end")


def _legend(timeline: Timeline, high: float) -> Iterator[tuple[str, Element]]:
    yield "planned", group(box(0, -2, 18, 5, "planned", 2))
    yield "actual", group(box(0, -4, 18, 8, "actual run", 2))
    yield "expected", group(box(0, -4, 18, 8, "expected", 2))
    yield "▲ critical", group(box(0, -4, 18, 8, "expected critical", 2))
    yield "float", group(line(0, 0, 18, 0, "float"))
    if timeline.marks:
        yield "due", group(diamond(9, 0, 6, "due"))
        yield "reached", group(diamond(9, 0, 4, "reached done"))
        yield "expected gate", group(diamond(9, 0, 4, "ahead"))
    if timeline.now is not None:
        yield "now", group(line(9, -7, 9, 7, "now"))
    if timeline.band is not None:
        yield "end P50 to P85", group(box(0, -6, 18, 12, "cone"))
    if timeline.window is not None and timeline.window[1] <= high:
        yield "window ends", group(line(9, -7, 9, 7, "window-end"))
