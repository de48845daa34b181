"""Frames around panes: a box, a box that shares its sides with its neighbours, or a ruled title where room is scarce."""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from locust_tui.domain.dataclass import dataclass

from .charset import drawn
from .row import Row, crop
from .tones import STYLES, Tone


@dataclass(frozen=True, slots=True)
class Sides:
    """Which sides a frame draws; a side that is not drawn belongs to the neighbour."""

    boxed: bool = True
    left: bool = True
    joins: bool = False
    """The right side is shared with a neighbour."""
    padded: bool = True
    """One blank before the right side."""

    @property
    def before(self) -> int:
        """Cells left of the content, the cursor's mark included."""
        return 1 + (1 if self.boxed and self.left else 0)

    @property
    def after(self) -> int:
        return 0 if not self.boxed else (2 if self.padded else 1)

    @property
    def rows(self) -> int:
        """Lines that are not content."""
        return 2 if self.boxed else 1


BOX = Sides()
RULED = Sides(boxed=False)


def _segments(row: Row) -> list[Segment]:
    return [Segment(t, STYLES[tone] if isinstance(tone, str) else tone) for t, tone in row.left + row.right]


def _cells(segments: list[Segment]) -> int:
    return sum(cell_len(s.text) for s in segments)


def line_style(focused: bool) -> Style:
    return STYLES["text" if focused else "frame"]


def top(sides: Sides, title: Row, hint: str, width: int, *, focused: bool) -> Strip:
    """The first line: the title in the frame or over a rule, its right part and the scroll hint at the end."""
    style = line_style(focused)
    ends: list[Segment] = []
    if title.right:
        end = Row()
        end.left = list(title.right)
        ends = [Segment(" "), *_segments(end), Segment(" ")]
    if not sides.boxed and hint:
        ends = [*ends, Segment(f" {hint}", STYLES["dim"])]
    first = drawn("╭") if sides.boxed and sides.left else (drawn("─") if sides.boxed else "")
    last = (drawn("┬") if sides.joins else drawn("╮")) if sides.boxed else ""
    left = Row()
    left.left = list(title.left)
    fixed = len(first) + 1 + len(last)
    room = width - fixed - _cells(ends)
    if room < 8:
        ends, room = [], width - fixed
    words = _segments(left)
    if _cells(words) + 1 > room:
        words, gap = left.segments(max(0, room)), 0
    else:
        gap = room - _cells(words)
    rule = " " + drawn("─") * (gap - 1) if gap else ""
    line = [Segment(first + " ", style), *words, Segment(rule, style), *ends, Segment(last, style)]
    return Strip([s for s in line if s.text], width)


def bottom(sides: Sides, hint: str, width: int, *, focused: bool) -> Strip:
    style = line_style(focused)
    first = drawn("╰") if sides.left else ""
    last = drawn("─") + (drawn("┴") if sides.joins else drawn("╯"))
    hint = f" {hint} " if hint and len(hint) + 8 < width else ""
    rule = drawn("─") * max(0, width - len(first) - len(last) - len(hint))
    return Strip([Segment(first + rule, style), Segment(hint, STYLES["dim"]), Segment(last, style)], width)


def between(sides: Sides, row: Row, over: Tone | None, width: int, *, focused: bool) -> Strip:
    """A line of content with its sides and the cursor's mark."""
    style = line_style(focused)
    mark = Segment(drawn("▎") if over == "here" else " ", STYLES["here"])
    body = row.segments(max(0, width - sides.before - sides.after), over)
    if not sides.boxed:
        return Strip([mark, *body], width)
    edge = Segment(drawn("│"), style)
    head = [edge, mark] if sides.left else [mark]
    tail = [Segment(" "), edge] if sides.padded else [edge]
    return Strip([*head, *body, *tail], width)


def hint_of(top_line: int, height: int, count: int, room: int) -> str:
    """ "3-9 of 24" when not everything is in view."""
    if count * height <= room:
        return ""
    first, last = top_line // height + 1, min(count, (top_line + room) // height)
    return crop(drawn(f"{first:,}–{last:,} of {count:,}"), 24)
