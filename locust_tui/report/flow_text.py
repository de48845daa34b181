"""Flow as text: times in plan working days, shares with what they are of, and what is under way."""

from __future__ import annotations

from collections.abc import Iterator

from ..domain.studies.figures import Flow, FlowItem, Share, WorkstreamFigures
from ..safe_text import safe
from .figures import UNKNOWN, percent, rounded
from .glyphs import Tone
from .table import Paint, plain, table

Cell = str | tuple[str, Tone]


def days(value: float | None) -> str:
    """Plan working days: "0.4 d", "12 d"."""
    if value is None:
        return UNKNOWN
    return f"{value:.0f} d" if abs(value) >= 9.95 else f"{value:.1f} d"


def share_words(share: Share, unit: str = "") -> str:
    """ "71%  5 of 7", or the reason."""
    if share.figure.value is None:
        return f"{UNKNOWN}  {share.figure.reason}"
    return f"{percent(share.figure.value)}  {rounded(share.part)} of {rounded(share.whole)}{unit}"


def flow_facts(found: Flow) -> Iterator[tuple[str, str]]:
    """(name, value in words) of everything that is one figure."""
    yield "in progress", f"{found.wip.value:.0f}" if found.wip.value is not None else UNKNOWN
    cycle = f"{days(found.cycle_p50.value)} half, {days(found.cycle_p85.value)} 85 %, {days(found.cycle_mean.value)} mean"
    yield "cycle time", cycle if found.cycle_p50.value is not None else f"{UNKNOWN}  {found.cycle_p50.reason}"
    lead = days(found.lead_p50.value)
    yield (
        "lead time",
        f"{lead} half" if found.lead_p50.value is not None else f"{UNKNOWN}  {found.lead_p50.reason}",
    )
    mean = found.throughput_mean
    weeks = " ".join(str(n) for n in found.throughput[-12:])
    yield (
        "throughput",
        f"{mean.value:.1f} a week  {weeks}" if mean.value is not None else f"{UNKNOWN}  {mean.reason}",
    )
    yield "capacity used", share_words(found.capacity_utilisation, " agent hours")
    yield "dispatch", share_words(found.dispatch_efficiency, " agent hours")
    yield "needs across", share_words(found.cross_domain)
    overdue = f"; overdue: {', '.join(found.cross_domain_overdue)}" if found.cross_domain_overdue else ""
    yield "  of them in time", share_words(found.cross_domain_on_time) + overdue
    yield "gates at first", share_words(found.gate_pass)
    yield "criteria at first", share_words(found.criteria_pass)
    yield "reopened", share_words(found.change_failure, " accepted")
    note = (
        f"  ({found.recovery.rests.note})"
        if found.recovery.rests.note and found.recovery.value is not None
        else ""
    )
    recovery = days(found.recovery.value)
    yield (
        "recovery",
        (recovery if found.recovery.value is not None else f"{UNKNOWN}  {found.recovery.reason}") + note,
    )


def flow_lines(
    found: Flow, *, workstreams: bool = False, paint: Paint = plain, width: int | None = None
) -> list[str]:
    """The figures, what is under way, and with `workstreams` the figures of each."""
    lines = [safe(f"{name:<18}{value}", oneline=True) for name, value in flow_facts(found)]
    under_way = [i for i in found.items if i.age is not None]
    if under_way:
        rows = [(i.id, i.name, i.state, days(i.age), aging(i)) for i in under_way]
        lines += [
            "",
            *table(
                ("UNDER WAY", "NAME", "STATE", "AGE", ""),
                rows,
                right=frozenset({3}),
                paint=paint,
                width=width,
            ),
        ]
    if workstreams:
        header = ("WORKSTREAM", "NAME", "DONE", "REVIEWS", "DATES", "HELD UP")
        rows_of_each = [workstream_cells(w) for w in found.workstreams]
        lines += ["", *table(header, rows_of_each, right=frozenset({2, 3, 4, 5}), paint=paint, width=width)]
    return lines


def aging(item: FlowItem) -> tuple[str, Tone]:
    return ("aging: older than 85 % became", Tone.PERSON) if item.aging else ("", Tone.QUIET)


def workstream_cells(w: WorkstreamFigures) -> tuple[Cell, ...]:
    late = w.schedule.value
    tone = Tone.PLAIN if w.within_two_days is not False or (late or 0.0) < 0 else Tone.PERSON
    dates = (
        UNKNOWN
        if late is None
        else "on time"
        if abs(late) < 0.05
        else f"{days(abs(late))} {'late' if late > 0 else 'early'}"
    )
    return (
        w.id,
        w.name,
        percent(w.completion.value),
        percent(w.review_pass.value),
        (dates, tone),
        days(w.delay_caused.value) if w.delay_caused.value else "",
    )
