"""Decisions on gates: the conditions a person names, and the worker's answer in words."""

from __future__ import annotations

from typing import Any

from ..domain.people import Condition
from ..errors import UsageError


def words(gate: str, told: dict[str, Any]) -> str:
    """What the worker answered to a decision, in one line."""
    said = _decided(gate, told)
    return f"{said}; {'; '.join(gone)}" if (gone := told.get("lapsed")) else said


def _decided(gate: str, told: dict[str, Any]) -> str:
    decided = told.get("decided")
    if decided is None:
        missing = ", ".join(told.get("waits_for", ()))
        given = f"{len(told.get('approved_by', ()))} of {told.get('min_approvals', 1)} approvals"
        return f"gate {gate}: {given}" + (f", still to say yes: {missing}" if missing else "")
    said = f"gate {gate}: {decided}"
    if conditions := told.get("conditions"):
        said += f" if {' and '.join(conditions)}"
    if signed := told.get("signed"):
        said += f", signed with it: {', '.join(signed)}"
    if starts := told.get("starts"):
        said += f", starts {', '.join(starts)}"
    if recycled := told.get("recycled"):
        said += f", back to rework: {', '.join(recycled)}"
    return said


def conditions_of(
    texts: tuple[str, ...], owners: tuple[str, ...], dues: tuple[str, ...]
) -> tuple[Condition, ...]:
    """The conditions with their owners and dates: one for all, or one for each."""
    from ..analysis.due import is_due_date

    if not texts and (owners or dues):
        raise UsageError("--owner and --due belong to a --condition")
    if texts and not (owners and dues and all(o.strip() for o in owners)):
        raise UsageError("a condition needs an owner and a date", help="--owner NAME --due DATE")
    for due in dues:
        if not is_due_date(due):
            raise UsageError(
                f'--due: "{due}" is no date', help="a date as 2026-03-31, or a week of the plan as 5"
            )
    for flag, values in (("--owner", owners), ("--due", dues)):
        if len(values) not in (0, 1, len(texts)):
            raise UsageError(f"{len(texts)} conditions, but {flag} is given {len(values)} times")

    def at(values: tuple[str, ...], n: int) -> str | None:
        return None if not values else values[0] if len(values) == 1 else values[n]

    return tuple(Condition(text, at(owners, n), at(dues, n)) for n, text in enumerate(texts))
