"""The selected workstream in a few lines under the board, where a small screen has room to spare."""

from __future__ import annotations

from collections.abc import Iterator

from locust_tui.domain.snapshot import WorkstreamView
from locust_tui.domain.states import CriterionState
from locust_tui.report.run_words import grounds, limit_words, spend_words, used_words

from .cards import SEPARATOR, named
from .row import Row
from .sheet import Sheet, SheetLine
from .view import View
from .words import CRITERION, measured, outcome, points, since

HIGHEST = 9
_NO_WORK = (Row("↑↓ choose a workstream; o shows the plan as a whole.", "dim"),)
LEAST = 5
"""Lines with the title: more are never taken, fewer say too little."""


class CardDetails(Sheet, can_focus=False):
    """What does not fit on a card; it takes no keys."""

    DEFAULT_CSS = "CardDetails { display: none; }"

    height_wanted = 0

    def show(self, view: View, subject: str) -> None:
        workstream = view.workstreams.get(subject)
        if workstream is None:
            self.put(Row(subject), (), empty=_NO_WORK)
            return
        look = view.look(workstream)
        title = Row(workstream.id)
        if named(workstream.id, workstream.name):
            title.add(" ").add(workstream.name, "dim")
        title.add(SEPARATOR, "dim").add(f"{look.glyph} {look.word}", look.tone)
        self.put(title, (SheetLine(row) for row in _lines(view, workstream)))


def _lines(view: View, w: WorkstreamView) -> Iterator[Row]:
    if w.blocker:
        yield _fact("blocked").add(f"⚠ {w.blocker}", "you")
    if w.why and w.why != w.blocker:
        yield _fact("why").add(w.why)
    says = ""
    if w.reported is not None:
        says = f"the agent says {points(w.reported)}"
        if w.reported_at is not None:
            says += f", {since(w.reported_at, view.now)} ago"
    verified = _fact("verified").add(points(w.verified))
    yield verified.add(f"{SEPARATOR}{says}", "dim") if says else verified
    for name, text in (("note", w.note), ("next", w.next)):
        if text:
            yield _fact(name).add(text)
    run = view.latest_run(w.id)
    if run is not None:
        parts = [f"{run.attempt} of {max(run.attempt, w.attempts_allowed)}", run.agent_type, outcome(run)]
        parts.append(
            f"{since(run.started or run.created, view.now)} ago"
            if run.ended
            else f"{since(run.started, view.now)} ({grounds(run, view.now)})"
        )
        parts += filter(None, (limit_words(run, view.snapshot, view.now), used_words(run)))
        yield _fact("attempt").add(SEPARATOR.join(parts))
    if w.spend is not None and (w.spend.budgets or run is None or run.attempt > 1):
        yield _fact("spent").add(spend_words(w.spend))
    if w.deliverables:
        row = _fact("delivers")
        for item in w.deliverables:
            row.add("✓ " if item.verified else "○ ", "done" if item.verified else "wait").add(
                f"{item.name}  "
            )
        yield row
    for check in w.checks:
        look = CRITERION[check.state]
        row = _fact("check").add(f"{look.glyph} ", look.tone).add(check.name)
        yield row.add(f"  {measured(check)}", "bad" if check.state is CriterionState.FAIL else "dim")
    unmet = [n for n in w.needs if not n.met]
    if unmet:
        yield _fact("needs").add(", ".join(f"{n.id} {n.condition}" for n in unmet))
    weeks = f"weeks {w.weeks}" if w.weeks else ""
    place = SEPARATOR.join(
        p for p in (f"phase {w.phase}" if w.phase else "", w.orchestrator or "", weeks) if p
    )
    if place:
        yield _fact("plan").add(place, "dim")


def _fact(name: str) -> Row:
    return Row().column(name, 9, "dim")
