"""How long an unfinished workstream may still take: the distributions that a forecast draws from, and what they rest on.

A distribution is asked for the duration at a chance u in [0, 1), so that one stream of chances serves every
distribution: a longer estimate gives a later duration in each run, never an earlier one.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from functools import lru_cache
from itertools import accumulate

from locust_tui.domain.dataclass import dataclass
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
STEPS = 256
"""Parts of equal chance that a PERT-beta is kept in, straight within each."""


@dataclass(frozen=True, slots=True)
class Triangular:
    """Weeks from `low` to `high`, most likely `mode`; `passed` is the chance of what is known not to have been."""

    low: float
    mode: float
    high: float
    passed: float = 0.0

    def at(self, u: float) -> float:
        u = self.passed + u * (1.0 - self.passed)
        spread = self.high - self.low
        if u * spread < self.mode - self.low:
            return self.low + math.sqrt(u * (spread * (self.mode - self.low)))
        return self.high - math.sqrt((1.0 - u) * (spread * (self.high - self.mode)))

    def longer_than(self, elapsed: float, step: float) -> Distribution:
        if elapsed <= self.low:
            return self
        if elapsed >= self.high:
            return Outcomes((elapsed + step,))
        spread = self.high - self.low
        if elapsed < self.mode:
            chance = (elapsed - self.low) ** 2 / (spread * (self.mode - self.low))
        else:
            chance = 1.0 - (self.high - elapsed) ** 2 / (spread * (self.high - self.mode))
        return Triangular(self.low, self.mode, self.high, chance)


@dataclass(frozen=True, slots=True)
class Quantiles:
    """`weeks` at chances 0, 1/STEPS, … 1, straight between them; `passed` as for Triangular."""

    weeks: tuple[float, ...]
    passed: float = 0.0

    def at(self, u: float) -> float:
        place = (self.passed + u * (1.0 - self.passed)) * STEPS
        i = min(int(place), STEPS - 1)
        return self.weeks[i] + (place - i) * (self.weeks[i + 1] - self.weeks[i])

    def longer_than(self, elapsed: float, step: float) -> Distribution:
        if elapsed <= self.weeks[0]:
            return self
        if elapsed >= self.weeks[-1]:
            return Outcomes((elapsed + step,))
        i = bisect_right(self.weeks, elapsed) - 1
        part = (elapsed - self.weeks[i]) / (self.weeks[i + 1] - self.weeks[i])
        return Quantiles(self.weeks, (i + part) / STEPS)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """One of `weeks`, in ascending order, each with the same chance."""

    weeks: tuple[float, ...]

    def at(self, u: float) -> float:
        return self.weeks[int(u * len(self.weeks))]

    def longer_than(self, elapsed: float, step: float) -> Distribution:
        longer = self.weeks[bisect_right(self.weeks, elapsed) :]
        return Outcomes(longer or (elapsed + step,))


Distribution = Triangular | Quantiles | Outcomes
"""Of a duration in plan weeks: `at(u)`, and the same given that it is `longer_than` what has elapsed."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """What a finished workstream took over what was planned."""

    workstream: str
    agent: str
    """See `type_of`."""
    planned: float
    took: float

    @property
    def value(self) -> float:
        return self.took / self.planned


def distributions(plan: Plan, network: Network, past: Actuals) -> dict[int, Distribution]:
    """Of each unfinished workstream's duration, by node; of running work, given that it is not done yet."""
    choose = Choice(plan, ratios(plan, past))
    found: dict[int, Distribution] = {}
    for i in network.works:
        w = plan.workstreams[network.ids[i]]
        if w.id in past.finished or w.id in past.removed:
            continue
        one, _ = choose.of(w)
        elapsed = past.at - past.started[w.id] if w.id in past.started else 0.0
        found[i] = one.longer_than(elapsed, 1 / network.days) if elapsed > 0 else one
    return found


class Choice:
    """Which distribution a workstream has, and on what it rests, in words."""

    def __init__(self, plan: Plan, finished: tuple[Ratio, ...]) -> None:
        self.learned = LEARNED in plan.features
        self.whole = _enough([r.value for r in finished])
        types = {r.agent for r in finished} if self.learned else ()
        self.by_type = {t: _enough([r.value for r in finished if r.agent == t]) for t in types}

    def of(self, w: Workstream) -> tuple[Distribution, str]:
        """What was learned goes before an estimate only with that feature on: then the estimate's mean
        (low + 4 mode + high) / 6 is what the ratios are of."""
        planned = planned_duration(w)
        own = self.by_type.get(type_of(w)) or ()
        values = own or self.whole
        if w.estimate is not None:
            low, mode, high = (weeks * w.gain for weeks in w.estimate)
            if not (self.learned and values):
                return pert(low, mode, high), "estimate"
            planned = (low + 4 * mode + high) / 6
        if values:
            return Outcomes(tuple(planned * v for v in values)), "type" if own else "history"
        return Triangular(OPTIMISTIC * planned, planned, PESSIMISTIC * planned), "assumption"


def ratios(plan: Plan, past: Actuals) -> tuple[Ratio, ...]:
    """Of every finished workstream whose start is known and that took any time, in the order they were finished."""
    return tuple(
        Ratio(w, type_of(plan.workstreams[w]), planned_duration(plan.workstreams[w]), end - past.started[w])
        for w, end in sorted(past.finished.items(), key=lambda item: (item[1], item[0]))
        if w in past.started
        and w in plan.workstreams
        and end > past.started[w]
        and planned_duration(plan.workstreams[w]) > 0
    )


def learned_from(plan: Plan, world: World, now: float) -> int:
    """Finished workstreams whose actual durations are known."""
    return len(ratios(plan, actuals(plan, world, now)))


def pert(low: float, mode: float, high: float) -> Distribution:
    """PERT-beta: mean (low + 4 mode + high) / 6, shape 4."""
    spread = high - low
    if spread <= 0:
        return Outcomes((mode,))
    alpha, beta = 1 + 4 * (mode - low) / spread, 1 + 4 * (high - mode) / spread
    return Quantiles(tuple([low + spread * q for q in _beta_quantiles(alpha, beta)]))


@lru_cache(512)
def _beta_quantiles(alpha: float, beta: float) -> tuple[float, ...]:
    """Inverse of the cumulated density, by the midpoint rule; rounded, so that every machine has the same."""
    parts = 2 * STEPS
    middles = ((k + 0.5) / parts for k in range(parts))
    density = [x ** (alpha - 1) * (1 - x) ** (beta - 1) for x in middles]
    below = [0.0, *accumulate(density)]
    found, k = [0.0], 0
    for step in range(1, STEPS):
        wanted = below[-1] * step / STEPS
        while below[k + 1] < wanted:
            k += 1
        found.append(round((k + (wanted - below[k]) / density[k]) / parts, 12))
    return (*found, 1.0)


def _enough(values: list[float]) -> tuple[float, ...]:
    found = tuple(sorted(values))
    return found if len(found) >= HISTORY else ()


def type_of(w: Workstream) -> str:
    """What does it: its agent type; "" for a command of its own."""
    return "" if w.run is not None else w.agent or ""
