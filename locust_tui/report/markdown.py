"""The weekly report as Markdown: the template's headings in the template's order, then what a reader asks next."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..safe_text import safe
from .page import Block, Bullets, Cell, Chart, Grid, Numbers, Page, Words, shown_columns
from .sections import page_of
from .trend import sparkline
from .weekly import StatusReport

_ACTIVE = re.compile(r"([\\`*\[\]<>|])")
_LONGEST = 600
TREND_WIDTH = 12


def markdown(report: StatusReport) -> str:
    """The whole report; text from the plan or an agent cannot open a heading, a link, a table or a tag."""
    return page_markdown(page_of(report))


def page_markdown(page: Page) -> str:
    lines = [f"# {_md(page.title)}"]
    under_heading = False
    for section in page.sections:
        if not under_heading:
            lines.append("")
        lines.append(f"{'#' * section.level} {_md(section.title)}")
        under_heading = True
        for number, block in enumerate(section.blocks):
            found = list(_block(block))
            if found and (isinstance(block, Grid) or number) and not under_heading:
                lines.append("")
            if found:
                lines += ["", *found] if isinstance(block, Grid) and under_heading else found
                under_heading = False
    return "\n".join(lines) + "\n"


def _block(block: Block) -> Iterator[str]:
    if isinstance(block, Bullets):
        for item in block.items:
            text = _md(item.text, begins=not item.label)
            yield f"- {_md(item.label)}: {text}" if item.label else f"- {text}"
            yield from (f"  - {_md(line)}" for line in item.more)
        if not block.items:
            yield "- None"
    elif isinstance(block, Numbers):
        for n, item in enumerate(block.items, 1):
            more = f" ({_md('; '.join(item.more))})" if item.more else ""
            yield f"{n}. {_md(item.label)}: {_md(item.text, begins=False)}{more}"
        if not block.items:
            yield "None"
    elif isinstance(block, Grid):
        yield from _grid(block)
    elif isinstance(block, Words):
        yield _md(block.text)
    elif not isinstance(block, Chart):
        raise TypeError(block)


def _grid(grid: Grid) -> Iterator[str]:
    columns = shown_columns(grid)
    if not columns:
        return
    yield _line(_md(grid.header[i]) for i in columns)
    yield _line("---:" if i in grid.right else "---" for i in columns)
    for cells in grid.rows:
        yield _line(_cell(cells[i]) for i in columns)


def _line(cells: Iterator[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(cell: Cell) -> str:
    bars = sparkline(cell.trend, TREND_WIDTH)
    return " ".join(filter(None, (bars, _md(cell.text, begins=False))))


def _md(text: str, *, begins: bool = True) -> str:
    """One line of literal text. "<" and ">" between spaces are plain already and stay readable; `begins`: nothing
    stands before it on its line, where ">" would open a quotation."""
    line = safe(text, limit=_LONGEST, oneline=True).strip()
    return _ACTIVE.sub(lambda m: m.group() if _alone(line, m.start(), begins) else "\\" + m.group(), line)


def _alone(line: str, at: int, begins: bool) -> bool:
    """Whether the sign stands between spaces or beside digits, where Markdown gives it no meaning."""
    before = line[at - 1] if at else "x" if begins else " "
    after = line[at + 1] if at + 1 < len(line) else "x"
    return line[at] in "<>*" and (before == " " or before.isdigit()) and (after in " =" or after.isdigit())
