"""Progress by verified work, planned value and earned value, for a plan or a part of it.

Formulas: PMI's practice standard for earned value; PV_i is linear between planned start and finish, EV counts
verified work only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from locust_tui.domain.plan import Plan, Weeks, Workstream
from locust_tui.domain.states import OUT_OF_SCOPE
from locust_tui.domain.world import World

from .needs import verified_percent

NO_DATES = "no dates in the plan"


@dataclass(frozen=True, slots=True)
class Progress:
    """Points, weighted; what cannot be computed is None."""

    value: float | None
    expected: float | None
    spi: float | None
    """Earned over planned value; None while nothing was planned to be done."""
    weight: float
    """Sum of the weights in scope."""
    removed: int
    """Workstreams cancelled or deferred."""
    reason: str = ""
    """Why `value` is None, and "scope −n" where work left the scope."""
    expected_reason: str = ""


def progress(plan: Plan, world: World, at: float, ids: Iterable[str] | None = None) -> Progress:
    """Progress of the workstreams `ids` (default: all) at `at`, plan weeks since the start of week 1.

    Cancelled and deferred workstreams leave both sums.
    """
    chosen = plan.workstreams.values() if ids is None else [plan.workstreams[i] for i in ids]
    scope: list[Workstream] = []
    weight = earned = 0.0
    removed = 0
    for w in chosen:
        status = world.workstreams.get(w.id)
        if status is not None and status.state in OUT_OF_SCOPE:
            removed += 1
            continue
        scope.append(w)
        weight += w.weight
        earned += w.weight * verified_percent(w, status)
    reason = f"scope −{removed}" if removed else ""
    if weight <= 0:
        nothing = "no workstream is left in scope" if removed else "no workstream has a weight"
        return Progress(None, None, None, 0.0, removed, nothing, nothing)
    value = earned / weight
    expected = expected_progress(plan, scope, at)
    return Progress(
        value=value,
        expected=expected,
        spi=value / expected if expected else None,
        weight=weight,
        removed=removed,
        reason=reason,
        expected_reason=NO_DATES if expected is None else "",
    )


def expected_progress(plan: Plan, scope: Iterable[Workstream], at: float) -> float | None:
    """Points that the plan says are done at `at`: 100 · PV / BAC over the dated work of `scope`.

    Where no workstream has weeks, a straight line over the weeks of their phases; None without any dates.
    """
    planned = budget = 0.0
    phases: list[Weeks] = []
    for w in scope:
        if w.weeks is not None:
            budget += w.weight
            planned += w.weight * _passed(w.weeks, at)
        else:
            phase = plan.phases.get(w.phase or "")
            if phase is not None and phase.weeks is not None:
                phases.append(phase.weeks)
    if budget > 0:
        return 100.0 * planned / budget
    if not phases:
        return None
    line = Weeks(min(p.first for p in phases), max(p.last for p in phases))
    return 100.0 * _passed(line, at)


def _passed(weeks: Weeks, at: float) -> float:
    """Share of the planned weeks that has passed, 0 to 1."""
    return min(1.0, max(0.0, (at - weeks.first + 1) / weeks.duration))
