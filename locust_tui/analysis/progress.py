"""Progress by verified work, planned value and earned value, for a plan or a part of it.

Formulas: PMI's practice standard for earned value; PV_i is linear between planned start and finish, EV counts
verified work only.
"""

from __future__ import annotations

from collections.abc import Iterable

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.plan import Plan, Weeks, Workstream
from locust_tui.domain.states import OUT_OF_SCOPE
from locust_tui.domain.world import World

from .needs import verified_percent
from .startable import rests_on_nothing

NO_DATES = "no dates in the plan"
ONLY_REGISTERED = "the workstreams are registered, and nothing says yet what to do"


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
    removed, known = 0, False
    for w in chosen:
        status = world.workstreams.get(w.id)
        if status is not None and status.state in OUT_OF_SCOPE:
            removed += 1
            continue
        scope.append(w)
        weight += w.weight
        known = known or not rests_on_nothing(w, status)
        earned += w.weight * verified_percent(w, status)
    expected = expected_progress(plan, scope, at) if weight > 0 else None
    return progress_of_sums(weight, earned, expected, removed, known=known)


def progress_of_sums(
    weight: float, earned: float, expected: float | None, removed: int, *, known: bool = True
) -> Progress:
    """Progress from Σ weight, Σ weight · verified points, the expected points and the number removed.

    `known`: something says of at least one of them what is to be done; else its 0 points would rest on nothing.
    """
    if weight <= 0:
        nothing = "no workstream is left in scope" if removed else "no workstream has a weight"
        return Progress(None, None, None, 0.0, removed, nothing, nothing)
    if not known:
        why = "" if expected is not None else NO_DATES
        return Progress(None, expected, None, weight, removed, ONLY_REGISTERED, why)
    value = earned / weight
    return Progress(
        value=value,
        expected=expected,
        spi=value / expected if expected else None,
        weight=weight,
        removed=removed,
        reason=f"scope −{removed}" if removed else "",
        expected_reason=NO_DATES if expected is None else "",
    )


def expected_progress(plan: Plan, scope: Iterable[Workstream], at: float) -> float | None:
    """Points that the plan says are done at `at`: 100 · PV / BAC over the dated work of `scope`.

    Where no workstream has weeks, a straight line over the weeks of their phases; None without any dates.
    """
    works = list(scope)
    dated = [(w.weight, w.weeks) for w in works if w.weeks is not None]
    budget = sum(weight for weight, _ in dated)
    if budget > 0:
        return 100.0 * sum(weight * passed_share(weeks, at) for weight, weeks in dated) / budget
    return straight_line(plan, works, at)


def straight_line(plan: Plan, scope: Iterable[Workstream], at: float) -> float | None:
    """Share of the weeks of the phases of `scope` that has passed, in points; None where none has weeks."""
    phases = [plan.phases[p] for p in {w.phase for w in scope} if p is not None and p in plan.phases]
    weeks = [p.weeks for p in phases if p.weeks is not None]
    if not weeks:
        return None
    return 100.0 * passed_share(Weeks(min(w.first for w in weeks), max(w.last for w in weeks)), at)


def passed_share(weeks: Weeks, at: float) -> float:
    """Share of the planned weeks that has passed, 0 to 1."""
    return min(1.0, max(0.0, (at - weeks.first + 1) / weeks.duration))
