"""Columns of a simulation as NumPy arrays. Only what simulates a lot imports this module."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from functools import reduce

import numpy as np

from .durations import STEPS, Distribution, Outcomes, Triangular
from .forecast_columns import EPSILON, Column


class Arrays:
    """See `forecast_columns.Columns`. Each step lets other threads run: NumPy gives the lock away in its loops."""

    def constant(self, value: float, runs: int) -> Column:
        return np.full(runs, value)

    def chances(self, stream: random.Random, runs: int) -> Column:
        """As so many calls of `stream.random()`, which takes 27 and 26 bits of two words."""
        words = np.frombuffer(stream.randbytes(8 * runs), dtype="<u4")
        return ((words[0::2] >> 5) * 67_108_864.0 + (words[1::2] >> 6)) * (1.0 / 9_007_199_254_740_992.0)

    def draws(self, distribution: Distribution, chances: Column) -> Column:
        if isinstance(distribution, Triangular):
            return _triangular(distribution, chances)
        weeks = np.array(distribution.weeks)
        if isinstance(distribution, Outcomes):
            return weeks[(chances * len(weeks)).astype(np.intp)]
        places = (distribution.passed + chances * (1.0 - distribution.passed)) * STEPS
        i = np.minimum(places.astype(np.intp), STEPS - 1)
        return weeks[i] + (places - i) * np.diff(weeks)[i]

    def sum(self, one: Column, other: Column) -> Column:
        return one + other

    def share(self, begin: Column, part: float, duration: Column) -> Column:
        return begin + part * duration

    def latest(self, columns: Sequence[Column]) -> Column:
        return reduce(np.maximum, columns)

    def day_ends(self, moments: Column, days: int) -> Column:
        return np.ceil(moments * days - EPSILON) / days

    def reached(self, one: Column, other: Column) -> Column:
        return one >= other - EPSILON

    def both(self, one: Column, other: Column) -> Column:
        return one & other

    def either(self, one: Column, other: Column) -> Column:
        return one | other

    def count(self, truths: Column) -> int:
        return int(np.count_nonzero(truths))

    def mean(self, values: Column) -> float:
        return math.fsum(values.tolist()) / len(values)

    def ranks(self, values: Column) -> Column:
        _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
        ends = np.cumsum(counts)
        return ((ends - counts + ends - 1) / 2)[place]

    def correlation(self, one: Column, other: Column) -> float | None:
        a, b = one - self.mean(one), other - self.mean(other)
        spread = math.fsum((a * a).tolist()) * math.fsum((b * b).tolist())
        return math.fsum((a * b).tolist()) / math.sqrt(spread) if spread > 0 else None

    def listed(self, values: Column) -> list[float]:
        found: list[float] = values.tolist()
        return found


def _triangular(d: Triangular, chances: Column) -> Column:
    spread = d.high - d.low
    if d.passed:
        chances = d.passed + chances * (1.0 - d.passed)
    rising = d.low + np.sqrt(chances * (spread * (d.mode - d.low)))
    falling = d.high - np.sqrt((1.0 - chances) * (spread * (d.high - d.mode)))
    return np.where(chances * spread < d.mode - d.low, rising, falling)
