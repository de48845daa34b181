"""`kpi`: the plan's key figures, their targets and trends, and what each is computed from."""

from __future__ import annotations

import click

from ...errors import NotFoundError, did_you_mean
from ..command import Settings, verb
from ..moment import AT_HELP, MOMENT
from ..output import ascii_only, columns, narrate, painter, put, put_json


@verb("kpi")
@click.argument("id", required=False)
@click.option("--at", type=MOMENT, help=AT_HELP)
@click.option("--json", "as_json", is_flag=True, help="An array; of one KPI its object.")
def command(settings: Settings, id: str | None, at: float | None, as_json: bool) -> int:
    """Show the plan's KPIs against their targets; of ID, what it is computed from."""
    from ...report.figures_json import kpi_document, kpis_document
    from ...report.success_text import explained, kpi_lines
    from ...safe_text import safe
    from ..figuring import figures_at

    study = figures_at(settings, None, at).kpis
    if id is not None:
        known = {k.view.id: k for k in study.kpis}
        found = known.get(id) or {name.casefold(): k for name, k in known.items()}.get(id.casefold())
        if found is None:
            raise NotFoundError(
                f'the plan has no KPI "{id}"', help=did_you_mean(id, known) or "locust-tui kpi"
            )
        if as_json:
            put_json(kpi_document(found))
        else:
            put("\n".join(safe(line, oneline=True) for line in explained(found)) + "\n")
        return 0
    if as_json:
        put_json(kpis_document(study))
    elif study.kpis:
        shown = kpi_lines(study, paint=painter(settings), ascii_only=ascii_only(), width=columns())
        put("\n".join(shown) + "\n")
    else:
        narrate("the plan has no kpis")
    return 0
