"""How late a gate is, in words."""

from __future__ import annotations

from ..domain.snapshot import GateView


def whole_days(days: float) -> int:
    """Full days; what the arithmetic of floats lacks of one is none."""
    return int(round(days, 6))


def late_words(g: GateView) -> str:
    """ "overdue 3 d", "3 d late" once it is decided, in working days; empty: in time, or not due yet."""
    days = "" if g.late_days is None or g.late_days < 1 else f"{whole_days(g.late_days)} d"
    if g.overdue:
        return f"overdue {days}".rstrip()
    return f"{days} late" if days else ""
