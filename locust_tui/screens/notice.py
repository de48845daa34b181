"""What a person must not miss, on every screen: no worker, a plan that nobody allowed to run, a plan that is held."""

from __future__ import annotations

from rich.cells import cell_len

from locust_tui.client.port import LinkState
from locust_tui.widgets.banner import Banner, banner_row
from locust_tui.widgets.charset import drawn
from locust_tui.widgets.row import BLANK, Row, crop
from locust_tui.widgets.view import View


class Notice(Banner):
    """Hidden while there is nothing to say."""

    with_note = False
    """Whether the view's note is said where nothing is more urgent."""

    _past = ""

    def show(self, view: View) -> None:
        self._past = view.past
        row = past_row(view.past, self.size.width or self.app.size.width) if view.past else None
        row = row or notice_row(view) or (_note_row(view) if self.with_note else None)
        self.display = row is not None
        self.put(row or BLANK)

    def build(self, width: int) -> Row:
        return past_row(self._past, width) if self._past else super().build(width)


def past_row(words: str, width: int) -> Row:
    """A bar over the whole line: nobody may take the past for now."""
    text, end = f" {drawn('◀◀')} as it was {words} ", "esc: now "
    room = max(0, width - cell_len(end))
    return Row(crop(text, room).ljust(room), "cursor").add(end, "cursor")


def notice_row(view: View) -> Row | None:
    """As `banner_row`; a plan that waits for trust is said before a worker that is missing because of it."""
    held = view.snapshot.held
    if held is None or held.why != "trust" or view.snapshot.troubles:
        return banner_row(view)
    row = Row(" ◐ ", "you")
    if not view.snapshot.started:
        row.add("not trusted yet: nothing runs", "you")
    else:
        row.add("plan changed: it waits for trust", "you")
        if view.link.state is LinkState.GONE:
            row.add(" · no worker runs", "bad")
    return row.end("y", "key").end(" shows what it would run ")


def _note_row(view: View) -> Row | None:
    words, command = view.note
    if not words and not command:
        return None
    row = Row(f" {words}", "wait")
    return row.end("begin again: ", "dim").end(f"{command} ", "text") if command else row
