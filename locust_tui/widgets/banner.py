"""The line for what a person must not miss: no worker, a plan that is held, a plan file with errors."""

from __future__ import annotations

from collections.abc import Sequence

from locust_tui.client.port import LinkState
from locust_tui.domain.held_plan import PlanError
from locust_tui.domain.states import AccountState
from locust_tui.report.alert_sayings import alert_words
from locust_tui.report.run_words import account_words
from locust_tui.signs import ALERT

from .line import Line
from .row import BLANK, Row
from .view import View


class Banner(Line):
    """Hidden while there is nothing to say."""

    def __init__(self) -> None:
        super().__init__(id="banner")
        self.display = False

    def show(self, view: View) -> None:
        row = banner_row(view)
        self.display = row is not None
        self.put(row or BLANK)


def banner_row(view: View) -> Row | None:
    """The most urgent of: the worker is gone, something keeps it from its work, a newer plan is held, the file on disk has
    errors, an account is shut, an alert fires.

    A plan that waits for trust is another's to say.
    """
    if view.link.state is LinkState.GONE:
        reason = f" · {view.link.reason}" if view.link.reason else ""
        return Row(" ⚠ worker stopped", "bad").add(" · ").add("u", "key").add(" starts it").add(reason, "dim")
    if view.link.state is LinkState.CONNECTING:
        return Row(" ⋯ connecting to the worker", "wait")
    if view.snapshot.troubles:
        return _troubles(view)
    held = view.snapshot.held
    if held is not None:
        if held.why == "error":
            row = _errors(held.errors) if held.errors else Row(" ✗ ", "bad").add(held.summary)
            return row.add(" · last good plan in force", "dim").end("y", "key").end(" look ")
        if held.why == "confirm":
            return Row(" ◐ plan changed: ", "you").add(held.summary).end("y", "key").end(" look ")
        return (
            Row(" ✗ ", "bad")
            .add(held.summary or "the plan file is gone")
            .end("last good plan in force ", "dim")
        )
    if view.problems:
        return _errors(view.problems).end("y", "key").end(" look ")
    return account_row(view) or alert_row(view)


def has_no_room_for_accounts(view: View) -> bool:
    """Something more urgent stands in the banner."""
    link, snapshot = view.link.state, view.snapshot
    told = snapshot.held is not None or bool(snapshot.troubles or view.problems)
    return link is not LinkState.LIVE or told


def account_row(view: View) -> Row | None:
    """An account whose agents cannot work, a refused one first, and the key that leads to it."""
    shut = [a for a in view.snapshot.accounts if a.state is not AccountState.OPEN]
    if not shut:
        return None
    refused = [a for a in shut if a.state is AccountState.REFUSED]
    first = (refused or shut)[0]
    more = f" (+{len(shut) - 1})" if len(shut) > 1 else ""
    row = Row(" ✗ ", "bad") if refused else Row(" ▣ ", "you")
    row.add(account_words(first, view.now)).add(more, "dim")
    return row.end("!", "key").end(" inbox ") if refused else row.end("o", "key").end(" accounts ")


def alert_row(view: View) -> Row | None:
    """The latest alert that fires and nobody knows of, the figures it rests on, and the key that leads to it."""
    if not view.firing:
        return None
    first = view.firing[0]
    look = ALERT[first.state]
    more = f" (+{len(view.firing) - 1})" if len(view.firing) > 1 else ""
    row = Row(f" {look.glyph} ", look.tone).add(f"alert {alert_words(first)}").add(more, "dim")
    return row.end("b", "key").end(" alerts ")


def has_no_room_for_alerts(view: View) -> bool:
    """Something more urgent stands in the banner."""
    return has_no_room_for_accounts(view) or account_row(view) is not None


def _troubles(view: View) -> Row:
    """The oldest, and how many more there are."""
    first, *more = view.snapshot.troubles
    row = Row(" ✗ ", "bad").add(f"{first.about}: {first.what}")
    return row.add(f" (+{len(more)})", "dim") if more else row


def _errors(errors: Sequence[PlanError]) -> Row:
    """The first, and how many more there are."""
    row = Row(" ✗ ", "bad").add(f"{errors[0].where}: {errors[0].message}")
    return row.add(f" (+{len(errors) - 1})", "dim") if len(errors) > 1 else row
