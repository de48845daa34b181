"""How long an unfinished workstream may still take: the distributions that a forecast draws from."""

from __future__ import annotations

import random
from collections.abc import Callable

from locust_tui.domain.plan import Plan, Workstream

from .actuals import Actuals
from .network import Network, planned_duration

OPTIMISTIC, PESSIMISTIC = 0.67, 1.5
"""Where a workstream has no estimate: triangular, as parts of its planned duration (0.67 is 8 of 12 weeks)."""
HISTORY = 5
"""From this many finished workstreams on, their actual over planned durations replace the assumption."""
_POOL = 2_000
Draw = Callable[[random.Random], float]
"""One duration in plan weeks."""


def duration_draws(plan: Plan, network: Network, past: Actuals, rng: random.Random) -> dict[int, Draw]:
    """How each unfinished workstream's duration is drawn, in plan weeks."""
    ratios = _history(plan, past)
    draws: dict[int, Draw] = {}
    for i in network.works:
        w = plan.workstreams[network.ids[i]]
        if w.id in past.finished or w.id in past.removed:
            continue
        draw = _distribution(w, ratios)
        begun = past.started.get(w.id)
        draws[i] = draw if begun is None else _longer_than(draw, past.at - begun, 1 / network.days, rng)
    return draws


def _history(plan: Plan, past: Actuals) -> tuple[float, ...]:
    """Actual over planned duration of finished workstreams; empty until there are enough."""
    ratios = tuple(
        (end - past.started[w]) / planned_duration(plan.workstreams[w])
        for w, end in past.finished.items()
        if w in past.started and w in plan.workstreams and end > past.started[w]
    )
    return ratios if len(ratios) >= HISTORY else ()


def _distribution(w: Workstream, ratios: tuple[float, ...]) -> Draw:
    planned = planned_duration(w)
    if w.estimate is not None:
        return _pert(*w.estimate)
    if ratios:
        return lambda rng: planned * rng.choice(ratios)
    low, high = OPTIMISTIC * planned, PESSIMISTIC * planned
    return lambda rng: rng.triangular(low, high, planned)


def _pert(low: float, mode: float, high: float) -> Draw:
    """PERT-beta: mean (low + 4 mode + high) / 6, shape 4."""
    spread = high - low
    if spread <= 0:
        return lambda rng: mode
    alpha, beta = 1 + 4 * (mode - low) / spread, 1 + 4 * (high - mode) / spread
    return lambda rng: low + spread * rng.betavariate(alpha, beta)


def _longer_than(draw: Draw, elapsed: float, step: float, rng: random.Random) -> Draw:
    """The distribution given that `elapsed` weeks were not enough; beyond it, one more `step`."""
    if elapsed <= 0:
        return draw
    longer = [d for d in (draw(rng) for _ in range(_POOL)) if d > elapsed]
    if not longer:
        return lambda _: elapsed + step
    return lambda own: own.choice(longer)
