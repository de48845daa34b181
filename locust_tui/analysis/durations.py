"""How long an unfinished workstream may still take: the distributions that a forecast draws from."""

from __future__ import annotations

import random
from collections.abc import Callable

from locust_tui.domain.plan import Plan, Workstream
from locust_tui.domain.world import World

from .actuals import Actuals, actuals
from .network import Network, planned_duration

OPTIMISTIC, PESSIMISTIC = 0.67, 1.5
"""Where a workstream has no estimate: triangular, as parts of its planned duration (0.67 is 8 of 12 weeks)."""
HISTORY = 5
"""From this many finished workstreams on, their actual over planned durations replace the assumption."""
LEARNED = "learned-estimates"
"""With this feature on, agent types of which so many are finished have ratios of their own, and estimates are corrected."""
_POOL = 2_000
Draw = Callable[[random.Random], float]
"""One duration in plan weeks."""


def duration_draws(plan: Plan, network: Network, past: Actuals, rng: random.Random) -> dict[int, Draw]:
    """How each unfinished workstream's duration is drawn, in plan weeks."""
    learned = LEARNED in plan.features
    found = _finished(plan, past)
    whole = _enough([ratio for _, ratio in found])
    by_type = {t: _enough([r for w, r in found if _type(w) == t]) for t in {_type(w) for w, _ in found}}
    draws: dict[int, Draw] = {}
    for i in network.works:
        w = plan.workstreams[network.ids[i]]
        if w.id in past.finished or w.id in past.removed:
            continue
        ratios = (by_type.get(_type(w)) if learned else ()) or whole
        draw = _distribution(w, ratios, corrects=learned)
        begun = past.started.get(w.id)
        draws[i] = draw if begun is None else _longer_than(draw, past.at - begun, 1 / network.days, rng)
    return draws


def learned_from(plan: Plan, world: World, now: float) -> int:
    """Finished workstreams whose actual durations are known."""
    return len(_finished(plan, actuals(plan, world, now)))


def _finished(plan: Plan, past: Actuals) -> list[tuple[Workstream, float]]:
    """Finished workstreams, each with its actual over its planned duration."""
    return [
        (plan.workstreams[w], (end - past.started[w]) / planned_duration(plan.workstreams[w]))
        for w, end in past.finished.items()
        if w in past.started and w in plan.workstreams and end > past.started[w]
    ]


def _enough(ratios: list[float]) -> tuple[float, ...]:
    return tuple(ratios) if len(ratios) >= HISTORY else ()


def _type(w: Workstream) -> str:
    """What does it: its agent type; "" for a command of its own."""
    return "" if w.run is not None else w.agent or ""


def _distribution(w: Workstream, ratios: tuple[float, ...], *, corrects: bool) -> Draw:
    """`corrects`: what was learned goes before an estimate, of which only the mean (low + 4 mode + high) / 6 is kept."""
    planned = planned_duration(w)
    if w.estimate is not None:
        low, mode, high = w.estimate
        if not (corrects and ratios):
            return _pert(low, mode, high)
        planned = (low + 4 * mode + high) / 6
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
