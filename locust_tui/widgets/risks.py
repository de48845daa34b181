"""The risk register as lines: the map, a row of the list, all about one risk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from locust_tui.domain.snapshot import RiskView
from locust_tui.domain.states import CriterionState
from locust_tui.domain.studies.risks import RiskMove
from locust_tui.report.local_time import local
from locust_tui.report.risk_map import Cell, risk_map
from locust_tui.signs import CRITERION, RISK

from .row import Row, crop, shown
from .sheet import SheetLine, fact, heading, paragraph
from .tones import Tone
from .words import since

_WIDE = 11
_SHORT = {"low": "low", "medium": "med", "high": "high"}
_HEAT: dict[str, Tone] = {"low": "dim", "medium": "text", "high": "strong"}
_OWNER = 12


def risk_row(risk: RiskView, width: int, now: float) -> Row:
    """State, id, score and level, the risk; its watch with its age and its owner at the end."""
    look = RISK[risk.state]
    row = Row(f"{look.glyph} ", look.tone).column(look.word, 10, look.tone)
    row.column(risk.id, 7, "strong").column(f"{risk.score:g}", 5, align_right=True).add(
        f" {risk.level:<6} ", "dim"
    )
    if width >= 90:
        days = f"{risk.exposure_days:.3g} d" if risk.exposure_days is not None else ""
        row.column(days, 7, "dim", align_right=True).add("  ")
    row.add(risk.risk)
    if risk.watch and width >= 60:
        found = CRITERION[CriterionState(risk.watch)]
        row.end(f"{found.glyph} ", found.tone)
        row.end(f"{since(risk.watched_at, now) if risk.watched_at is not None else found.word:>7}  ", "dim")
    if width >= 70:
        row.end(f"{crop(shown(risk.owner or 'nobody'), _OWNER):<{_OWNER}}", "dim")
    return row


def map_lines(risks: Sequence[RiskView], chosen: str, width: int) -> Iterator[SheetLine]:
    """A line a probability, from the highest down; a column an impact. The risk under the cursor stands out."""
    found = risk_map(risks)
    labels = min(max(map(len, found.probabilities)), max(6, width // 5))
    wide = max(3, (width - labels - 2) // len(found.impacts) - 1)
    for name, cells in zip(found.probabilities, found.rows, strict=True):
        row = Row().column(name, labels, "dim", align_right=True).add(" │", "frame")
        for cell in cells:
            _fill(row, cell, chosen, wide)
            row.add("│", "frame")
        yield SheetLine(row)
    foot = Row().column("", labels + 2)
    for name in found.impacts:
        foot.column(f" {name}", wide + 1, "dim")
    yield SheetLine(foot)


def _fill(row: Row, cell: Cell, chosen: str, width: int) -> None:
    """Exactly `width` cells: the risks' ids, and the level at the end where that has room."""
    level = _SHORT[cell.level]
    room = width - len(level) - 3 if width >= len(level) + 6 else width - 1
    risks = sorted(cell.risks, key=lambda risk: risk.id != chosen)
    ids = [crop(shown(risk.id), room) for risk in risks]
    fitting = next((n for n in range(len(ids), 0, -1) if cell_len(_joined(ids, n)) <= room), 0)
    row.add(" ")
    for number, risk in enumerate(risks[:fitting]):
        row.add(" " if number else "").add(ids[number], "cursor" if risk.id == chosen else _tone(risk))
    text = _joined(ids, fitting)
    if fitting < len(ids):
        row.add(text[len(" ".join(ids[:fitting])) :], "dim")
    rest = width - 1 - cell_len(text)
    ends = f"{level} " if rest >= len(level) + 2 else ""
    row.add(" " * (rest - len(ends))).add(ends, _HEAT[cell.level])


def _joined(ids: Sequence[str], count: int) -> str:
    """ "R3 R7 +2"; the number alone where not one has room."""
    more = f" +{len(ids) - count}" if 0 < count < len(ids) else ""
    return " ".join(ids[:count]) + more if count or not ids else str(len(ids))


def _tone(risk: RiskView) -> Tone:
    return "bad" if risk.state == "triggered" else "dim" if risk.state == "closed" else "strong"


def risk_sheet(
    risk: RiskView, history: Sequence[RiskMove] | None, now: float, width: int
) -> Iterator[SheetLine]:
    """Score, owner, response, watch with its evidence and age, and its moves; None: they are being looked up."""
    look = RISK[risk.state]
    moved = f" for {since(risk.since, now)}" if risk.since is not None else ""
    by = f", by {risk.by}" if risk.by else ""
    yield fact("state", f"{look.glyph} {look.word}{moved}{by}", look.tone, wide=_WIDE)
    if risk.why:
        yield from paragraph(risk.why, width, indent=" " * (_WIDE + 2))
    on = "probability × impact" if risk.scale == "pmbok" else "1 to 9"
    yield fact("score", f"{risk.score:g}, {risk.level} · {on}", wide=_WIDE)
    yield fact("", f"probability {risk.probability}, impact {risk.impact}", "dim", wide=_WIDE)
    if risk.exposure_days is not None and risk.delay_days is not None:
        yield fact("exposure", f"{risk.exposure_days:.3g} days of {risk.delay_days:.3g}", wide=_WIDE)
    yield fact("owner", risk.owner or "nobody", "text" if risk.owner else "you", wide=_WIDE)
    answer = ": ".join(filter(None, (risk.response, risk.mitigation)))
    yield from _facts("response", answer or "none is planned", "text" if answer else "you", width)
    if not risk.watch:
        yield fact("watch", "none: a person moves it", "dim", wide=_WIDE)
    else:
        found = CRITERION[CriterionState(risk.watch)]
        yield from _facts("watch", risk.watches, "text", width)
        ago = f", {since(risk.watched_at, now)} ago" if risk.watched_at is not None else ""
        yield fact("", f"{found.glyph} {found.word}{ago}", found.tone, wide=_WIDE)
        if risk.found:
            yield from paragraph(risk.found, width, "dim", indent=" " * (_WIDE + 2))
        if risk.log:
            yield fact("", f"log {risk.log}", "dim", wide=_WIDE)
    yield from heading("History")
    if history is None:
        yield SheetLine(Row("  ⋯ looking it up", "dim"))
    elif not history:
        yield SheetLine(Row("  it was never moved", "dim"))
    for move in reversed(history or ()):
        state = RISK[move.state.value]
        row = Row("  ").add(f"{state.glyph} ", state.tone).column(state.word, 10, state.tone)
        yield SheetLine(row.add(f"{local(move.at)} · {move.by} · revision {move.revision}", "dim"))
        if move.why:
            yield from paragraph(move.why, width, indent="    ")


def _facts(name: str, text: str, tone: Tone, width: int) -> Iterator[SheetLine]:
    """A fact that may take several lines."""
    indent = " " * (_WIDE + 2)
    lines = list(paragraph(text, width, tone, indent=indent))
    for number, line in enumerate(lines):
        if number:
            yield line
        else:
            yield SheetLine(
                Row("  ").column(name, _WIDE, "dim").add(line.row.left[-1][0] if line.row.left else "", tone)
            )
