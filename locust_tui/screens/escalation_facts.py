"""An escalation where it is decided: its way, whom it waits for and until when, who knows of it, what was answered so far."""

from __future__ import annotations

from collections.abc import Iterator

from locust_tui.domain.coordination import EscalationStatus
from locust_tui.domain.snapshot import WaitingView
from locust_tui.report.figures import until
from locust_tui.widgets.inbox import quoted
from locust_tui.widgets.row import Row
from locust_tui.widgets.sheet import SheetLine, fact
from locust_tui.widgets.view import View
from locust_tui.widgets.words import age, since

_WIDE = 9


def escalation_of(item: WaitingView, view: View) -> EscalationStatus | None:
    """The open escalation that an item of the inbox is, or that grew out of it."""
    found = (s for s in view.snapshot.escalations if s.open)
    return next((s for s in found if item.item in (f"escalation:{s.id}", s.item)), None)


def route_lines(status: EscalationStatus, now: float) -> Iterator[SheetLine]:
    """ "core → [meta] → stakeholders": those who were asked, whom it waits for, who comes next."""
    yield fact("kind", f"{status.kind} · {status.urgency} · {status.id}, raised by {status.by}", wide=_WIDE)
    answered = {reply.party for reply in status.replies}
    row = Row("  ").column("route", _WIDE, "dim")
    everyone = status.mode == "all"
    for index, party in enumerate(status.route):
        if index:
            row.add(" + " if everyone else " → ", "dim")
        if party in answered:
            row.add(f"✓ {party}", "done")
        elif party in status.waits_for:
            row.add(f"◐ {party}", "you").add(" knows of it" if party in status.acknowledged else "", "dim")
        else:
            row.add(party, "dim")
    yield SheetLine(row.add("  every one of them has to answer" if everyone else "", "dim"))
    if status.due is not None:
        yield _time(status, now)


def _time(status: EscalationStatus, now: float) -> SheetLine:
    """How long there is, and what follows: never an answer."""
    left = status.due - now if status.due is not None else 0.0
    words = (
        f"{age(left)} left, until {until(now + left, now)} UTC" if left > 0 else f"over since {age(-left)}"
    )
    last = status.mode == "all" or status.step + 1 >= len(status.route)
    then = "then it is told again" if last else f"then {status.route[status.step + 1]} is asked"
    row = Row("  ").column("time", _WIDE, "dim").add(words, "text" if left > 0 else "bad")
    return SheetLine(row.add(f"; {then}", "dim"))


def reply_lines(status: EscalationStatus, now: float, width: int) -> Iterator[SheetLine]:
    """Answers so far: who and when in our words, what they decided behind the bar."""
    for reply in status.replies:
        yield SheetLine(Row())
        for_whom = f" for {reply.party}" if reply.by != reply.party else ""
        yield SheetLine(
            Row("✓ ", "done").add(f"{reply.by}{for_whom}, {since(reply.at, now)} ago").add(":", "dim")
        )
        yield from quoted("\n".join(filter(None, (reply.decision, reply.note, reply.consequences))), width)
