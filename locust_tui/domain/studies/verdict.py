"""How a verdict came about: each rule that was looked at, the value, its limit, and whether it holds."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass

from ..states import Verdict


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the verdict. The first answer of which any rule holds is the verdict."""

    id: str
    """Stable word: "forecast-p50", "gap", "gates-overdue"."""
    answer: Verdict
    """What the verdict is where the rule holds and none of an earlier answer does."""
    asks: str
    """What is looked at, in words: "points behind plan"."""
    value: float | None
    limit: float | None
    unit: str
    """Of both: "week", "points", "working days", "workstreams"; empty: plain numbers."""
    holds: bool | None
    """None: it cannot be told, and `why` says why."""
    reasons: tuple[str, ...] = ()
    """In words, with the numbers; empty where it does not hold, or where a rule before it said the same."""
    why: str = ""
    """Why it cannot be told, or does not count now."""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The verdict on a plan or a part of it, with every rule in the order in which they are asked."""

    answer: Verdict
    reasons: tuple[str, ...]
    rules: tuple[Rule, ...]
