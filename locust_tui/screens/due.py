"""What stands in a form for a moment of the plan: a date, or a plan week."""

from __future__ import annotations

import re
from datetime import date

_WEEK = re.compile(r"(?:(?:week|wk)\s*)?(\d{1,4})", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def due_problem(value: str, *, optional: bool = False) -> str:
    """Why `value` is neither a date (2026-03-01) nor a plan week (6, week 6); "" when it is one."""
    if not value and optional:
        return ""
    week = _WEEK.fullmatch(value)
    if week is not None:
        return "" if int(week.group(1)) else "the first plan week is week 1"
    try:
        known = _DATE.fullmatch(value) is not None and bool(date.fromisoformat(value))
    except ValueError:
        known = False
    return "" if known else f'"{value}" is no date (2026-03-01) and no plan week (week 6)'
