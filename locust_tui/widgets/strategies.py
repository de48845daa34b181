"""Strategies side by side as a table, and one of them with all that it changes, refuses and risks."""

from __future__ import annotations

from collections.abc import Iterator

from locust_tui.domain.studies.strategies import Outcome, Preview, StrategyStudy
from locust_tui.report.figures import percent
from locust_tui.report.strategies_text import finish, headline, money, refusals, signed, week_of

from .diff import diff_lines
from .row import Row, shown
from .sheet import SheetLine, heading, paragraph
from .tones import Tone
from .words import since

NOW = "now"
_COLUMNS = (
    ("FINISH", 6),
    ("SAVES", 5),
    ("P50", 5),
    ("P85", 5),
    ("IN WINDOW", 9),
    ("AGENT-WKS", 9),
    ("COST", 10),
)


def table(study: StrategyStudy, marked: tuple[str, ...], width: int) -> Iterator[SheetLine]:
    """The plan as it is, then each strategy, the one that is marked together last; columns go where room is scarce."""
    name = min(30, max(12, *(len(p.id) + 2 for p in study.previews), 0) if study.previews else 12)
    shown = _fitting(width - name)
    head = Row().column("  STRATEGY", name, "dim")
    for word, size in _COLUMNS[:shown]:
        head.add("  ", "dim").column(word, size, "dim", align_right=True)
    yield SheetLine(head)
    yield SheetLine(_row(NOW, " ", _cells(study.now), name, shown))
    for preview in study.previews:
        mark = "+" if len(preview.ids) == 1 and preview.ids[0] in marked else " "
        if preview.reason:
            yield SheetLine(
                Row(f"{mark} ").column(preview.id, name - 2).add(f"  {preview.reason}", "dim"), preview.id
            )
        else:
            yield SheetLine(_row(preview.id, mark, _of(preview), name, shown, _saves(preview)), preview.id)
    if study.now.weeks is None and study.now.reason:
        yield from paragraph(f"No finish can be told: {study.now.reason}.", width, "dim")


def _fitting(room: int) -> int:
    count = used = 0
    for _, size in _COLUMNS:
        used += size + 2
        count += used <= room
    return max(2, count)


def _row(name: str, mark: str, cells: tuple[str, ...], wide: int, shown: int, saves: bool = False) -> Row:
    row = Row(f"{mark} ", "key").column(name, wide - 2, "text" if name != NOW else "dim")
    for (word, size), cell in zip(_COLUMNS[:shown], cells, strict=False):
        row.add("  ").column(cell, size, "done" if saves and word == "SAVES" else "text", align_right=True)
    return row


def _cells(outcome: Outcome) -> tuple[str, ...]:
    return (
        week_of(finish(outcome)),
        "",
        week_of(outcome.p50),
        week_of(outcome.p85),
        percent(outcome.in_window),
    )


def _of(preview: Preview) -> tuple[str, ...]:
    cells = _cells(preview.then)
    saved = (
        ""
        if preview.saved is None
        else f"{abs(preview.saved) if abs(preview.saved) < 0.05 else preview.saved:.1f}"
    )
    return (cells[0], saved, *cells[2:], signed(preview.agent_weeks), money(preview.money))


def _saves(preview: Preview) -> bool:
    return preview.saved is not None and preview.saved > 0.05


def sheet(preview: Preview, diff: str, width: int) -> Iterator[SheetLine]:
    """All of one strategy."""
    yield from paragraph(headline(preview), width, "done" if _saves(preview) else "text", indent="")
    if preview.description:
        yield from paragraph(preview.description, width, "dim", indent="")
    if not preview.reason:
        yield from paragraph(_before_after(preview), width, indent="")
    if preview.risk:
        yield from paragraph(f"Risk: {preview.risk}", width, "you", indent="")
    if preview.money_reason:
        yield from paragraph(f"Cost unknown: {preview.money_reason}", width, "dim", indent="")
    if preview.changes:
        yield from heading(f"Changes {len(preview.changes)}")
        for change in preview.changes:
            yield from paragraph(change.words, width)
    if preview.notes:
        yield from heading("Notes")
        for note in preview.notes:
            yield from paragraph(note, width, "dim")
    if preview.refused:
        yield from heading(f"Refused {len(preview.refused)}")
        for words in refusals(preview.refused):
            yield from paragraph(words, width, "dim")
    if diff:
        yield from heading("The plan file")
        for line in diff_lines(diff):
            yield from _whole(line.text, line.tone, max(10, width - 2))


def _whole(text: str, tone: Tone, room: int) -> Iterator[SheetLine]:
    """A line of the diff; of what is changed every letter, on as many lines as that takes."""
    text = shown(text.replace("\t", "    "))
    pieces = [text[at : at + room] for at in range(0, len(text), room)] if tone in ("done", "bad") else [text]
    for piece in pieces or [""]:
        yield SheetLine(Row("  ").add(piece, tone))


def _before_after(preview: Preview) -> str:
    now, then = preview.now, preview.then
    pairs = (
        ("finish", week_of(finish(now)), week_of(finish(then))),
        ("P50", week_of(now.p50), week_of(then.p50)),
        ("P85", week_of(now.p85), week_of(then.p85)),
        ("in window", percent(now.in_window), percent(then.in_window)),
    )
    words = [f"{name} {a} → {b}" if a != b else f"{name} {a}" for name, a, b in pairs]
    return "   ".join(words)


def applied_row(study: StrategyStudy, now: float) -> Row | None:
    """What an undo would take back."""
    last = study.last
    if last is None:
        return None
    words = f"applied: {last.id} {' + '.join(last.strategies)} by {last.by}, {since(last.at, now)} ago"
    return Row(words, "dim")
