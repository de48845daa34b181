"""Lists, tables and pictures of the report's page as HTML."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from .elements import el
from .glyphs import Tone
from .page import Block, Bullets, Cell, Chart, Grid, Item, Numbers, Section, Words, shown_columns
from .schedule_sections import shown_bars
from .svg.burn_up import BurnUp, burn_up
from .svg.gantt import gantt
from .svg.trend import trend
from .weekly import StatusReport

WIDE, NARROW = 760.0, 350.0
"""Widths of a picture: for paper and screens, and for phones."""
SHORT = 14
"""Letters of a cell that shares its line with another one on a phone."""


def section_id(title: str) -> str:
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in title.lower())


def blocks(section: Section, report: StatusReport) -> Iterator[Element]:
    for number, block in enumerate(section.blocks):
        yield from _block(block, f"{section_id(section.title)}-{number}", report)


def _block(block: Block, name: str, report: StatusReport) -> Iterator[Element]:
    if isinstance(block, Bullets):
        yield _bullets(block.items)
    elif isinstance(block, Numbers):
        yield _numbers(block.items)
    elif isinstance(block, Grid):
        if block.rows:
            yield _grid(block, name)
    elif isinstance(block, Words):
        yield el("p", block.text)
    else:
        yield from _charts(block, name, report)


def _bullets(items: tuple[Item, ...]) -> Element:
    """Named facts as such; a list where nothing is named."""
    if not items:
        return el("p", "None", class_="note")
    if not any(item.label for item in items):
        return el("ul", *(el("li", item.text, _more(item)) for item in items))
    pairs = (el("div", el("dt", item.label), el("dd", _told(item), _more(item))) for item in items)
    return el("dl", *pairs, class_="facts")


def _toned(text: str, tone: Tone) -> Element | str:
    return text if tone is Tone.PLAIN else el("span", text, class_=tone.value)


def _told(item: Item) -> Element | str:
    """A list in one line as a list."""
    if len(item.parts) < 2:
        return _toned(item.text, item.tone)
    return el("ul", *(el("li", _toned(part, item.tone)) for part in item.parts))


def _more(item: Item) -> Element | None:
    return el("ul", *(el("li", line) for line in item.more)) if item.more else None


def _numbers(items: tuple[Item, ...]) -> Element:
    if not items:
        return el("p", "None", class_="note")
    return el(
        "ol",
        *(
            el("li", el("strong", item.label), f": {item.text}", f" ({'; '.join(item.more)})" if item.more else None)
            for item in items
        ),
    )  # fmt: skip


def _grid(grid: Grid, name: str) -> Element:
    """A real table; on a phone each row is a card, its cells labelled, and stays a table for those who only hear it."""
    columns = shown_columns(grid)
    head = el(
        "tr",
        *(
            el("th", grid.header[i], scope="col", role="columnheader", class_="figure" if i in grid.right else None)
            for i in columns
        ),
        role="row",
    )  # fmt: skip
    rows = [
        el("tr", *(_cell(grid, cells, i, columns[0], f"{name}-{n}") for i in columns), role="row")
        for n, cells in enumerate(grid.rows)
    ]
    return el(
        "table",
        el("caption", grid.name, class_="heard" if grid.heard else None),
        el("thead", head, role="rowgroup"),
        el("tbody", *rows, role="rowgroup"),
        role="table",
    )


def _cell(grid: Grid, cells: tuple[Cell, ...], i: int, first: int, name: str) -> Element:
    cell = cells[i]
    inner: list[Element | str] = []
    if cell.trend:
        inner.append(trend(f"{name}-trend", f"{cells[first].text}: {grid.header[i]}", cell.trend))
    if cell.text:
        inner.append(_toned(cell.text, cell.tone))
    if i == first:
        return el("th", *inner, scope="row", role="rowheader")
    kinds = [
        *(["figure"] if i in grid.right else []),
        *(["long"] if len(cell.text) > SHORT or cell.trend else []),
        *([] if inner else ["empty"]),
    ]
    return el("td", *inner, role="cell", data_label=grid.header[i], class_=" ".join(kinds) or None)


def _charts(chart: Chart, name: str, report: StatusReport) -> Iterator[Element]:
    """A picture twice: as wide as paper, and as narrow as a phone; the style shows one of them."""
    for size, width in (("wide", WIDE), ("narrow", NARROW)):
        drawn = _drawn(chart, f"{name}-{size}", report, width)
        if drawn is not None:
            yield el("figure", drawn, class_=size)


def _drawn(chart: Chart, name: str, report: StatusReport, width: float) -> Element | None:
    ground = report.ground
    if ground is None:
        return None
    if chart.kind == "gantt" and ground.timeline is not None:
        groups = {w.id: w.orchestrator or "" for w in ground.snapshot.workstreams}
        names = {o.id: o.name for o in ground.snapshot.orchestrators}
        titles = {w: names.get(o, o) for w, o in groups.items()}
        return gantt(name, ground.timeline, shown_bars(ground.timeline), titles, width)
    if chart.kind == "burn-up" and ground.earned is not None and len(ground.earned.curve.points) > 1:
        curve, forecast = ground.earned.curve, ground.snapshot.forecast
        points = [(p.week, p.pv, p.ev, p.bac) for p in curve.points]
        window = ground.plan.project.window
        return burn_up(
            name, BurnUp(points, curve.now_week, forecast.p50_week, forecast.p85_week, window), width
        )
    return None
