"""A timeline as JSON: weeks since the start of week 1, moments in UTC, working days."""

from __future__ import annotations

from typing import Any

from locust_tui.analysis.levelling import Levelled
from locust_tui.domain.studies.timeline import Bar, Link, Mark, Span, Timeline

from .figures import iso
from .timeline_text import moment


def bar_document(line: Timeline, bar: Bar) -> dict[str, Any]:
    """One workstream: its spans, floats, what drives it, what it delays."""
    return {
        "id": bar.id,
        "state": bar.state.value,
        "planned": _span(line, bar.planned),
        "actual": _span(line, bar.actual),
        "done": bar.done,
        "expected": _span(line, bar.expected),
        "latest": _span(line, bar.latest),
        "float": _rounded(bar.float_weeks),
        "free_float": _rounded(bar.free_weeks),
        "critical": bar.critical,
        "near_critical": bar.near,
        "driving": bar.driving,
        "driven_by": list(bar.driven_by) or bar.driver.value,
        "deviation_days": _rounded(bar.deviation_days),
        "on_schedule": bar.on_schedule,
        "caused_days": _rounded(bar.caused_days),
        "moves": list(bar.moves),
    }


def mark_document(line: Timeline, mark: Mark) -> dict[str, Any]:
    """One gate or milestone."""
    return {
        "id": mark.id,
        "kind": mark.kind,
        "state": mark.state.value if mark.state is not None else None,
        "due_week": _rounded(mark.due),
        "due": iso(moment(line, mark.due, ends=True)),
        "expected_week": _rounded(mark.expected),
        "expected": iso(moment(line, mark.expected, ends=True)),
        "reached_week": _rounded(mark.reached),
        "on_time": mark.on_time,
        "late_days": _rounded(mark.late_days),
        "driven_by": list(mark.driven_by),
    }


def link_document(link: Link) -> dict[str, Any]:
    """One need: its state, lag, float and delay."""
    return {
        "from": link.source,
        "to": link.target,
        "condition": link.condition,
        "met": link.met,
        "why": link.why or None,
        "state": "met" if link.met else ("dead" if link.dead else "open"),
        "lag_weeks": _rounded(link.lag_weeks),
        "float_weeks": _rounded(link.float_weeks),
        "delay_days": _rounded(link.delay_days),
        "drives": link.drives,
        "crosses": link.crosses,
    }


def levelled_document(found: Levelled) -> dict[str, Any]:
    """One levelled schedule; its weeks are null where a cap of none bars some work for ever."""
    ends = found.weeks != float("inf")
    return {
        "cap": found.cap,
        "weeks": _rounded(found.weeks) if ends else None,
        **({} if ends else {"weeks_reason": "a cap of none bars some work for ever"}),
        "later_weeks": _rounded(found.delay) if ends else None,
        "utilisation": _rounded(found.utilisation),
        "peak": found.peak,
    }


def frontier_document(line: Timeline) -> dict[str, Any]:
    """What could start now; `held` says what keeps some of it back."""
    return {
        "ready": list(line.ready),
        "count": len(line.ready),
        "held": [{"id": work, "why": why} for work, why in line.holds],
    }


def _span(line: Timeline, span: Span | None) -> dict[str, Any] | None:
    if span is None:
        return None
    return {
        "start_week": _rounded(span.start),
        "end_week": _rounded(span.end),
        "start": iso(moment(line, span.start)),
        "end": iso(moment(line, span.end, ends=True)),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2) + 0.0
