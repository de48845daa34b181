"""Why a plan that was read is not in force, as viewers are told it."""

from __future__ import annotations

import os

from locust_tui.domain.held_plan import PlanError

from .problem import excerpt
from .reading import PlanReading


def plan_errors(reading: PlanReading) -> tuple[PlanError, ...]:
    """The errors of a reading, none where it has a plan; places are named as seen from the plan's folder."""
    folder = reading.path.parent
    return tuple(
        PlanError(
            ":".join(str(part) for part in (os.path.relpath(p.file, folder), p.line, p.col) if part),
            p.message,
            p.help or "",
            *excerpt(p),
        )
        for p in reading.problems
        if p.is_error
    )
