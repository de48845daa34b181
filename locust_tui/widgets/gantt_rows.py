"""Which rows a timeline has, in which order and under which headings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from locust_tui.domain.studies.timeline import END, Bar, Mark, Timeline
from locust_tui.report.figures import count

from .gantt import GanttRow

GROUPS = ("by orchestrator", "by phase", "one list")
ORDERS = ("plan order", "by start", "by float", "latest first")
NOBODY = "without orchestrator"
NO_PHASE = "without phase"


def arranged(
    line: Timeline, group: str, order: str, critical_only: bool, fits: Callable[[str], bool]
) -> list[GanttRow]:
    """Bars under their headings, gates and milestones after them (by phase: where they close one), the end last.

    `critical_only` leaves what is unfinished and critical, or on the path; `fits` says whether the filter lets pass a
    text with everything that is told of a row.
    """
    bars = [b for b in line.bars if not critical_only or b.critical or (b.driving and not b.done)]
    bars = [b for b in bars if fits(f"{b.id} {b.name} {b.orchestrator} {b.phase} {b.state} {_word(b)}")]
    marks = [m for m in line.marks if fits(f"{m.kind} {m.id} {m.name} {m.state}")]
    if not bars and not (marks and line.bars):
        return []
    rows = list(_grouped(line, group, order, bars, marks))
    if line.end is not None and fits("end of the plan"):
        rows.append(GanttRow(END, "end of the plan"))
    return rows


def group_of(line: Timeline, group: str) -> str:
    """How the rows are grouped in truth: a plan without orchestrators is one list."""
    alone = group == GROUPS[0] and not any(bar.orchestrator for bar in line.bars)
    return GROUPS[2] if alone else group


def _word(bar: Bar) -> str:
    return "critical" if bar.critical else ("near-critical" if bar.near else "")


def _grouped(
    line: Timeline, group: str, order: str, bars: list[Bar], marks: list[Mark]
) -> Iterator[GanttRow]:
    left = list(marks)
    if group == GROUPS[1]:
        names = {phase.id: phase.name for phase in line.phases}
        for id in dict.fromkeys([*names, *(b.phase for b in bars)]):
            mine = [b for b in bars if b.phase == id]
            own = [m for m in left if id is not None and m.phase == id]
            left = [m for m in left if m not in own]
            yield from _under(names.get(id or "", id or NO_PHASE), mine, order, own)
    elif group_of(line, group) == GROUPS[0]:
        for owner in dict.fromkeys(b.orchestrator for b in bars):
            mine = [b for b in bars if b.orchestrator == owner]
            yield from _under(owner or NOBODY, mine, order, ())
    else:
        yield from (GanttRow(b.id, b.name, bar=b) for b in _sorted(bars, order))
    if left:
        gates = any(m.kind == "gate" for m in left)
        milestones = any(m.kind == "milestone" for m in left)
        words = " and ".join(w for w, there in (("Gates", gates), ("milestones", milestones)) if there)
        yield GanttRow("", words[:1].upper() + words[1:])
        yield from (GanttRow(m.id, m.name, mark=m) for m in left)


def _under(name: str, bars: list[Bar], order: str, marks: Iterable[Mark]) -> Iterator[GanttRow]:
    marks = list(marks)
    if not bars and not marks:
        return
    done = sum(bar.done for bar in bars)
    yield GanttRow("", name, words=f"{done} of {count(len(bars), 'workstream')} done" if bars else "")
    yield from (GanttRow(b.id, b.name, bar=b) for b in _sorted(bars, order))
    yield from (GanttRow(m.id, m.name, mark=m) for m in marks)


def _sorted(bars: list[Bar], order: str) -> list[Bar]:
    if order == ORDERS[1]:
        return sorted(bars, key=_start)
    if order == ORDERS[2]:
        return sorted(bars, key=lambda b: (b.float_weeks is None, b.float_weeks or 0.0, _start(b)))
    if order == ORDERS[3]:
        return sorted(bars, key=lambda b: -(b.deviation_days or 0.0))
    return bars


def _start(bar: Bar) -> float:
    span = bar.actual or bar.expected or bar.planned
    return float("inf") if span is None else span.start
