"""A newer plan that is not in force; apart from `world`, for viewers need it without the rest."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class HeldPlan:
    """A newer plan on disk that is not in force, and why not."""

    digest: str
    why: str
    """error, trust, confirm, gone"""
    summary: str
    lines: tuple[str, ...] = ()
    """Problems with file:line:col, or the changes that wait for a yes."""
    at: float = 0.0
