"""KPIs: the value of each measure, whether it meets its target, and how it went week by week."""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
from functools import lru_cache

from locust_tui.domain.clock import week_end, week_of
from locust_tui.domain.plan import Kpi, Plan
from locust_tui.domain.snapshot import KpiView
from locust_tui.domain.world import World

from .expression import Expression, compile_expression
from .history import History
from .operations import ExpressionError
from .quantities import Quantities, known_names, recent_weeks

TREND_WEEKS = 26
"""Past weeks shown at most."""
_VELOCITY = "workstreams_completed / week"
_FIRST_PASS = "passed_reviews / total_reviews"
_RATES = frozenset({"week", "velocity"})
"""What makes a measure a rate per week: its target is judged only once a week has ended."""
_NO_FULL_WEEK = "too early to judge: no full week has ended"
_NOTHING_YET = {
    "total_reviews": "nothing has been reviewed yet",
    "total_hours": "no agent has run yet",
    "total_milestones": "no milestone or gate is due yet",
    "reviewed": "nothing has been reviewed yet",
}


def kpi_views(plan: Plan, world: World, now: float, history: History | None = None) -> tuple[KpiView, ...]:
    """The plan's KPIs, in plan order; `history` where the caller keeps one of this very moment."""
    if not plan.kpis:
        return ()
    history = history or History(plan, world, now)
    names = known_names(plan)
    present = Quantities(plan, world, now, history=history)
    past = [Quantities(plan, world, at, past=True, history=history) for at in past_week_ends(present)]
    return tuple(_view(kpi, names, present, past) for kpi in plan.kpis.values())


def meets_target(kpi: Kpi, value: float) -> bool | None:
    """Whether `value` meets the target; "2-3", min and max include their limits. None without a target."""
    results = []
    if kpi.low is not None:
        results.append(value >= kpi.low)
    if kpi.high is not None:
        results.append(value <= kpi.high)
    if kpi.above is not None:
        results.append(value > kpi.above)
    if kpi.below is not None:
        results.append(value < kpi.below)
    if kpi.minimum is not None:
        results.append(value >= kpi.minimum)
    if kpi.maximum is not None:
        results.append(value <= kpi.maximum)
    return all(results) if results else None


def counts_first_passes(kpi: Kpi) -> bool:
    """Its measure is the ratio of reviews, whose target is for first passes."""
    return _is(kpi, _FIRST_PASS)


def is_velocity(kpi: Kpi) -> bool:
    """Its measure is workstreams a week."""
    return _is(kpi, _VELOCITY)


def _is(kpi: Kpi, measure: str) -> bool:
    try:
        return _normal(kpi.measure) == measure
    except SyntaxError:
        return False


def past_week_ends(now: Quantities) -> list[float]:
    """The moments that a trend has values of, oldest first: the ends of past weeks."""
    week = week_of(now.plan.calendar, now.start, now.now)
    if now.start is None:
        return []
    first = max(1, week - TREND_WEEKS)
    return [week_end(now.plan.calendar, now.start, k) for k in range(first, week)]


@lru_cache(maxsize=256)
def _compiled(measure: str, names: tuple[str, ...]) -> Expression:
    return compile_expression(measure, names)


@lru_cache(maxsize=256)
def _normal(measure: str) -> str:
    return ast.unparse(ast.parse(measure.strip(), mode="eval"))


def _view(kpi: Kpi, names: tuple[str, ...], now: Quantities, past: Sequence[Quantities]) -> KpiView:
    unit = kpi.unit or ""
    try:
        expression = _compiled(kpi.measure, names)
    except ExpressionError as error:
        return KpiView(kpi.id, kpi.name, None, unit, kpi.target, None, (), error.message)
    value = _value(kpi, expression, now)
    trend = tuple(_value(kpi, expression, q) for q in past)
    early = bool(expression.names & _RATES) and (now.weeks is None or now.weeks < 1.0 - 1e-9)
    return KpiView(
        id=kpi.id,
        name=kpi.name,
        value=value,
        unit=unit,
        target=kpi.target,
        ok=None if value is None or early else meets_target(kpi, value),
        trend=(*trend, value) if trend or value is not None else (),
        reason=_reason(expression, now) if value is None else "",
        second=_NO_FULL_WEEK if early and value is not None else _second_figure(kpi, expression, now),
    )


def _value(kpi: Kpi, expression: Expression, q: Quantities) -> float | None:
    """First-pass acceptance is counted by workstreams, not by reviews: three reviews of which the third passes
    are 33 % of the reviews and 0 % at first pass."""
    if _too_early(expression, q):
        return None
    value = q.share("first_pass", "reviewed") if counts_first_passes(kpi) else expression.number(q)
    if value is None or not math.isfinite(value):
        return None
    return 100.0 * value if kpi.unit == "%" and expression.is_share else value


def _too_early(expression: Expression, q: Quantities) -> bool:
    """Within the first working day a rate per week says nothing."""
    if not expression.names & _RATES:
        return False
    return q.weeks is None or q.weeks < 1.0 / (len(q.plan.calendar.workdays) or 5) - 1e-9


def _reason(expression: Expression, q: Quantities) -> str:
    if q.start is None:
        return "the plan has not been started"
    if _too_early(expression, q):
        return "too early: less than one working day has passed"
    for name in sorted(expression.names):
        if name in _NOTHING_YET and not q[name]:
            return _NOTHING_YET[name]
    unknown = [n for n in sorted(expression.names) if q[n] is None]
    if unknown:
        return f"not known yet: {', '.join(unknown)}"
    return "division by zero"


def _second_figure(kpi: Kpi, expression: Expression, q: Quantities) -> str:
    if counts_first_passes(kpi):
        ratio = expression.number(q)
        if math.isfinite(ratio):
            return (
                f"{100 * ratio:.0f} % of all reviews passed ({q['passed_reviews']} of {q['total_reviews']})"
            )
    if is_velocity(kpi):
        weeks = recent_weeks(q, 4)
        if weeks:
            mean = sum(weeks) / len(weeks)
            return f"last full week {weeks[-1]}, mean of {len(weeks)} full weeks {mean:.1f}"
    return ""
