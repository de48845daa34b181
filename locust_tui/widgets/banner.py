"""The line for what a person must not miss: no worker, a plan that is held, a plan file with errors."""

from __future__ import annotations

from locust_tui.client.port import LinkState

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
    """The most urgent of: the worker is gone, a newer plan is held, the file on disk has errors."""
    if view.link.state is LinkState.GONE:
        reason = f" · {view.link.reason}" if view.link.reason else ""
        return Row(" ⚠ worker stopped", "bad").add(" · ").add("u", "key").add(" starts it").add(reason, "dim")
    if view.link.state is LinkState.CONNECTING:
        return Row(" ⋯ connecting to the worker", "wait")
    held = view.snapshot.held
    if held is not None:
        first = held.lines[0] if held.lines else held.summary
        if held.why == "error":
            return (
                Row(" ✗ ", "bad")
                .add(first)
                .add(" · last good plan in force", "dim")
                .end("y", "key")
                .end(" look ")
            )
        if held.why == "confirm":
            return Row(" ◐ plan changed: ", "you").add(held.summary).end("y", "key").end(" look ")
        if held.why == "trust":
            return (
                Row(" ◐ plan changed: waits for trust · ", "you")
                .add("locust-tui trust ")
                .add(view.snapshot.plan_path)
                .end("y", "key")
                .end(" look ")
            )
        return (
            Row(" ✗ ", "bad")
            .add(held.summary or "the plan file is gone")
            .end("last good plan in force ", "dim")
        )
    if view.problems:
        more = f" (+{len(view.problems) - 1})" if len(view.problems) > 1 else ""
        return Row(" ✗ ", "bad").add(view.problems[0]).add(more, "dim").end("y", "key").end(" look ")
    return None
