"""Alternated rounds, medians, and the one form in which every benchmark prints a figure beside its goal."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


def alternate(contestants: Mapping[str, Callable[[int], T]], rounds: int) -> dict[str, list[T]]:
    """A B C A B C …; each contestant is told the number of the round."""
    found: dict[str, list[T]] = {name: [] for name in contestants}
    for turn in range(rounds):
        for name, work in contestants.items():
            found[name].append(work(turn))
    return found


def paired(ours: Sequence[float], reference: Sequence[float]) -> float:
    """Median of the ratios within each round."""
    return statistics.median(a / b for a, b in zip(ours, reference, strict=True))


def p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[-1] if len(values) > 1 else values[0]


def goal(what: str, value: float, limit: float, unit: str = "x") -> None:
    """Print the figure, its goal, and whether it was met. Nothing fails: a busy machine misses goals too."""
    said = "met" if value <= limit else "NOT MET"
    print(f"  {what:<58}{value:9.2f} {unit:<4}  goal ≤ {limit:g} {unit:<4}  {said}")
