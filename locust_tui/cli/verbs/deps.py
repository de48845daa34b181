"""`deps`: every dependency with its state, lag, float and delay, and what could start now."""

from __future__ import annotations

from pathlib import Path

import click

from ..command import Settings, verb
from ..moment import AT_HELP, MOMENT
from ..output import ascii_only, columns, painter, put, put_json
from ..past import state_at
from ..target import find_target


@verb("deps")
@click.argument("plan", type=click.Path(path_type=Path), required=False)
@click.option("--at", type=MOMENT, metavar="T", help=AT_HELP)
@click.option("--gates", is_flag=True, help="Shut phase gates count in floats and delays.")
@click.option("--ready", is_flag=True, help="What could start now, and what holds it back.")
@click.option("--json", "as_json", is_flag=True, help="An array of edges; with --ready the frontier.")
def command(
    settings: Settings, plan: Path | None, at: float | None, gates: bool, ready: bool, as_json: bool
) -> int:
    """List every need: who waits for whom, for what, whether it is met, and how much later it may be.

    DAYS LATE: working days after the planned moment that it was, or is expected to be, met. Also of a plan that never
    ran.
    """
    from ...analysis.timeline import timeline
    from ...report.figures import count
    from ...report.timeline_text import frontier_words
    from ...safe_text import safe

    state = state_at(find_target(settings, plan), at, prefer_file=True)
    line = timeline(state.plan, state.world, state.at, gates=gates)
    if as_json:
        from ...report.timeline_json import frontier_document, link_document

        put_json(frontier_document(line) if ready else [link_document(link) for link in line.links])
        return 0
    lines = []
    if not ready:
        from ...report.timeline_tables import needs_table

        lines = needs_table(line, paint=painter(settings), ascii_only=ascii_only(), width=columns())
        met = sum(link.met for link in line.links)
        lines.append(f"{count(len(line.links), 'need')}, {met} met")
    lines += [safe(words, oneline=True) for words in frontier_words(line)]
    put("\n".join(lines) + "\n")
    return 0
