"""`flow`: how work comes through, and how agents, needs and gates fare."""

from __future__ import annotations

from pathlib import Path

import click

from ..command import Settings, verb
from ..moment import AT_HELP, MOMENT
from ..output import columns, painter, put, put_json


@verb("flow")
@click.argument("plan", type=click.Path(path_type=Path), required=False)
@click.option("--at", type=MOMENT, help=AT_HELP)
@click.option(
    "--workstreams",
    "-w",
    is_flag=True,
    help="Also each workstream: deliverables, reviews, dates, whom it held up.",
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Every figure with its parts and what it rests on; workstreams too.",
)
def command(settings: Settings, plan: Path | None, at: float | None, workstreams: bool, as_json: bool) -> int:
    """Show work in progress, cycle and lead times, throughput, use of agents, needs between orchestrators, gates.

    Times are working days of the plan. Work is aging when it is older than 85 % of the finished work became.
    """
    from ...report.figures_json import flow_document
    from ...report.flow_text import flow_lines
    from ..figuring import figures_at

    found = figures_at(settings, plan, at).flow
    if as_json:
        put_json(flow_document(found))
    else:
        shown = flow_lines(found, workstreams=workstreams, paint=painter(settings), width=columns())
        put("\n".join(shown) + "\n")
    return 0
