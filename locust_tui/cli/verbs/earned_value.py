"""`earned-value` (also `evm`): what was planned, what is verified, what it cost."""

from __future__ import annotations

from pathlib import Path

import click

from ..command import Settings, verb
from ..moment import AT_HELP, MOMENT
from ..output import columns, painter, put, put_json


@verb("earned-value")
@click.argument("plan", type=click.Path(path_type=Path), required=False)
@click.option("--at", type=MOMENT, help=AT_HELP)
@click.option("--curve", is_flag=True, help="The project week by week: planned, earned, scope, cost.")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="project, phases, orchestrators, curve; each figure with what it rests on.",
)
def command(settings: Settings, plan: Path | None, at: float | None, curve: bool, as_json: bool) -> int:
    """Show earned value, cost and earned schedule of the project, its phases and orchestrators.

    Points are weights; only verified work earns. ES is the week of the plan that the work has come to, FINISH the week
    in which it ends if it goes on like that. Also of a plan that never ran.
    """
    from ...report.figures_json import earned_document
    from ...report.figures_text import earned_lines
    from ..figuring import figures_at

    study = figures_at(settings, plan, at).earned
    if as_json:
        put_json(earned_document(study))
    else:
        shown = earned_lines(study, curve=curve, paint=painter(settings), width=columns())
        put("\n".join(shown) + "\n")
    return 0
