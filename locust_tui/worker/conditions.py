"""What a person owes a conditional go or a waiver: a text, an owner, a date."""

from __future__ import annotations

from locust_tui.analysis.due import is_due_date
from locust_tui.domain.people import Condition
from locust_tui.errors import UsageError

_DATES = "a date as 2026-03-31, or a week of the plan as 5"


def check_conditions(conditions: tuple[Condition, ...]) -> None:
    """Raise UsageError unless there is a condition, and each has a text, an owner and a date."""
    if not conditions:
        raise UsageError(
            "a conditional go needs at least one condition", help="--condition TEXT --owner NAME --due DATE"
        )
    for condition in conditions:
        if not condition.text.strip():
            raise UsageError("a condition needs a text", help="say what has to come true")
        if not (condition.owner or "").strip():
            raise UsageError(f'condition "{condition.text}" needs an owner', help="say who sees to it")
        check_date(condition.due, f'condition "{condition.text}"')


def check_date(text: str | None, what: str) -> None:
    """Raise UsageError unless the text is a date or a plan week."""
    if not (text or "").strip():
        raise UsageError(f"{what} needs a date", help=_DATES)
    if not is_due_date(text or ""):
        raise UsageError(f'{what}: "{text}" is no date', help=_DATES)
