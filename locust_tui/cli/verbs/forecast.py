"""`forecast`: when the plan will probably end, and what that rests on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..command import Settings, verb
from ..moment import MOMENT
from ..output import ascii_only, columns, narrate, painter, put, put_json
from ..past import state_at
from ..target import find_target

if TYPE_CHECKING:
    from ...domain.studies.forecast_study import ForecastStudy


@verb("forecast")
@click.argument("plan", type=click.Path(path_type=Path), required=False)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="p50_week, p85_week, p95_week, in_window, class, gates, movers, sample, throughput, change …",
)
@click.option("--no-gates", is_flag=True, help="As if no gate ever held anything.")
@click.option("--strict", is_flag=True, help="Every need as if it said done: nothing overlaps.")
@click.option("--as-planned", is_flag=True, help="Nothing starts before its planned week.")
@click.option(
    "--throughput", is_flag=True, help="By how many workstreams were finished a week, and nothing else."
)
@click.option("--at", type=MOMENT, help="As it stood then: 2025-12-01T14:30 (UTC), or 15m ago.")
@click.option(
    "--runs", type=click.IntRange(100, 100_000), default=10_000, show_default=True, help="Simulated outcomes."
)
@click.option("--seed", type=int, help="Another seed; the same seed gives the same figures.")
def command(
    settings: Settings,
    plan: Path | None,
    as_json: bool,
    no_gates: bool,
    strict: bool,
    as_planned: bool,
    throughput: bool,
    at: float | None,
    runs: int,
    seed: int | None,
) -> int:
    """Simulate the rest of the plan and show in which weeks it and its gates will probably be reached.

    With it: which workstreams move the finish, how the forecast changed since last week, what durations are drawn
    from. Gates hold what they hold unless --no-gates. Also of a plan that never ran.
    """
    from ...report.forecast_json import forecast_document, throughput_document
    from ..forecasting import forecast_study

    target = find_target(settings, plan)
    state = state_at(target, at, prefer_file=at is None)
    found = forecast_study(
        target, state, gates=not no_gates, strict=strict, as_planned=as_planned or None, runs=runs, seed=seed
    )
    if throughput and found.throughput is not None:
        if as_json:
            put_json(throughput_document(found.throughput))
        else:
            from ...report.forecast_text import throughput_text

            put(throughput_text(found.throughput, ascii_only=ascii_only()))
        return 0
    if as_json:
        document = forecast_document(found)
        if found.complete:
            document |= {"complete_week": state.snapshot(forecast=False).week}
        put_json(document)
        return 0
    if found.complete:
        put(f"complete in week {state.snapshot(forecast=False).week}: nothing is left to forecast\n")
        return 0
    from ...report.forecast_text import forecast_text

    put(forecast_text(found, paint=painter(settings), ascii_only=ascii_only(), width=columns()))
    narrate(_rules(found, strict=strict))
    return 0


def _rules(found: ForecastStudy, *, strict: bool) -> str:
    """By which rules it was made, or how to get one."""
    if found.view.p50_week is None:
        from ...analysis.progress import NO_DATES

        dated = found.view.reason != NO_DATES
        return "next: locust-tui status" if dated else "weeks: or estimate: on workstreams gives a forecast"
    modes = [
        "gates included" if found.with_gates else "without gates",
        *(["nothing before its planned week"] if found.as_planned else []),
        *(["every need as done"] if strict else []),
    ]
    return f"{found.runs} runs, seed {found.seed}, {', '.join(modes)}"
