"""Facts: the latest values of criteria that the plan gives a name."""

from __future__ import annotations

from collections.abc import Iterator

from locust_tui.domain.criterion import Criterion, criterion_key
from locust_tui.domain.plan import Plan
from locust_tui.domain.quantity import QuantityError, convert, exact
from locust_tui.domain.states import CriterionState
from locust_tui.domain.world import World

from .criterion_state import expired
from .operations import Value

_UNKNOWN = frozenset({CriterionState.STALE, CriterionState.ERROR, CriterionState.NOT_RUN})


def fact_criteria(plan: Plan) -> Iterator[tuple[str, Criterion]]:
    """(key, criterion) of whatever in the plan gives its value a name."""
    for criterion in plan.facts:
        yield criterion_key("fact", criterion.id), criterion
    for gate in plan.gates.values():
        for criterion in gate.criteria:
            if criterion.fact:
                yield criterion_key(f"gate:{gate.id}", criterion.id), criterion
    for w in plan.workstreams.values():
        for criterion in w.accept:
            if criterion.fact:
                yield criterion_key(f"accept:{w.id}", criterion.id), criterion


def latest_fact(
    plan: Plan, world: World, name: str, now: float
) -> tuple[str, Criterion, Value | None] | None:
    """(key, criterion, value) of the newest result that has a value under this name, else of the newest without one.

    None: nobody measured one.
    """
    found = [
        (fact_value(c, key, world, now), at, key, c)
        for key, c in fact_criteria(plan)
        if c.fact == name and (at := _at(world, key)) is not None
    ]
    if not found:
        return None
    value, _, key, criterion = max(found, key=lambda one: (one[0] is not None, one[1]))
    return key, criterion, value


def _at(world: World, key: str) -> float | None:
    result = world.criteria.get(key)
    if result is None or result.state is CriterionState.NOT_RUN:
        return None
    return result.evidence.at if result.evidence is not None else 0.0


def fact_value(criterion: Criterion, key: str, world: World, now: float) -> Value | None:
    """Latest value of a fact in the unit of its limit; a yes or no where it has none. Stale facts are unknown."""
    result = world.criteria.get(key)
    if result is None or result.state in _UNKNOWN or expired(criterion, result, now):
        return None
    limit = criterion.limit
    if result.value is None or (limit is not None and limit.expect is not None):
        return result.state is CriterionState.PASS
    if limit is None or limit.unit is None or result.unit is None:
        return result.value
    try:
        return float(convert(exact(float(result.value)), result.unit, limit.unit))
    except QuantityError:
        return result.value
