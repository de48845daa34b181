"""What a stretch of time came to: a table of its buckets, a dashboard of trends, or JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..analysis.period_metrics import COUNTS, Bucket, PeriodMetrics
from ..safe_text import safe
from .figures import UNKNOWN, amount, dollars, iso, known, percent, rounded
from .table import Paint, plain, table
from .trend import sparkline

_FIGURES: tuple[tuple[str, str, Callable[[Bucket], float | None], Callable[[float | None], str]], ...] = (
    ("progress", "verified progress", lambda b: b.progress, percent),
    *((name, said, lambda b, name=name: float(b.counts[name]), lambda v: f"{v or 0:.0f}") for name, said in COUNTS.items()),
    ("busy_h", "hours of agents at work", lambda b: b.busy_h, rounded),
    ("idle_h", "hours of agents that waited", lambda b: b.idle_h, rounded),
    ("tokens", "tokens", lambda b: b.tokens, amount),
    ("cost_usd", "cost", lambda b: b.cost_usd, dollars),
)  # fmt: skip


def dashboard_text(
    title: str, found: PeriodMetrics, *, paint: Paint = plain, ascii_only: bool = False
) -> str:
    """One line a figure with its trend."""
    rows = []
    for _, said, value, words in _FIGURES:
        trend = sparkline([value(b) for b in found.buckets], len(found.buckets), ascii_only=ascii_only)
        rows.append((said, words(value(found.whole)), trend))
    lines = table(("FIGURE", "WHOLE", "TREND"), rows, right=frozenset({1}), paint=paint)
    return _finished([_headline(title, found), *lines], ascii_only)


def table_text(title: str, found: PeriodMetrics, *, paint: Paint = plain, ascii_only: bool = False) -> str:
    """One line a bucket, the whole below; figures that stayed nothing are left out."""
    whole = found.whole
    shown = [f for f in _FIGURES if f[2](whole)]
    header = ("UNTIL", *(name.upper().replace("_", " ") for name, *_ in shown))
    rows = [(iso(b.end) or "", *(words(value(b)) for _, _, value, words in shown)) for b in found.buckets]
    rows.append(("whole", *(words(value(whole)) for _, _, value, words in shown)))
    lines = table(header, rows, right=frozenset(range(1, len(header))), paint=paint)
    return _finished([_headline(title, found), *lines], ascii_only)


def _headline(title: str, found: PeriodMetrics) -> str:
    grown = ""
    if found.whole.progress is not None:
        grown = f", {found.whole.progress - (found.progress_before or 0.0):+.1f} points"
    return f"{safe(title, oneline=True)}  {iso(found.begin)} to {iso(found.end)}{grown}"


def _finished(lines: list[str], ascii_only: bool) -> str:
    text = "\n".join(lines) + "\n"
    return text.replace(UNKNOWN, "-") if ascii_only else text


def period_document(found: PeriodMetrics, orchestrator: str | None, period: str) -> dict[str, Any]:
    return {
        "period": period,
        "orchestrator": orchestrator,
        "begin": iso(found.begin),
        "end": iso(found.end),
        **known("progress_before", found.progress_before, "nothing had been started"),
        "whole": _document(found.whole),
        "buckets": [_document(b) for b in found.buckets],
    }


def _document(b: Bucket) -> dict[str, Any]:
    return {
        "begin": iso(b.begin),
        "end": iso(b.end),
        **b.counts,
        "busy_h": b.busy_h,
        "idle_h": b.idle_h,
        **known("tokens", b.tokens, "no agent reported any"),
        **known("cost_usd", b.cost_usd, "no agent reported any"),
        **known("progress", b.progress, "nothing had been started, or nothing is in scope"),
    }
