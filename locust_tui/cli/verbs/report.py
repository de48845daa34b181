"""`report`: the weekly status report, of this week or any week before."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...errors import UsageError
from ..command import Settings, verb
from ..moment import MOMENT
from ..output import json_text, narrate, put, write_whole
from ..target import State, Target, find_target, read_state

if TYPE_CHECKING:
    from ...report.weekly import StatusReport

_JUST_BEFORE = 0.001
"""Seconds: the last moment of a week still belongs to it."""


FORMATS = ("md", "html", "json", "text")


def _known_format(ctx: click.Context, param: click.Parameter, value: str) -> str:
    if value not in FORMATS:
        raise UsageError(
            f'there is no report in the format "{value}"', help=f"the formats are {', '.join(FORMATS)}"
        )
    return value


@verb("report")
@click.argument("plan", type=click.Path(path_type=Path), required=False)
@click.option("--week", type=click.IntRange(1, 10_000), help="A past plan week, as it stood at its end.")
@click.option(
    "--format", "form", metavar="md|html|json|text", default="md", show_default=True, callback=_known_format
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--out", type=click.Path(path_type=Path), help="Write to this file, whole or not at all.")
@click.option(
    "--at",
    type=MOMENT,
    help="As the plan stood then: 2025-12-01T14:30 (UTC). The same moment, the same bytes.",
)
def command(
    settings: Settings,
    plan: Path | None,
    week: int | None,
    form: str,
    as_json: bool,
    out: Path | None,
    at: float | None,
) -> int:
    """Write the weekly status report. Never starts a worker; a plan that never ran has a report too."""
    report = weekly_report(find_target(settings, plan), week, at)
    text = rendered(report, "json" if as_json else form)
    if out is None or str(out) == "-":
        put(text)
    else:
        write_whole(out, text)
        narrate(f"wrote {out}")
    return 0


def weekly_report(target: Target, week: int | None = None, at: float | None = None) -> StatusReport:
    """The report of plan week `week`; None: of the week that now is. UsageError for a week that has not begun.

    `at`: as the plan stood at that moment, in its week unless `week` names another heading.
    """
    from ...report.build import build_report

    state = read_state(target, at=at)
    if at is None and week is not None and (moment := _moment(state, week)) is not None:
        state = read_state(target, at=moment)
    snapshot = state.snapshot()
    wanted = snapshot.week if week is None else week
    before = _week_before(target, state, wanted)
    earlier = before.snapshot(forecast=False) if before else None
    return build_report(state.plan, snapshot, earlier, week=wanted)


def _moment(state: State, week: int) -> float | None:
    """End of plan week `week`, or None when that week is the present one. A plan that has not started has no past:
    every week of it is the present."""
    from ...domain.clock import project_start, week_end, week_of

    start = project_start(state.plan.calendar, state.world.project.started)
    if start is None or state.world.project.started is None:
        return None
    current = week_of(state.plan.calendar, start, state.at)
    if week > current:
        why = f"the plan is in week {current}"
        if state.world.project.ended is not None and state.at == state.world.project.ended:
            why = f"the plan was finished in week {current}"
        raise UsageError(f"week {week} has not begun: {why}", help=f"--week 1 to {max(1, current)}")
    return None if week == current else week_end(state.plan.calendar, start, week) - _JUST_BEFORE


def _week_before(target: Target, state: State, week: int) -> State | None:
    """The state at the end of the week before, where the plan was already running then."""
    from ...domain.clock import project_start, week_end

    start = project_start(state.plan.calendar, state.world.project.started)
    if not state.recorded or start is None or week < 2:
        return None
    earlier = read_state(target, at=week_end(state.plan.calendar, start, week - 1) - _JUST_BEFORE)
    return earlier if earlier.world.project.started is not None else None


def rendered(report: StatusReport, form: str) -> str:
    """The report as "md", "html", "text" or "json"; ends with a newline."""
    if form == "json":
        from ...report.report_json import report_document

        return json_text(report_document(report)) + "\n"
    if form == "text":
        from ...report.plain_text import plain_text

        return plain_text(report)
    if form == "html":
        from ...report.html import html

        return html(report)
    from ...report.markdown import markdown

    return markdown(report)
