"""Decisions on gates: the conditions a person names, and the worker's answer in words."""

from __future__ import annotations

from typing import Any

from ..domain.people import Condition
from ..errors import UsageError


def words(gate: str, told: dict[str, Any]) -> str:
    """What the worker answered to a decision, in one line."""
    decided = told.get("decided")
    if decided is None:
        missing = ", ".join(told.get("waits_for", ()))
        given = f"{len(told.get('approved_by', ()))} of {told.get('min_approvals', 1)} approvals"
        return f"gate {gate}: {given}" + (f", still to say yes: {missing}" if missing else "")
    said = f"gate {gate}: {decided}"
    if starts := told.get("starts"):
        said += f", starts {', '.join(starts)}"
    if recycled := told.get("recycled"):
        said += f", back to rework: {', '.join(recycled)}"
    return said


def conditions_of(
    texts: tuple[str, ...], owners: tuple[str, ...], dues: tuple[str, ...]
) -> tuple[Condition, ...]:
    """The conditions with their owners and dates: none, one for all, or one for each."""
    if not texts and (owners or dues):
        raise UsageError("--owner and --due belong to a --condition")
    for flag, values in (("--owner", owners), ("--due", dues)):
        if len(values) not in (0, 1, len(texts)):
            raise UsageError(f"{len(texts)} conditions, but {flag} is given {len(values)} times")

    def at(values: tuple[str, ...], n: int) -> str | None:
        return None if not values else values[0] if len(values) == 1 else values[n]

    return tuple(Condition(text, at(owners, n), at(dues, n)) for n, text in enumerate(texts))
