"""The forecast in words and tables, for a terminal or a file."""

from __future__ import annotations

import math
from collections.abc import Iterator

from ..domain.snapshot import GateForecast
from ..domain.studies.forecast import AT_RISK, LATE, change_words
from ..domain.studies.forecast_study import Bins, Caps, Finished, ForecastStudy, Mover, Throughput
from ..safe_text import safe
from .figures import count, percent, week
from .glyphs import Tone
from .table import Paint, plain, table
from .trend import sparkline

MOST_MOVERS, MOST_SAMPLES = 8, 8
SPREAD = 48
"""Columns of the finish's spread."""
_ASCII = str.maketrans({"×": "x", "–": "-", "—": "-"})
OPEN = "open"
GATE_TONE = {OPEN: Tone.DONE, LATE: Tone.FAILED, AT_RISK: Tone.PERSON, "": Tone.PLAIN}
CLASS_TONE = {LATE: Tone.FAILED, AT_RISK: Tone.PERSON}


def forecast_text(
    found: ForecastStudy, *, paint: Paint = plain, ascii_only: bool = False, width: int | None = None
) -> str:
    """All of the study but the record of its samples."""
    if found.view.p50_week is None:
        return f"no forecast: {safe(found.view.reason, oneline=True)}\n"
    lines = [*_finish(found, paint, ascii_only)]
    lines += ["", *_gates(found, paint, width)] if found.view.gates else []
    lines += ["", *_movers(found.movers, paint, width)] if found.movers else []
    lines += ["", *_notes(found, ascii_only)]
    text = "\n".join(lines) + "\n"
    return text.translate(_ASCII) if ascii_only else text


def throughput_text(found: Throughput, *, ascii_only: bool = False) -> str:
    """The forecast by how many were finished a week, alone."""
    lines = [f"{count(found.left, 'workstream')} left"]
    if found.counts:
        trend = sparkline(found.counts, SPREAD, ascii_only=ascii_only)
        last = ", ".join(map(str, found.counts[-12:]))
        lines.append(f"finished a week: {last}{' (the last 12)' if len(found.counts) > 12 else ''}  {trend}")
    if found.p50_week is None:
        return "\n".join([*lines, f"no forecast by throughput: {found.reason}"]) + "\n"
    weeks = [(f"{p} %  P{p}", _or_reason(w, found)) for p, w in _percentiles(found)]
    lines += ["", *table(("CHANCE", "DONE BY WEEK"), weeks, right=frozenset({1}))]
    rows = [(f"in {count(h.weeks, 'week')}", str(h.p50), str(h.p85), str(h.p95)) for h in found.how_many]
    lines += ["", *table(("AT LEAST", "50 %", "85 %", "95 %"), rows, right=frozenset({1, 2, 3}))]
    if found.least_week is not None:
        lines += ["", f"no week before {week(found.least_week)} is told: the network takes so long at best"]
    return "\n".join(lines) + "\n"


def _percentiles(found: Throughput) -> Iterator[tuple[int, float | None]]:
    yield from ((50, found.p50_week), (85, found.p85_week), (95, found.p95_week))


def _or_reason(value: float | None, found: Throughput) -> str:
    return week(value) if value is not None else found.reason


def _finish(found: ForecastStudy, paint: Paint, ascii_only: bool) -> Iterator[str]:
    view = found.view
    weeks = [("50 %  P50", week(view.p50_week)), ("85 %  P85", week(view.p85_week)), ("95 %  P95", week(view.p95_week))]  # fmt: skip
    yield from table(("CHANCE", "DONE BY WEEK"), weeks, right=frozenset({1}))
    if found.bins is not None:
        yield f"spread: {spread(found.bins, ascii_only=ascii_only)}"
    if found.window is not None:
        first, last = found.window
        tone = CLASS_TONE.get(view.window_class, Tone.DONE)
        yield (
            f"window {first:g}–{last:g}: {paint(view.window_class, tone)}; "
            f"by its end (week {week(last)}): {percent(view.in_window)}"
        )


def spread(bins: Bins, *, ascii_only: bool = False) -> str:
    """ "week 10.2 ▁▂▅█▆▃▁ 15.4": how the simulated finishes lie."""
    merged = merge(bins, SPREAD)
    end = merged.first + merged.width * len(merged.counts)
    return f"week {merged.first:.1f} {sparkline(merged.counts, SPREAD, ascii_only=ascii_only)} {end:.1f}"


def merge(bins: Bins, most: int) -> Bins:
    """The same finishes in at most `most` wider stretches."""
    together = max(1, -(-len(bins.counts) // max(1, most)))
    counts = [sum(bins.counts[i : i + together]) for i in range(0, len(bins.counts), together)]
    return Bins(bins.first, bins.width * together, tuple(counts))


def _gates(found: ForecastStudy, paint: Paint, width: int | None) -> list[str]:
    rows: list[tuple[str | tuple[str, Tone], ...]] = []
    for g in found.view.gates:
        word = gate_word(found, g)
        chance = percent(g.by_due) if g.due_week is not None and word != OPEN else ""
        weeks = [week(w) for w in (g.p50_week, g.p85_week, g.p95_week)]
        rows.append((g.id, *weeks, str(g.due_week or ""), chance, (word, GATE_TONE[word])))
    header = ("GATE", "P50", "P85", "P95", "DUE", "BY THEN", "")
    return table(header, rows, right=frozenset({1, 2, 3, 4, 5}), paint=paint, width=width)


def gate_word(found: ForecastStudy, gate: GateForecast) -> str:
    """A gate's due week against its forecast: open, late (P50 behind it), at risk (P85 behind it), or nothing."""
    due = gate.due_week
    if gate.id in found.opened:
        return OPEN
    if due is None or gate.p85_week is None or gate.p85_week <= due:
        return ""
    return LATE if gate.p50_week is not None and gate.p50_week > due else AT_RISK


def _movers(movers: tuple[Mover, ...], paint: Paint, width: int | None) -> list[str]:
    rows = [
        (m.id, percent(m.critical), adds_words(m), correlation_words(m), m.name if m.name != m.id else "")
        for m in movers[:MOST_MOVERS]
    ]
    header = ("WHAT MOVES IT", "CRITICAL", "ITS P85 ADDS", "CORRELATION", "NAME")
    return table(header, rows, right=frozenset({1, 2, 3}), paint=paint, width=width)


def adds_words(mover: Mover) -> str:
    """ "0.4 wk"; what is next to nothing says so."""
    if mover.adds is None:
        return "—"
    return f"{mover.adds:.1f} wk" if mover.adds >= 0.05 else "< 0.1 wk"


def correlation_words(mover: Mover) -> str:
    """With its sign; next to none is 0."""
    if mover.correlation is None:
        return "—"
    return f"{mover.correlation:+.2f}" if abs(mover.correlation) >= 0.05 else "0"


def _notes(found: ForecastStudy, ascii_only: bool) -> Iterator[str]:
    if found.change is not None and (words := change_words(found.change)):
        yield f"since last week: {safe(words, oneline=True)}"
    past = [s.p85_week for s in found.past if s.p85_week is not None]
    if len(past) > 1:
        yield f"P85 at the ends of weeks: {sparkline(past, SPREAD, ascii_only=ascii_only)} {week(past[0])} to {week(past[-1])}"
    if found.throughput is not None:
        yield f"by throughput: {throughput_words(found.throughput)}"
    yield from (f"drawn from: {safe(words, oneline=True)}" for words in found.basis.words)
    if found.basis.used:
        yield f"they took: {sample_words(found.basis.finished)}"
    if found.caps is not None:
        yield caps_words(found.caps)


def throughput_words(found: Throughput) -> str:
    """One line: the weeks, or why there are none."""
    if found.p50_week is None:
        return found.reason
    return (
        f"P50 week {week(found.p50_week)}, P85 {week(found.p85_week)}, P95 {week(found.p95_week)} "
        f"({found.left} left, {sum(found.counts)} finished in {count(len(found.counts), 'week')})"
    )


def sample_words(finished: tuple[Finished, ...]) -> str:
    """ "WS-01 1.2 ×, WS-02 0.9 × … of their plan", the latest ones."""
    shown = finished[-MOST_SAMPLES:]
    more = f"{len(finished) - len(shown)} more, " if len(finished) > len(shown) else ""
    each = ", ".join(f"{safe(f.workstream, oneline=True)} {f.ratio:.2g} ×" for f in shown)
    return f"{more}{each} their plan"


def caps_words(caps: Caps) -> str:
    """Whether limits of agents delay the finish beyond the forecast."""
    if caps.smallest is None:
        return ""
    fewest = f"fewest agents at a time that delay nothing: {caps.smallest}"
    allowed = "the plan sets no limit" if caps.cap is None else f"the plan allows {caps.cap}"
    if not caps.binds:
        return f"{fewest}; {allowed}"
    if math.isinf(caps.levelled):
        return f"{fewest}; a limit of the plan bars some work for ever"
    return (
        f"{fewest}; {allowed}, and its limits make the planned {week(caps.weeks)} weeks {week(caps.levelled)}: "
        "the forecast does not count that"
    )
