"""The plan's numbers at two moments."""

from __future__ import annotations

from collections.abc import Iterator

from locust_tui.domain.snapshot import Snapshot
from locust_tui.domain.states import WorkstreamState
from locust_tui.domain.studies.moments import FigureChange, Sense

_LESS_IS_GOOD = frozenset({"p50_week", "p85_week"})
_NEUTRAL = frozenset({"expected_progress", "cost_usd", "tokens"})


def figure_changes(before: Snapshot, after: Snapshot) -> Iterator[FigureChange]:
    """Each number that is known at one of the moments."""
    old, new = dict(_figures(before)), dict(_figures(after))
    for name, (unit, value) in new.items():
        was = old[name][1]
        if value is not None or was is not None:
            yield FigureChange(name, unit, was, value, _sense(name, was, value))


def _sense(name: str, was: float | None, now: float | None) -> Sense:
    if was is None or now is None or was == now or name in _NEUTRAL:
        return Sense.PLAIN
    return Sense.GOOD if (now < was) == (name in _LESS_IS_GOOD) else Sense.BAD


def _figures(s: Snapshot) -> Iterator[tuple[str, tuple[str, float | None]]]:
    accepted = sum(w.state is WorkstreamState.ACCEPTED for w in s.workstreams)
    yield "progress", ("points", s.progress)
    yield "expected_progress", ("points", s.expected_progress)
    yield "p50_week", ("week", s.forecast.p50_week)
    yield "p85_week", ("week", s.forecast.p85_week)
    yield "in_window", ("points", s.forecast.in_window)
    yield "accepted", ("", float(accepted))
    yield "cost_usd", ("$", s.spend.cost_usd if s.spend is not None else None)
    tokens = s.spend.tokens if s.spend is not None else None
    yield "tokens", ("tokens", None if tokens is None else float(tokens))


def kpi_changes(before: Snapshot, after: Snapshot) -> Iterator[FigureChange]:
    """Each KPI of the later plan; it is good or bad where it met or missed its target and does so no more."""
    was = {k.id: k for k in before.kpis}
    for kpi in after.kpis:
        old = was.get(kpi.id)
        sense = Sense.PLAIN
        if kpi.ok is not None and (old is None or old.ok is not kpi.ok):
            sense = Sense.GOOD if kpi.ok else Sense.BAD
        yield FigureChange(kpi.id, kpi.unit, old.value if old else None, kpi.value, sense, kpi.target)
