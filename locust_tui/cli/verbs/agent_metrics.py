"""`agent metrics`: what agents did and used, grouped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..command import Settings, sub_verb
from ..output import ascii_only, narrate, painter, put, put_json
from ..target import State, Target, find_target, read_state
from .agent import command

if TYPE_CHECKING:
    from ...analysis.agent_metrics import Used
    from ...analysis.run_spans import Trace


@sub_verb(command, "metrics")
@click.option(
    "--group-by",
    "by",
    type=click.Choice(["orchestrator", "type", "phase", "workstream"]),
    default="orchestrator",
    show_default=True,
)
@click.option("--json", "as_json", is_flag=True, help="{group_by, groups, total, utilisation}.")
def metrics(settings: Settings, by: str, as_json: bool) -> int:
    """Busy and idle hours, runs done and failed, restarts, CPU, memory, storage; tokens and cost where agents tell."""
    from ...analysis.agent_metrics import agent_metrics, utilisation

    target = find_target(settings)
    state = read_state(target)
    spans = spans_of(target, state)
    rows, total = agent_metrics(state.plan, state.world, spans, by, used_of(target, state))
    told = utilisation(state.plan, spans, state.world.project.started, state.at)
    if as_json:
        from ...report.agent_metrics import metrics_document

        put_json(metrics_document(by, rows, total, told))
        return 0
    if not state.world.runs:
        narrate("no agent has run yet")
        return 0
    from ...report.agent_metrics import metrics_text

    put(metrics_text(by, rows, total, told, paint=painter(settings), ascii_only=ascii_only()))
    return 0


def spans_of(target: Target, state: State) -> Trace:
    """When its runs were at work, from the event log."""
    from ...analysis.run_spans import KINDS, Trace, trace

    if not state.recorded:
        return Trace((), ())
    from ...state.reader import ReadOnlyStore

    with ReadOnlyStore(target.folder.store) as store:
        return trace(store.events(kinds=KINDS), state.at)


def used_of(target: Target, state: State) -> dict[str, Used]:
    """What samples say of each run, where performance-tracking has looked."""
    if not target.folder.samples.exists():
        return {}
    from ...analysis.agent_metrics import Used
    from ...analysis.sampling import run_series
    from ...state.samples import SampleReader

    with SampleReader(target.folder.samples) as samples:
        most = samples.peaks("run:")
    return {
        run: Used(
            most.get(run_series(run, "cpu_s")),
            most.get(run_series(run, "rss_kib")),
            most.get(run_series(run, "read_bytes")),
            most.get(run_series(run, "written_bytes")),
        )
        for run in state.world.runs
        if run_series(run, "cpu_s") in most
    }
