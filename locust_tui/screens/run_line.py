"""The bottom line under an agent's terminal or output: who and what it is, and the key that leaves it."""

from __future__ import annotations

from collections.abc import Callable

from rich.cells import cell_len

from locust_tui.client.port import LinkState
from locust_tui.widgets.row import Row, crop, shown
from locust_tui.widgets.view import View
from locust_tui.widgets.words import look_of_run, outcome, since

from .base import CockpitScreen

Left = Callable[[], None]


def leave(screen: CockpitScreen, done: Left | None) -> None:
    """Back to the screen before, or whatever the caller wants instead."""
    if done is not None:
        done()
    else:
        screen.go_back()


LEAVES = 22
"""Cells kept for the key that leaves."""


def who(view: View | None, run_id: str, *, ended: bool, width: int = 0, more: str = "") -> Row:
    """Run, type, state, source and age, as they are known now.

    `more` and a worker that is gone come first: where `width` cells are too few, source and age are left out.
    """
    run = view.runs.get(run_id) if view is not None else None
    if view is None or run is None:
        return Row(" ").add(run_id, "strong")
    look = look_of_run(run.state, run.reason)
    row = Row(" ").add(run.id, "strong").add(f" · {crop(shown(run.agent_type), 16)} · ")
    if ended and run.ended is None:
        return row.add("its process has ended", "you")
    row.add(f"{look.glyph} {outcome(run)}", look.tone)
    gone = " · no worker" if view.link.state is LinkState.GONE else ""
    said = f" · {more}" if more else ""
    rest = [f" ({run.source})"]
    moment = run.ended if run.ended is not None else run.started
    if moment is not None:
        age = since(moment, view.now)
        rest.append(f" · {f'for {age}' if run.ended is None else f'ended {age} ago'}")
    while rest and width and cell_len(row.text) + len(gone + said) + sum(map(len, rest)) + LEAVES > width:
        rest.pop(0)
    return row.add("".join(rest), "dim").add(said, "dim").add(gone, "you")


def with_leave(row: Row, key: str, words: str) -> Row:
    """The same row with the key that leaves, and what that does, at its end."""
    return row.end(f"{key} ", "key").end(f"{words} ", "text")
