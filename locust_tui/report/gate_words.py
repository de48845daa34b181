"""How late a gate is, in words."""

from __future__ import annotations

from ..domain.snapshot import GateView


def late_words(g: GateView) -> str:
    """ "overdue 3 d", "3 d late" once it is decided, in working days; empty: in time, or not due yet."""
    days = "" if g.late_days is None or g.late_days < 1 else f"{int(g.late_days)} d"
    if g.overdue:
        return f"overdue {days}".rstrip()
    return f"{days} late" if days else ""
