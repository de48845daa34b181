"""A row of eight-step bars in one colour, in the characters that this terminal has."""

from __future__ import annotations

from collections.abc import Sequence

from ..report import trend
from .charset import drawn


def sparkline(values: Sequence[float | None], width: int) -> str:
    """As the reports' sparkline."""
    return drawn(trend.sparkline(values, width))
