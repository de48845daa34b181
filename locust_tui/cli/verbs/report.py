"""`report`: the weekly status report, of this week or any week before."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...errors import UsageError
from ..command import Settings, verb
from ..moment import MOMENT, seconds_of
from ..output import json_text, narrate, put, write_whole
from ..target import Target, find_target, read_state, worker_pid

if TYPE_CHECKING:
    from ...domain.snapshot import Snapshot
    from ...domain.studies.report import ReportGround
    from ...report.weekly import StatusReport

FORMATS = ("md", "html", "json", "text")
_BY_SUFFIX = {".html": "html", ".htm": "html", ".json": "json", ".txt": "text", ".md": "md"}


def _known_format(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    if value is not None and value not in FORMATS:
        raise UsageError(
            f'there is no report in the format "{value}"', help=f"the formats are {', '.join(FORMATS)}"
        )
    return value


@verb("report")
@click.argument("plan", type=click.Path(path_type=Path), required=False)
@click.option("--week", type=click.IntRange(1, 10_000), help="A past plan week, as it stood at its end.")
@click.option(
    "--format",
    "form",
    metavar="md|html|json|text",
    callback=_known_format,
    help="Else as the name of --out says; else md.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option(
    "--out",
    "outs",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Write to this file, whole or not at all; several are of the same moment.",
)
@click.option("--diff", is_flag=True, help="Only what is otherwise since the end of the week before.")
@click.option(
    "--at",
    type=MOMENT,
    help="As the plan stood then: 2025-12-01T14:30 (UTC). The same moment, the same bytes.",
)
def command(
    settings: Settings,
    plan: Path | None,
    week: int | None,
    form: str | None,
    as_json: bool,
    outs: tuple[Path, ...],
    diff: bool,
    at: float | None,
) -> int:
    """Write the weekly status report. Never starts a worker; a plan that never ran has a report too."""
    report = weekly_report(find_target(settings, plan), week, at)
    wanted = "json" if as_json else form
    for out in outs or (Path("-"),):
        kind = wanted or _BY_SUFFIX.get(out.suffix, "md")
        text = news(report, kind) if diff else rendered(report, kind)
        if str(out) == "-":
            put(text)
        else:
            write_whole(out, text)
            narrate(f"wrote {out}")
    return 0


def weekly_report(target: Target, week: int | None = None, at: float | None = None) -> StatusReport:
    """The report of plan week `week`; None: of the week that now is. UsageError for a week that has not begun.

    `at`: as the plan stood at that moment, in its week unless `week` names another heading.
    """
    from ...report.build import report_of

    return report_of(report_ground(target, week, at))


def report_ground(target: Target, week: int | None, at: float | None) -> ReportGround:
    """What the report is made of; of a plan that was never put in force, what its file says."""
    at = seconds_of(target, at)
    from ...client.report_study import planned_ground, read_record, recorded_ground
    from ...state.reader import ReadOnlyStore

    if target.has_record:
        with ReadOnlyStore(target.folder.store) as store:
            record = read_record(store)
        if record is not None:
            pid = worker_pid(target.folder)
            look = _signs_of_life(target, pid)
            return recorded_ground(record, time.time(), week=week, at=at, worker_pid=pid, look=look)
    state = read_state(target, at=at)
    return planned_ground(state.plan, state.digest, state.path, state.at, week=week)


def _signs_of_life(target: Target, pid: int | None) -> Callable[[Snapshot], Snapshot]:
    """What the files of live runs say at present, beside the record."""

    def look(snapshot: Snapshot) -> Snapshot:
        if pid is not None:
            from ...state.signs import SignsOfLife

            return SignsOfLife(target.folder.runs).on(snapshot)
        from ..unwatched import with_facts

        return with_facts(snapshot, target.folder.runs)

    return look


def news(report: StatusReport, form: str) -> str:
    """What is otherwise since the week before; UsageError for a form that it has not."""
    from ...report.sections import news_of

    if form == "html":
        raise UsageError("--diff has no page", help="--format md, text or json; the whole report has one")
    if form == "json":
        from ...report.report_json import report_document

        return json_text(report_document(report).get("since_last_week")) + "\n"
    if form == "text":
        from ...report.plain_text import page_text

        return page_text(news_of(report))
    from ...report.markdown import page_markdown

    return page_markdown(news_of(report))


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
