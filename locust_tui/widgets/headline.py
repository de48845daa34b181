"""The line that is always there: does the plan go well, who works, who waits for me."""

from __future__ import annotations

from datetime import datetime

from rich.cells import cell_len

from locust_tui.client.port import LinkState

from .line import Line
from .row import BLANK, Row, shown
from .view import View
from .words import VERDICT, bar, plural, points

Pieces = list[tuple[int, Row]]


class Headline(Line):
    """Plan, week, phases, progress, verdict, agents, what waits, the time; the less important give way."""

    def __init__(self) -> None:
        super().__init__(id="headline")
        self._view: View | None = None

    def show(self, view: View) -> None:
        self._view = view
        self.again()

    def build(self, width: int) -> Row:
        if self._view is None:
            return BLANK
        pieces = _pieces(self._view, wide=width >= 110)
        clock = Row(datetime.fromtimestamp(self._view.now).strftime("%H:%M"), "dim")
        name = shown(self._view.snapshot.plan_name)
        least = min(cell_len(name), 24)
        while len(pieces) > 1 and 1 + least + _width(pieces) + 8 > width and any(rank for rank, _ in pieces):
            pieces.remove(max(pieces, key=lambda piece: piece[0]))
        row = Row(" ").column(name, max(4, min(cell_len(name), width - 9 - _width(pieces))), "strong")
        for _, piece in pieces:
            row.left += [("  ", "text"), *piece.left]
        row.right = [*clock.left, (" ", "text")]
        return row


def _width(pieces: Pieces) -> int:
    return sum(2 + sum(cell_len(text) for text, _ in row.left) for _, row in pieces)


def _pieces(view: View, *, wide: bool) -> Pieces:
    """(rank, row) in reading order, after the name; the highest rank gives way first, rank 0 never does."""
    snapshot = view.snapshot
    look = VERDICT[snapshot.verdict]
    pieces: Pieces = []
    last = f"/{snapshot.last_week}" if snapshot.last_week else ""
    pieces.append((2, Row("wk ", "dim").add(f"{snapshot.week}{last}")))
    if snapshot.current_phases:
        word = "phase " if len(snapshot.current_phases) == 1 else "phases "
        pieces.append((6, Row(word, "dim").add("·".join(snapshot.current_phases))))
    full, rest = bar(snapshot.progress, 16 if wide else 8)
    pieces.append((1, Row(points(snapshot.progress), "strong")))
    pieces.append((4, Row(full, "done").add(rest, "dim")))
    if snapshot.expected_progress is not None:
        pieces.append((5, Row("plan ", "dim").add(points(snapshot.expected_progress))))
    pieces.append((0, Row(f"{look.glyph} {look.word}", look.tone)))
    cap = f"/{snapshot.cap}" if snapshot.cap else ""
    count = snapshot.agents_running
    pieces.append(
        (1, Row(f"{count}{cap}", "run" if count else "dim").add(" agents" if wide else " ag", "dim"))
    )
    waiting = len(snapshot.waiting)
    if view.link.state is LinkState.GONE:
        pieces.append((0, Row("⚠ no worker", "bad")))
    if waiting:
        pieces.append(
            (0, Row(f"⚠ {waiting} {'waits' if waiting == 1 else 'wait'}{' for you' if wide else ''}", "you"))
        )
    elif wide:
        pieces.append((3, Row("nothing waits for you", "dim")))
    return pieces


def leaving_words(view: View | None) -> str:
    """What is said after the screen is left."""
    if view is None:
        return "Nothing was changed. locust-tui open brings you back."
    if view.link.state is not LinkState.LIVE or not view.snapshot.worker_pid:
        return "No worker runs. locust-tui open brings you back."
    running = view.snapshot.agents_running
    agents = f"{plural(running, 'agent')} running" if running else "no agent runs"
    return f"Worker {view.link.worker_pid or view.snapshot.worker_pid} goes on; {agents}. locust-tui open brings you back."
