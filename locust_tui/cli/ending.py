"""Before something ends an agent that is still there, a person is asked, or has to say so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import RefusedError
from .terminal import asks, can_ask

if TYPE_CHECKING:
    from ..domain.snapshot import Snapshot


def ask_before_ending(snapshot: Snapshot, workstream: str, yes: bool, anyway: str) -> None:
    """Return when the workstream has no live run, or its end is agreed to. RefusedError otherwise.

    `anyway` is the call that needs no question.
    """
    run = next((r for r in snapshot.runs if r.subject == workstream and r.ended is None), None)
    if run is None or yes:
        return
    asked = next((w.item for w in snapshot.waiting if w.run == run.id and w.digest), "")
    waits = f"waits for an answer to {asked}" if asked else f"is {run.state.value}"
    words = f"{run.id} {waits}; another attempt ends it"
    if can_ask():
        if not asks(f"{words}. Is it to end"):
            raise RefusedError(f"{run.id} goes on")
        return
    instead = f"to answer: locust-tui answer {asked} CHOICE; " if asked else ""
    raise RefusedError(words, help=f"{instead}to end it: {anyway}")
