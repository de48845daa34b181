"""What is asked of one probe, and what it found."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from locust_tui.domain.criterion import Limit, Probe
from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.quantity import format_value, limit_text
from locust_tui.domain.states import CriterionState

from .limits import in_limit_unit, meets


@dataclass(frozen=True, slots=True)
class Finding:
    """What one probe found."""

    state: CriterionState
    value: float | None = None
    unit: str | None = None
    text: str | None = None
    detail: str = ""
    exit_code: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A probe with what is asked of it: whether the criterion's bounds and its `expect` are about this one."""

    probe: Probe
    limit: Limit | None
    bounded: bool
    expecting: bool
    wants_number: bool
    folder: Path


def against_bounds(question: Question, value: Fraction, unit: str | None, note: str = "") -> Finding:
    """A number against the bounds, if they are about this probe; the detail says both."""
    limit = question.limit if question.bounded else None
    ok = limit is None or meets(value, unit, limit)
    shown, unit = in_limit_unit(value, unit, limit)
    said = format_value(float(shown), unit, limit)
    wanted = f", wanted {limit_text(limit)}" if limit and not ok else ""
    detail = f"{said}{wanted}{f' ({note})' if note else ''}"
    return Finding(CriterionState.PASS if ok else CriterionState.FAIL, float(shown), unit, detail=detail)
