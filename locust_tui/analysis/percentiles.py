"""Nearest-rank percentiles: always one of the values, so that nobody is told a number that never came out."""

from __future__ import annotations

import math
from collections.abc import Sequence


def nearest_rank(ordered: Sequence[float], points: float) -> float:
    """Of sorted values, at least one: the least that `points` of a hundred of them do not exceed."""
    return ordered[max(0, math.ceil(points / 100.0 * len(ordered) - 1e-9) - 1)]


def tenth_up(weeks: float) -> float:
    """Rounded up to a tenth of a week, half a working day: what is told is never earlier than what was found."""
    return math.ceil(weeks * 10 - 1e-9) / 10
