"""`critical-path`: the longest path through the plan, and everyone's float."""

from __future__ import annotations

from pathlib import Path

import click

from ..command import Settings, verb
from ..output import put, put_json
from ..target import find_target, read_state


@verb("critical-path")
@click.argument("plan", type=click.Path(path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="weeks, path, float.")
@click.option("--strict", is_flag=True, help="Every need as if it said done: nothing overlaps.")
@click.option("--as-planned", is_flag=True, help="Nothing starts before its planned week.")
def command(settings: Settings, plan: Path | None, as_json: bool, strict: bool, as_planned: bool) -> int:
    """Show the path that fixes the finish, and by how many weeks everything else may slip.

    Also of a plan that never ran. While work goes on, what was done counts as it was; once nothing is left, the
    path is the plan's own.
    """
    from ...analysis.actuals import actuals
    from ...analysis.network import build_network
    from ...analysis.schedule import schedule_network
    from ...domain.states import UNFINISHED
    from ...report.figures import week

    state = read_state(find_target(settings, plan), prefer_file=True)
    left = any(state.world.workstream(id).state in UNFINISHED for id in state.plan.workstreams)
    under_way = left and state.world.project.started is not None
    begun = actuals(state.plan, state.world, state.at) if under_way else None
    schedule = schedule_network(build_network(state.plan, strict=strict), as_planned=as_planned, actual=begun)
    floats = {work: round(weeks, 2) for work, weeks in schedule.floats.items()}
    if as_json:
        put_json({"weeks": round(schedule.weeks, 2), "path": list(schedule.path), "float": floats})
        return 0
    from ...report.table import table

    names = {w.id: w.name for w in state.plan.workstreams.values()}
    unit = "week" if week(schedule.weeks) == "1" else "weeks"
    lines = [f"{week(schedule.weeks)} {unit}: {' > '.join(schedule.path)}", ""]
    if not left:
        lines[0] += "  (as planned; nothing is left to do)"
    elif schedule.driven_by_date:
        lines[0] += "  (what came before is done)" if under_way else "  (its first starts on a date)"
    rows = [
        (work, names[work] if names[work] != work else "", week(f), "critical" if not f else "")
        for work, f in floats.items()
    ]
    lines += table(("WORKSTREAM", "NAME", "FLOAT", ""), rows, right=frozenset({2}))
    put("\n".join(lines) + "\n")
    return 0
