"""`inbox`: everything that waits for a person."""

from __future__ import annotations

from pathlib import Path

import click

from ..command import Settings, verb
from ..output import narrate, painter, put, put_json
from ..target import find_target, read_state


@verb("inbox")
@click.argument("plan", type=click.Path(path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="An array of items.")
def command(settings: Settings, plan: Path | None, as_json: bool) -> int:
    """List what waits for a person, what holds up the critical path first, then the oldest. Answer with: locust-tui answer ITEM CHOICE."""
    snapshot = read_state(find_target(settings, plan)).snapshot(forecast=False)
    if as_json:
        from ...report.status_json import inbox_document

        put_json(inbox_document(snapshot))
        return 0
    from ...report.figures import age
    from ...report.table import table

    rows = [
        (
            w.item,
            w.wanted,
            age(snapshot.at - w.since) if w.since is not None else "",
            ", ".join(w.choices),
            w.what,
        )
        for w in snapshot.waiting
    ]
    if not rows:
        narrate("nothing waits for a person")
        return 0
    put("\n".join(table(("ITEM", "FOR", "SINCE", "CHOICES", "WHAT"), rows, paint=painter(settings))) + "\n")
    return 0
