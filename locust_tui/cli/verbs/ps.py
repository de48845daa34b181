"""`ps`: the agents' processes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..command import Settings, verb
from ..moment import AT_HELP, MOMENT
from ..output import ascii_only, narrate, painter, put, put_json
from ..past import state_at
from ..target import Target, find_target

if TYPE_CHECKING:
    from ...domain.snapshot import RunView
    from ...report.processes import Load


@verb("ps")
@click.argument("plan", type=click.Path(path_type=Path), required=False)
@click.option("--at", type=MOMENT, metavar="T", help=AT_HELP)
@click.option("--json", "as_json", is_flag=True, help="An array, as `agents` in status --json.")
@click.option("--all", "-a", "everything", is_flag=True, help="Ended runs too.")
def command(settings: Settings, plan: Path | None, at: float | None, as_json: bool, everything: bool) -> int:
    """List the agents' processes: pid, state and what the state rests on. Never starts a worker."""
    target = find_target(settings, plan)
    snapshot = state_at(target, at).snapshot(forecast=False)
    runs_now = snapshot.runs if at is None else ()
    load = {r.id: found for r in runs_now if (found := _load(target, r, snapshot.at)) is not None}
    from ...report.processes import live_runs, processes_text

    runs = list(snapshot.runs) if everything else live_runs(snapshot)
    if as_json:
        from ...report.agents_json import agents_document

        wanted = {r.id for r in runs}
        documents = [a for a in agents_document(snapshot) if a["run"] in wanted]
        for one in documents:
            if found := load.get(one["run"]):
                one |= {"cpu_percent": found.cpu, "rss_mb": found.rss_kib / 1024}
        put_json(documents)
    elif runs:
        put(processes_text(snapshot, runs, paint=painter(settings), ascii_only=ascii_only(), load=load))
    elif snapshot.lost is not None:
        narrate(f"which agents run is not known: {snapshot.lost.what}")
    else:
        narrate("no agent is running" if at is None else "no agent was running")
    return 0


def _load(target: Target, run: RunView, now: float) -> Load | None:
    """What it uses now, where performance-tracking has looked at it lately."""
    if run.ended is not None or not target.folder.samples.exists():
        return None
    from ...analysis.sampling import SAMPLE_RUNS_S, run_series
    from ...report.processes import Load
    from ...state.samples import SampleReader

    with SampleReader(target.folder.samples) as samples:
        memory = samples.history(run_series(run.id, "rss_kib"), limit=1)
        cpu = samples.history(run_series(run.id, "cpu_s"), limit=2)
    if not memory or memory[0].value is None or now - memory[0].at > 12 * SAMPLE_RUNS_S:
        return None
    used = None
    if len(cpu) == 2 and cpu[0].value is not None and cpu[1].value is not None and cpu[1].at > cpu[0].at:
        used = max(0.0, 100.0 * (cpu[1].value - cpu[0].value) / (cpu[1].at - cpu[0].at))
    return Load(used, memory[0].value)
