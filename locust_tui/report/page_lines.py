"""A report's page as lines of plain spans, broken at a width: for text files, terminals and the cockpit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..safe_text import safe
from .glyphs import Tone
from .page import Block, Bullets, Cell, Chart, Grid, Item, Numbers, Page, Words, shown_columns
from .table import cells
from .trend import sparkline

TREND_WIDTH = 12
_LONGEST = 600
_NARROWEST = 8
_TIE = "\xa0"


class Span(NamedTuple):
    text: str
    tone: str = Tone.PLAIN
    """A tone, or "strong" or "dim"."""


Line = tuple[Span, ...]


def page_lines(page: Page, width: int, *, ascii_only: bool = False, underline: bool = True) -> Iterator[Line]:
    """Lines of at most `width` columns, as far as words can be broken; no text is left out."""
    title = _one(page.title)
    yield (Span(title, "strong"),)
    if underline:
        yield (Span("=" * min(width, cells(title)), "dim"),)
    under_heading = False
    for section in page.sections:
        if not (under_heading and section.level > 2):
            yield ()
        title = _one(section.title)
        yield (Span(title, "strong"),)
        if underline and section.level == 2:
            yield (Span("-" * min(width, cells(title)), "dim"),)
        under_heading = True
        for number, block in enumerate(section.blocks):
            if number and isinstance(block, Grid) and block.rows and not under_heading:
                yield ()
            for line in _block(block, width, ascii_only):
                yield line
                under_heading = False


def text_of(line: Line) -> str:
    return "".join(span.text for span in line).rstrip()


def _block(block: Block, width: int, ascii_only: bool) -> Iterator[Line]:
    if isinstance(block, Bullets):
        yield from _bullets(block.items, width)
    elif isinstance(block, Numbers):
        yield from _numbers(block.items, width)
    elif isinstance(block, Grid):
        yield from _grid(block, width, ascii_only)
    elif isinstance(block, Words):
        yield from ((Span("  "), Span(line)) for line in wrapped(_one(block.text), width - 2))
    elif not isinstance(block, Chart):
        raise TypeError(block)


def _bullets(items: Sequence[Item], width: int) -> Iterator[Line]:
    labels = min(24, max((cells(_one(i.label)) for i in items), default=0))
    for item in items:
        label = _one(item.label)
        begin = f"  {label}{' ' * max(0, labels - cells(label))}  " if labels else "  "
        lines = [*wrapped(_one(item.text), width - cells(begin))]
        for number, line in enumerate(lines):
            yield (Span(begin if not number else " " * cells(begin), "dim"), Span(line, item.tone))
        for more in item.more:
            for number, line in enumerate(wrapped(_one(more), width - cells(begin) - 2)):
                yield (Span(" " * cells(begin) + ("- " if not number else "  "), "dim"), Span(line))
    if not items:
        yield (Span("  None", "dim"),)


def _numbers(items: Sequence[Item], width: int) -> Iterator[Line]:
    for n, item in enumerate(items, 1):
        begin = f"  {n}. "
        more = f" ({'; '.join(item.more)})" if item.more else ""
        text = _one(f"{item.label}: {item.text}{more}")
        for number, line in enumerate(wrapped(text, width - len(begin))):
            yield (Span(begin if not number else " " * len(begin), "dim"), Span(line, item.tone))
    if not items:
        yield (Span("  None", "dim"),)


def _grid(grid: Grid, width: int, ascii_only: bool) -> Iterator[Line]:
    columns = shown_columns(grid)
    if not columns:
        return
    body = [[_words(r[i], ascii_only) for i in columns] for r in grid.rows]
    header = [_one(grid.header[i]) for i in columns]
    widths = _widths(header, body, width - 2)
    right = {n for n, i in enumerate(columns) if i in grid.right}
    yield from _table_row(header, ["dim"] * len(columns), widths, right)
    for cells_, texts in zip(grid.rows, body, strict=True):
        yield from _table_row(texts, [cells_[i].tone for i in columns], widths, right)


def _words(cell: Cell, ascii_only: bool) -> str:
    bars = sparkline(cell.trend, TREND_WIDTH, ascii_only=ascii_only)
    text = _one(cell.text)
    if text[1:2] == " " and not text[0].isalnum():  # a state's sign stays beside its word
        text = f"{text[0]}{_TIE}{text[2:]}"
    return " ".join(filter(None, (bars, text)))


def _widths(header: Sequence[str], body: Sequence[Sequence[str]], room: int) -> list[int]:
    """Each as wide as its widest text; where that is too much, the widest give way, down to their longest words while
    that is enough."""
    columns = [[h, *(r[n] for r in body)] for n, h in enumerate(header)]
    found = [max(map(cells, texts)) for texts in columns]
    room -= 2 * (len(found) - 1)
    words = [max(cells(word) for text in texts for word in text.split(" ")) for texts in columns]
    for least in (words, [min(word, _NARROWEST) for word in words]):
        while sum(found) > room and (wide := [n for n, w in enumerate(found) if w > least[n]]):
            widest = max(wide, key=lambda n: found[n])
            below = max((found[n] for n in wide if found[n] < found[widest]), default=0)
            found[widest] -= min(sum(found) - room, found[widest] - max(least[widest], below, 1)) or 1
    return found


def _table_row(
    texts: Sequence[str], tones: Sequence[str], widths: Sequence[int], right: set[int]
) -> Iterator[Line]:
    broken = [list(wrapped(text, width)) for text, width in zip(texts, widths, strict=True)]
    for n in range(max(map(len, broken))):
        spans = []
        for column, (lines, width) in enumerate(zip(broken, widths, strict=True)):
            text = lines[n] if n < len(lines) else ""
            gap = " " * (width - cells(text))
            spans.append(Span(("  " if column == 0 else "") + (gap if column in right else "")))
            spans.append(Span(text.replace(_TIE, " "), tones[column]))
            spans.append(Span(("" if column in right else gap) + ("  " if column < len(widths) - 1 else "")))
        yield tuple(spans)


def wrapped(text: str, width: int) -> Iterator[str]:
    """`text` broken at blanks, a longer word within; at least one line."""
    width, line = max(1, width), ""
    for word in text.split(" "):
        while word and cells(word) > width:
            if line:
                yield line
            head = _head(word, width)
            line, word = "", word[len(head) :]
            yield head
        if line and cells(line) + 1 + cells(word) > width:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield line


def _head(word: str, width: int) -> str:
    used = 0
    for place, character in enumerate(word):
        used += cells(character)
        if used > width:
            return word[: max(1, place)]
    return word


def _one(text: str) -> str:
    return safe(text, limit=_LONGEST, oneline=True).strip()
