"""`metrics`: what a time came to, from the event log."""

from __future__ import annotations

import click

from ..command import Settings, sub_verb, verb_group
from ..output import ascii_only, painter, put, put_json
from ..target import find_target, read_state


@verb_group("metrics")
def command() -> None:
    """What a time came to, from the event log."""


@sub_verb(command, "get")
@click.option(
    "--orchestrator", metavar="NAME", help="Only this orchestrator's part; default: the whole plan."
)
@click.option(
    "--period", default="last-7-days", show_default=True, help="Also today, this-week, week-3, 24h, all."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["dashboard", "table", "json"]),
    default="dashboard",
    show_default=True,
)
@click.option("--json", "as_json", is_flag=True, help="As --format json.")
def get(settings: Settings, orchestrator: str | None, period: str, form: str, as_json: bool) -> int:
    """Sum up a period: work accepted, reviews, runs, hours, questions, spending, progress; with trends."""
    show(settings, orchestrator, period, "json" if as_json else form)
    return 0


def show(settings: Settings, orchestrator: str | None, period: str, form: str) -> None:
    """Print a period's metrics. NotFoundError for an unknown orchestrator, UsageError for an unknown period."""
    from ...analysis.period_metrics import period_metrics
    from ...report import period_metrics as drawn
    from ..lookup import find_orchestrator
    from ..period import parse_period

    target = find_target(settings)
    state = read_state(target)
    one = (
        find_orchestrator(state.plan, state.snapshot(forecast=False), orchestrator) if orchestrator else None
    )
    begin, end = parse_period(period, state.plan, state.world, state.at)
    events = []
    if state.recorded:
        from ...state.reader import ReadOnlyStore

        with ReadOnlyStore(target.folder.store) as store:
            events = store.events()
    members = None if one is None else {one.id, *one.workstreams}
    found = period_metrics(state.plan, events, begin, end, members)
    title = one.name if one is not None else state.plan.project.name
    if form == "json":
        put_json(drawn.period_document(found, one.id if one is not None else None, period))
    elif form == "table":
        put(drawn.table_text(title, found, paint=painter(settings), ascii_only=ascii_only()))
    else:
        put(drawn.dashboard_text(title, found, paint=painter(settings), ascii_only=ascii_only()))
