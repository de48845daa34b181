"""One value per simulated run, in a column: in plain lists, or in NumPy's arrays where they are many.

Both give the same figures to the last bit: the chances come from Python's own generator, and of every other step
(+, -, ×, √, comparison) IEEE 754 leaves only one result.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from operator import add
from typing import Any, Protocol

from .durations import STEPS, Distribution, Outcomes, Triangular

PLAIN = 400_000
"""Simulated nodes up to which NumPy is not worth being imported."""
BATCH = 2_500
"""Runs simulated at a time: bounds memory in large plans."""
EPSILON = 1e-9
Column = Any
"""list[float] or an array of float64; of comparisons, list[bool] or an array of bool."""


class Columns(Protocol):
    """`runs` values each; none is changed once it is made."""

    def constant(self, value: float, runs: int) -> Column: ...

    def chances(self, stream: random.Random, runs: int) -> Column:
        """The next numbers of `stream`, in [0, 1)."""

    def draws(self, distribution: Distribution, chances: Column) -> Column: ...

    def sum(self, one: Column, other: Column) -> Column: ...

    def share(self, begin: Column, part: float, duration: Column) -> Column:
        """begin + part × duration."""

    def latest(self, columns: Sequence[Column]) -> Column: ...

    def day_ends(self, moments: Column, days: int) -> Column:
        """The end of the working day that each falls in, of `days` a week."""

    def reached(self, one: Column, other: Column) -> Column:
        """Whether one ≥ other, within rounding."""

    def both(self, one: Column, other: Column) -> Column: ...

    def either(self, one: Column, other: Column) -> Column: ...

    def count(self, truths: Column) -> int: ...

    def mean(self, values: Column) -> float: ...

    def ranks(self, values: Column) -> Column:
        """Place of each among all, equal ones at their mean place."""

    def correlation(self, one: Column, other: Column) -> float | None:
        """Pearson's; None where one of the two never varies."""

    def listed(self, values: Column) -> list[float]: ...


def columns_for(nodes: int, runs: int) -> Columns:
    """NumPy's where there is enough to do, or where it is loaded anyway."""
    if nodes * runs > PLAIN or "numpy" in sys.modules:
        return _numpy()
    return Plain()


@cache
def _numpy() -> Columns:
    from .forecast_numpy import Arrays

    return Arrays()


class Plain:
    """Columns as lists."""

    def constant(self, value: float, runs: int) -> Column:
        return [value] * runs

    def chances(self, stream: random.Random, runs: int) -> Column:
        draw = stream.random
        return [draw() for _ in range(runs)]

    def draws(self, distribution: Distribution, chances: Column) -> Column:
        if isinstance(distribution, Triangular):
            return _triangular(distribution, chances)
        if isinstance(distribution, Outcomes):
            weeks, n = distribution.weeks, len(distribution.weeks)
            return [weeks[int(u * n)] for u in chances]
        weeks, passed, left = distribution.weeks, distribution.passed, 1.0 - distribution.passed
        steps = [b - a for a, b in pairwise(weeks)]
        found = []
        for u in chances:
            place = (passed + u * left) * STEPS
            i = min(int(place), STEPS - 1)
            found.append(weeks[i] + (place - i) * steps[i])
        return found

    def sum(self, one: Column, other: Column) -> Column:
        return list(map(add, one, other))

    def share(self, begin: Column, part: float, duration: Column) -> Column:
        return [b + part * d for b, d in zip(begin, duration, strict=True)]

    def latest(self, columns: Sequence[Column]) -> Column:
        if len(columns) == 2:
            return [a if a >= b else b for a, b in zip(*columns, strict=True)]
        return list(map(max, *columns)) if len(columns) > 1 else columns[0]

    def day_ends(self, moments: Column, days: int) -> Column:
        return [math.ceil(m * days - EPSILON) / days for m in moments]

    def reached(self, one: Column, other: Column) -> Column:
        return [a >= b - EPSILON for a, b in zip(one, other, strict=True)]

    def both(self, one: Column, other: Column) -> Column:
        return [a and b for a, b in zip(one, other, strict=True)]

    def either(self, one: Column, other: Column) -> Column:
        return [a or b for a, b in zip(one, other, strict=True)]

    def count(self, truths: Column) -> int:
        return truths.count(True)  # type: ignore[no-any-return]

    def mean(self, values: Column) -> float:
        return math.fsum(values) / len(values)

    def ranks(self, values: Column) -> Column:
        order = sorted(range(len(values)), key=values.__getitem__)
        found = [0.0] * len(values)
        first = 0
        while first < len(order):
            last = first
            while last + 1 < len(order) and values[order[last + 1]] == values[order[first]]:
                last += 1
            for place in order[first : last + 1]:
                found[place] = (first + last) / 2
            first = last + 1
        return found

    def correlation(self, one: Column, other: Column) -> float | None:
        a, b = self.mean(one), self.mean(other)
        both = math.fsum((x - a) * (y - b) for x, y in zip(one, other, strict=True))
        spread = math.fsum((x - a) ** 2 for x in one) * math.fsum((y - b) ** 2 for y in other)
        return both / math.sqrt(spread) if spread > 0 else None

    def listed(self, values: Column) -> list[float]:
        return list(values)


def _triangular(d: Triangular, chances: Column) -> Column:
    """As `Triangular.at`, without a call for each."""
    spread, left = d.high - d.low, 1.0 - d.passed
    rise, fall, turn = spread * (d.mode - d.low), spread * (d.high - d.mode), d.mode - d.low
    passed, low, high, root = d.passed, d.low, d.high, math.sqrt
    if passed:
        chances = [passed + u * left for u in chances]
    return [low + root(u * rise) if u * spread < turn else high - root((1.0 - u) * fall) for u in chances]
