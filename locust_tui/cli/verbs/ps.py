"""`ps`: the agents' processes."""

from __future__ import annotations

from pathlib import Path

import click

from ..command import Settings, verb
from ..output import ascii_only, narrate, painter, put, put_json
from ..target import find_target, read_state


@verb("ps")
@click.argument("plan", type=click.Path(path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="An array, as `agents` in status --json.")
@click.option("--all", "-a", "everything", is_flag=True, help="Ended runs too.")
def command(settings: Settings, plan: Path | None, as_json: bool, everything: bool) -> int:
    """List the agents' processes: pid, state and what the state rests on. Never starts a worker."""
    snapshot = read_state(find_target(settings, plan)).snapshot(forecast=False)
    from ...report.processes import live_runs, processes_text

    runs = list(snapshot.runs) if everything else live_runs(snapshot)
    if as_json:
        from ...report.status_json import agents_document

        wanted = {r.id for r in runs}
        put_json([a for a in agents_document(snapshot) if a["run"] in wanted])
    elif runs:
        put(processes_text(snapshot, runs, paint=painter(settings), ascii_only=ascii_only()))
    else:
        narrate("no agent is running")
    return 0
