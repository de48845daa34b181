"""What the alert rules of a plan find now: at each scope, the values they rest on and whether their condition holds."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache

from locust_tui.domain.clock import plan_time
from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.plan import AlertRule, Phase, Plan
from locust_tui.domain.states import OPEN_GATE_STATES, PhaseState
from locust_tui.domain.world import World

from .actuals import plan_start
from .addresses import OPERATOR
from .alert_band import relaxed
from .due import grace
from .expression import Expression, compile_expression
from .history import History
from .operations import ExpressionError
from .phases import ACTIVE, phase_state
from .quantities import Quantities, known_names
from .verdict import overdue_gates

OVERDUE_GATE = "gate-overdue"
"""Name of the rule that every plan has: a gate is still shut some time after the end of its week."""
OF_A_PHASE = "phase_progress"
"""A condition that names it is looked at for each phase by itself."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A rule at one scope. `holds` and `clear` None: unknown, and `why` says what is missing."""

    rule: AlertRule
    scope: str
    values: tuple[tuple[str, float | None], ...]
    holds: bool | None
    clear: bool | None
    why: str = ""


def readings(plan: Plan, world: World, now: float) -> Iterator[Reading]:
    """Every rule of the plan at every scope that it has now; nothing before the start."""
    if world.project.started is None:
        return
    history = History(plan, world, now)
    for rule in plan.alerts:
        yield from rule_readings(rule, plan, world, now, history)
    yield from _overdue(plan, world, now)


def rule_readings(
    rule: AlertRule, plan: Plan, world: World, now: float, history: History | None = None
) -> Iterator[Reading]:
    """One rule at every scope; an unreadable one is unknown, with the reason."""
    try:
        condition, calm = _compiled(rule.when, known_names(plan))
    except ExpressionError as error:
        yield Reading(rule, "", (), None, None, error.message)
        return
    for scope in _scopes(condition, plan, world, now):
        quantities = Quantities(plan, world, now, phase=scope or None, history=history)
        values = tuple((name, _number(quantities[name])) for name in sorted(condition.names))
        try:
            holds, still = condition.holds(quantities), calm.holds(quantities)
        except ExpressionError as error:
            yield Reading(rule, scope, values, None, None, error.message)
            continue
        missing = [name for name in sorted(condition.names) if quantities[name] is None]
        why = f"not known: {', '.join(missing)}" if holds is None and missing else ""
        yield Reading(rule, scope, values, holds, None if still is None else not still, why)


def _number(value: object) -> float | None:
    known = isinstance(value, (bool, int, float)) and math.isfinite(value)
    return float(value) if known and isinstance(value, (bool, int, float)) else None


@lru_cache(maxsize=256)
def _compiled(when: str, names: tuple[str, ...]) -> tuple[Expression, Expression]:
    """The condition, and what must be false for its alert to clear."""
    condition = compile_expression(when, names)
    try:
        return condition, compile_expression(relaxed(when), names)
    except ExpressionError:  # so long that its bands find no room: it clears where it no longer holds
        return condition, condition


def _scopes(condition: Expression, plan: Plan, world: World, now: float) -> list[str]:
    if OF_A_PHASE not in condition.names:
        return [""]
    return [phase.id for phase in plan.phases.values() if _is_current(plan, world, phase, now)]


def _is_current(plan: Plan, world: World, phase: Phase, now: float) -> bool:
    """Begun and not yet let through, or not begun although its weeks have."""
    state = phase_state(plan, world, phase)
    if state in ACTIVE:
        return True
    late = phase.weeks is not None and (
        plan_time(plan.calendar, plan_start(plan, world), now) > phase.weeks.first - 1
    )
    return state is PhaseState.NOT_STARTED and late


def _overdue(plan: Plan, world: World, now: float) -> Iterator[Reading]:
    days = dict(overdue_gates(plan, world, now))
    told = {id for id, _ in overdue_gates(plan, world, now - grace(plan.calendar))}
    for gate in plan.gates.values():
        if gate.week is None or (gate.id not in days and world.gate(gate.id).state not in OPEN_GATE_STATES):
            continue
        rule = AlertRule(
            OVERDUE_GATE, f"gate {gate.id} is decided by week {gate.week}", gate.approvers or (OPERATOR,)
        )
        values = (("days_overdue", days.get(gate.id, 0.0)),)
        yield Reading(rule, gate.id, values, gate.id in told, gate.id not in told)
