"""`deps`: every dependency with its state, and what could start now."""

from __future__ import annotations

from pathlib import Path

import click

from ..command import Settings, verb
from ..moment import AT_HELP, MOMENT
from ..output import ascii_only, painter, put, put_json
from ..past import state_at
from ..target import find_target


@verb("deps")
@click.argument("plan", type=click.Path(path_type=Path), required=False)
@click.option("--at", type=MOMENT, metavar="T", help=AT_HELP)
@click.option("--json", "as_json", is_flag=True, help="An array of edges.")
def command(settings: Settings, plan: Path | None, at: float | None, as_json: bool) -> int:
    """List every need: who waits for whom, for what, and whether it is met. Also of a plan that never ran."""
    from ...domain.states import UNFINISHED

    state = state_at(find_target(settings, plan), at, prefer_file=True)
    snapshot = state.snapshot(forecast=False)
    floats = {w.id: w.float_weeks for w in snapshot.workstreams if w.state in UNFINISHED}
    edges = [
        {
            "from": need.id,
            "to": w.id,
            "condition": need.condition,
            "met": need.met,
            "why": need.why or None,
            "float_weeks": floats.get(w.id),
        }
        for w in snapshot.workstreams
        for need in w.needs
    ]
    if as_json:
        put_json(edges)
        return 0
    from ...report.glyphs import Tone, glyph
    from ...report.table import table

    plain = ascii_only()
    rows: list[tuple[str | tuple[str, Tone], ...]] = [
        (
            str(e["to"]),
            str(e["from"]),
            str(e["condition"]),
            (glyph("pass", ascii_only=plain) + " met", Tone.DONE)
            if e["met"]
            else (glyph("blocked", ascii_only=plain) + " open", Tone.QUIET),
            str(e["why"] or ""),
        )
        for e in edges
    ]
    lines = table(("WORKSTREAM", "NEEDS", "CONDITION", "", "STATE"), rows, paint=painter(settings))
    ready = [
        w.id
        for w in snapshot.workstreams
        if w.state.value in ("planned", "ready") and all(n.met for n in w.needs)
    ]
    lines.append(f"{len(edges)} needs; with all needs met: {', '.join(ready) or 'none'}")
    put("\n".join(lines) + "\n")
    return 0
