"""The map of risks: probability upwards, impact to the right, each risk in its cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..analysis.risks import IMPACTS, PMBOK, PROBABILITIES, WORDS, cell_level
from ..domain.snapshot import RiskView

_LEVELS = ("low", "medium", "high")


class Cell(NamedTuple):
    probability: int
    """Step, 1 for the least."""
    impact: int
    level: str
    risks: tuple[RiskView, ...]


class RiskMap(NamedTuple):
    """`rows`: the highest probability first, each from the least impact to the greatest."""

    scale: str
    rows: tuple[tuple[Cell, ...], ...]
    probabilities: tuple[str, ...]
    """Name of each row, as `rows`."""
    impacts: tuple[str, ...]


def risk_map(risks: Sequence[RiskView]) -> RiskMap:
    """3 × 3 for levels, 5 × 5 for the PMBOK scale; an empty register has the smaller one."""
    scale = risks[0].scale if risks else "levels"
    steps = range(1, (5 if scale == PMBOK else 3) + 1)
    held: dict[tuple[int, int], list[RiskView]] = {}
    for risk in risks:
        held.setdefault((risk.row, risk.column), []).append(risk)
    rows = tuple(
        tuple(Cell(p, i, cell_level(scale, p, i), tuple(held.get((p, i), ()))) for i in steps)
        for p in reversed(steps)
    )
    if scale == PMBOK:
        likely = [f"{value:g} {word}" for word, value in zip(WORDS, PROBABILITIES, strict=True)]
        impacts = [f"{value:g} {word}" for word, value in zip(WORDS, IMPACTS, strict=True)]
        return RiskMap(scale, rows, tuple(reversed(likely)), tuple(impacts))
    return RiskMap(scale, rows, tuple(reversed(_LEVELS)), _LEVELS)
