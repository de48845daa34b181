"""`status`: the state of the plan, now or at a moment, once or whenever it changes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..command import Settings, verb
from ..moment import MOMENT
from ..output import ascii_only, columns, painter, put, put_json
from ..target import State, find_target, read_state

if TYPE_CHECKING:
    from ...domain.snapshot import Snapshot


@verb("status")
@click.argument("plan", type=click.Path(path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="The whole state as one JSON document.")
@click.option("--at", type=MOMENT, help="As it was then: 2025-12-01T14:30 (UTC), or 15m ago.")
@click.option("--watch", is_flag=True, help="Print it again whenever something changed, until interrupted.")
def command(settings: Settings, plan: Path | None, as_json: bool, at: float | None, watch: bool) -> int:
    """Show the state of the plan. Never starts a worker."""
    target = find_target(settings, plan)
    if not watch:
        show(settings, read_state(target, at=at), as_json=as_json)
        return 0
    from ..announcing import Teller
    from ..watching import wakeups

    seen: tuple[int, int | None] | None = None
    tell = Teller(target)
    for _ in wakeups(target):
        state = read_state(target)
        if seen != (state.world.revision, state.worker_pid):
            seen = (state.world.revision, state.worker_pid)
            tell(show(settings, state, as_json=as_json, line=True))
    return 0


def show(settings: Settings, state: State, *, as_json: bool, line: bool = False) -> Snapshot:
    """Print a state once, and return it; `line`: JSON on one line."""
    snapshot = state.snapshot()
    if as_json:
        from ...report.status_json import status_document

        put_json(status_document(snapshot), line=line)
    else:
        from ...report.status_text import status_text

        put(status_text(snapshot, paint=painter(settings), ascii_only=ascii_only(), width=columns()))
    return snapshot
