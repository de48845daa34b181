"""`critical-path`: the longest path through the plan, everyone's float, and what caps on agents cost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..command import Settings, verb
from ..moment import AT_HELP, MOMENT
from ..output import columns, painter, put, put_json
from ..past import state_at
from ..target import find_target

if TYPE_CHECKING:
    from ...analysis.schedule import Schedule
    from ...domain.plan import Plan
    from ...domain.studies.timeline import Timeline
    from ..target import State

MOST_CAPS = 12


@verb("critical-path")
@click.argument("plan", type=click.Path(path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="weeks, path, float, workstreams, marks …")
@click.option("--strict", is_flag=True, help="Every need as if it said done: nothing overlaps.")
@click.option("--as-planned", is_flag=True, help="Nothing starts before its planned week.")
@click.option("--gates", is_flag=True, help="Shut phase gates hold what they hold.")
@click.option("--caps", is_flag=True, help="The plan under 1, 2, 3 … agents at a time, levelled.")
@click.option("--at", type=MOMENT, metavar="T", help=AT_HELP)
def command(
    settings: Settings,
    plan: Path | None,
    as_json: bool,
    strict: bool,
    as_planned: bool,
    gates: bool,
    caps: bool,
    at: float | None,
) -> int:
    """Show the path that fixes the finish, and by how many weeks everything else may slip.

    With it: when each workstream is expected, what drives it, whom it delays, and how many agents are enough. Also of a
    plan that never ran. While work goes on, what was done counts as it was; once nothing is left, the path is the
    plan's own.
    """
    from ...analysis.timeline import timeline

    state = state_at(find_target(settings, plan), at, prefer_file=True)
    by_date = True if as_planned else None
    line = timeline(state.plan, state.world, state.at, gates=gates, strict=strict, as_planned=by_date)
    schedule, left = _schedule(state, strict=strict, gates=gates, as_planned=as_planned)
    if as_json:
        document = _document(line, schedule)
        if caps:
            document |= _caps_document(state.plan, strict=strict, gates=gates)
        put_json(document)
        return 0
    if caps:
        lines = list(_caps_lines(state.plan, strict=strict, gates=gates))
    else:
        lines = list(_lines(settings, state, line, schedule, left=left, strict=strict))
    put("\n".join(lines) + "\n")
    return 0


def _schedule(state: State, *, strict: bool, gates: bool, as_planned: bool) -> tuple[Schedule, bool]:
    """The schedule that is told, and whether anything is left to do."""
    from ...analysis.actuals import actuals
    from ...analysis.network import build_network
    from ...analysis.schedule import schedule_network
    from ...domain.plan import SchedulePolicy
    from ...domain.states import UNFINISHED

    plan, world = state.plan, state.world
    left = any(world.workstream(id).state in UNFINISHED for id in plan.workstreams)
    begun = actuals(plan, world, state.at) if left else None
    by_date = as_planned or plan.schedule is SchedulePolicy.AS_PLANNED
    network = build_network(plan, strict=strict, gates=gates)
    return schedule_network(network, as_planned=by_date, actual=begun), left


def _document(line: Timeline, schedule: Schedule) -> dict[str, Any]:
    from ...report.figures import known
    from ...report.timeline_json import bar_document, mark_document

    return {
        "weeks": round(schedule.weeks, 2),
        "path": list(schedule.path),
        "float": {work: round(weeks, 2) for work, weeks in schedule.floats.items()},
        "driven_by_date": schedule.driven_by_date,
        "near_critical": list(schedule.near_critical),
        "with_gates": line.gates,
        **known("end_week", None if line.end is None else round(line.end, 2), line.reason),
        "workstreams": [bar_document(line, bar) for bar in line.bars],
        "marks": [mark_document(line, mark) for mark in line.marks],
    }


def _lines(
    settings: Settings, state: State, line: Timeline, schedule: Schedule, *, left: bool, strict: bool
) -> Iterator[str]:
    from ...report.figures import week
    from ...report.table import fold
    from ...report.timeline_tables import delay_lines, float_table, mark_lines, path_table
    from ...report.timeline_text import MOST_IN_A_CHAIN, chain

    under_way = left and state.world.project.started is not None
    unit = "week" if week(schedule.weeks) == "1" else "weeks"
    note = ""
    if not left:
        note = "  (as planned; nothing is left to do)"
    elif schedule.driven_by_date:
        note = (
            "  (what came before is done)" if under_way else "  (driven by a date, not by what comes before)"
        )
    wide = columns()
    yield from fold(f"{week(schedule.weeks)} {unit}: {chain(schedule.path)}{note}", wide, 4)
    near = [w for w in schedule.near_critical if w not in schedule.path]
    if near:
        more = f" and {len(near) - MOST_IN_A_CHAIN} more" if len(near) > MOST_IN_A_CHAIN else ""
        named = ", ".join(near[:MOST_IN_A_CHAIN])
        yield from fold(f"near-critical, a week of float or less: {named}{more}", wide, 4)
    held = _held_by_gates(state, line, schedule, strict=strict)
    if held:
        yield held
    if line.reason:
        yield f"{line.reason}: each workstream counts as one week"
    yield ""
    if line.reason:
        yield from float_table(line, schedule.floats, paint=painter(settings))
    else:
        yield from path_table(line, paint=painter(settings), width=wide)
        yield "plan weeks since the start of week 1: week 3 is 2 to 3"
        yield "DAYS: working days after the planned end"
    delays = [part for told in delay_lines(line) for part in fold(told, wide, 6)]
    if delays:
        yield from ("", "delays", *delays)
    if line.marks and not line.reason:
        yield from ("", "gates and milestones", *mark_lines(line))


def _held_by_gates(state: State, line: Timeline, schedule: Schedule, *, strict: bool) -> str:
    """How much longer it takes where shut phase gates hold what they hold; "" where they cost nothing."""
    from ...analysis.timeline import timeline
    from ...report.figures import week

    if line.gates or not state.plan.gates:
        return ""
    end = timeline(state.plan, state.world, state.at, strict=strict, as_planned=schedule.as_planned).end
    if end is None or line.end is None or end < line.end + 0.05:
        return ""
    return f"with what shut phase gates hold: {week(end)} weeks (--gates)"


def _caps_document(plan: Plan, *, strict: bool, gates: bool) -> dict[str, Any]:
    from ...analysis.levelling import caps_one_to, smallest_cap, smallest_caps, under_plan_caps
    from ...report.timeline_json import levelled_document

    smallest = smallest_cap(plan, strict=strict, gates=gates)
    by_type, by_owner = smallest_caps(plan, strict=strict, gates=gates)
    most = min(MOST_CAPS, max((smallest or 0) + 2, 6), len(plan.workstreams))
    return {
        "smallest_cap": smallest,
        "smallest_cap_by_type": by_type,
        "smallest_cap_by_orchestrator": by_owner,
        "levelled": [levelled_document(f) for f in caps_one_to(plan, most, strict=strict, gates=gates)],
        "under_plan_caps": levelled_document(under_plan_caps(plan, strict=strict, gates=gates)),
    }


def _caps_lines(plan: Plan, *, strict: bool, gates: bool) -> Iterator[str]:
    from ...analysis.levelling import caps_one_to, smallest_cap, smallest_caps, under_plan_caps
    from ...report.figures import percent, week
    from ...report.timeline_tables import caps_table, smallest_words

    smallest = smallest_cap(plan, strict=strict, gates=gates)
    most = min(MOST_CAPS, max((smallest or 0) + 2, 6), len(plan.workstreams))
    yield from caps_table(caps_one_to(plan, most, strict=strict, gates=gates), smallest)
    yield ""
    yield f"smallest cap that delays nothing: {smallest if smallest is not None else '—'}"
    yield from smallest_words(*smallest_caps(plan, strict=strict, gates=gates))
    found = under_plan_caps(plan, strict=strict, gates=gates)
    cap = f"{found.cap} agents" if found.cap is not None else "no cap in all"
    if found.weeks == float("inf"):
        yield "under the plan's caps some work can never start: one of them is none"
    else:
        used = f", {percent(found.utilisation)} used" if found.utilisation is not None else ""
        yield f"under the plan's caps ({cap}): {week(found.weeks)} weeks, at most {found.peak} at a time{used}"
    yield "levelled by the serial scheme: a schedule that can be kept, not proven the shortest"
