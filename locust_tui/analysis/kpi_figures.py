"""KPIs with what they were computed from: the quantities, the numerator and denominator, the events behind them."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterable
from dataclasses import replace

from locust_tui.domain.events import (
    CriterionMeasured,
    DeliverableVerified,
    Event,
    EventBody,
    GateDecided,
    GateMoved,
    RunEnded,
    RunStarted,
    WorkstreamMoved,
    WorkstreamReviewed,
)
from locust_tui.domain.plan import Kpi, Plan
from locust_tui.domain.snapshot import KpiView
from locust_tui.domain.states import WorkstreamState
from locust_tui.domain.studies.figures import KpiFigure, KpiStudy
from locust_tui.domain.studies.rests import Rests, rests_on
from locust_tui.domain.world import World

from .expression import compile_expression
from .facts import fact_criteria
from .history import History
from .kpis import counts_first_passes, is_velocity, kpi_views, past_week_ends
from .operations import ExpressionError
from .quantities import Quantities, known_names, recent_weeks

KPI_KINDS = (
    "project.started",
    "workstream.moved",
    "workstream.reviewed",
    "run.started",
    "run.ended",
    "gate.moved",
    "gate.decided",
    "deliverable.verified",
    "criterion.measured",
)
"""Stored names of the events that KPIs rest on: `store.events(kinds=KPI_KINDS)`."""

_Behind = Callable[[EventBody], bool]


def kpi_study(plan: Plan, world: World, now: float, events: Iterable[Event] = ()) -> KpiStudy:
    """Every KPI of the plan, in plan order. `events`: of KPI_KINDS, oldest first, up to `now`."""
    events = [event for event in events if isinstance(event.body, _LOOKED_AT)]
    quantities = Quantities(plan, world, now, history=History(plan, world, now))
    names = known_names(plan)
    views = kpi_views(plan, world, now, quantities.history)
    return KpiStudy(now, tuple(_figure(plan.kpis[v.id], v, names, quantities, events) for v in views))


def _figure(kpi: Kpi, view: KpiView, names: tuple[str, ...], q: Quantities, events: list[Event]) -> KpiFigure:
    try:
        used = compile_expression(kpi.measure, names).names
    except ExpressionError:
        return KpiFigure(view, kpi.measure, (), None, None)
    if counts_first_passes(kpi):
        part, whole = "first_pass", "reviewed"
        used = used | {part, whole}
        view = replace(view, trend=_first_passes(kpi, view, q, events))
    else:
        part, whole = _sides(kpi.measure)
    inputs = tuple((name, _plain(q[name])) for name in sorted(used))
    return KpiFigure(
        view,
        kpi.measure,
        inputs,
        _number(part, names, q),
        _number(whole, names, q),
        tuple(_second(kpi, q)),
        behind(q.plan, used, events),
    )


def _first_passes(kpi: Kpi, view: KpiView, q: Quantities, events: list[Event]) -> tuple[float | None, ...]:
    """The trend as the reviews on record tell it, week by week: what stands now does not date them."""
    first: dict[str, tuple[float, bool]] = {}
    for event in events:
        if isinstance(event.body, WorkstreamReviewed):
            first.setdefault(event.body.workstream, (event.at, event.body.passed))
    if not first or q.start is None:
        return view.trend
    scale = 100.0 if kpi.unit == "%" else 1.0
    found: list[float | None] = []
    for at in past_week_ends(q):
        seen = [passed for moment, passed in first.values() if moment <= at]
        found.append(scale * sum(seen) / len(seen) if seen else None)
    return (*found, view.value)


def _plain(value: object) -> float | str | None:
    if isinstance(value, (bool, int, float)):
        return None if math.isnan(value) else float(value)
    return value if isinstance(value, str) else None


def _sides(measure: str) -> tuple[str, str]:
    """Numerator and denominator of a measure that divides at its outermost operation; else empty texts."""
    body = ast.parse(measure.strip(), mode="eval").body
    if isinstance(body, ast.BinOp) and isinstance(body.op, ast.Div):
        return ast.unparse(body.left), ast.unparse(body.right)
    return "", ""


def _number(text: str, names: tuple[str, ...], q: Quantities) -> float | None:
    if not text:
        return None
    value = compile_expression(text, names).number(q)
    return value if math.isfinite(value) else None


def _second(kpi: Kpi, q: Quantities) -> Iterable[tuple[str, float | None]]:
    """The figures that stand beside those of the seed's own measures."""
    if counts_first_passes(kpi):
        yield "passed_reviews / total_reviews, in points", q.share("passed_reviews", "total_reviews", 100.0)
    elif is_velocity(kpi):
        weeks = recent_weeks(q, 4)
        yield "accepted in the last full week", float(weeks[-1]) if weeks else None
        yield "mean of the last 4 full weeks", sum(weeks) / len(weeks) if weeks else None


def _accepted(body: EventBody) -> bool:
    return isinstance(body, WorkstreamMoved) and WorkstreamState.ACCEPTED in (body.old, body.new)


def _reviewed(body: EventBody) -> bool:
    return isinstance(body, WorkstreamReviewed)


def _ran(body: EventBody) -> bool:
    return isinstance(body, RunStarted | RunEnded)


def _moved(body: EventBody) -> bool:
    return isinstance(body, WorkstreamMoved)


def _gates(body: EventBody) -> bool:
    return isinstance(body, GateMoved | GateDecided)


def _dated(body: EventBody) -> bool:
    return _accepted(body) or _gates(body)


_BEHIND: dict[str, _Behind] = {
    **dict.fromkeys(("workstreams_completed", "velocity", "progress", "phase_progress", "spi"), _accepted),
    **dict.fromkeys(("workstreams_total", "workstreams_running", "blockers"), _moved),
    **dict.fromkeys(("passed_reviews", "total_reviews", "first_pass", "reviewed", "quality"), _reviewed),
    **dict.fromkeys(("rework_hours", "total_hours", "agents_running"), _ran),
    **dict.fromkeys(("milestones_hit_on_time", "total_milestones", "phases_done"), _dated),
    "gates_passed": _gates,
}
_LOOKED_AT = (
    WorkstreamMoved, WorkstreamReviewed, RunStarted, RunEnded, GateMoved, GateDecided, DeliverableVerified, CriterionMeasured,
)  # fmt: skip
_VERIFIED = frozenset({"progress", "phase_progress", "spi"})


def behind(plan: Plan, names: Iterable[str], events: Iterable[Event]) -> Rests:
    """The events that the quantities and facts `names` rest on."""
    names = set(names)
    tests = [_BEHIND[n] for n in names if n in _BEHIND]
    keys = {key for key, c in fact_criteria(plan) if c.fact in names}
    verified = bool(names & _VERIFIED)
    found = []
    for event in events:
        body = event.body
        is_fact = isinstance(body, CriterionMeasured) and body.result.key in keys
        if (
            is_fact
            or any(test(body) for test in tests)
            or (verified and isinstance(body, DeliverableVerified))
        ):
            found.append(event.revision)
    return rests_on(found)
