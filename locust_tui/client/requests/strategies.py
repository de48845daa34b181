"""Requests about strategies: change the plan by one that was previewed, and take that back."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class ApplyStrategy:
    """Change the plan by these, one after the other. Its data: id, changes, summary."""

    strategies: tuple[str, ...]
    note: str
    """Why; it stands in the record."""
    digest: str
    """Of the preview that the person saw; another one by now refuses it."""
    by: str | None = None


@dataclass(frozen=True, slots=True)
class UndoStrategy:
    """Give the plan file the exact bytes it had before the strategy applied last. Its data: id, summary, stays."""

    strategy: str
    """Its number: another one that was applied meanwhile refuses it."""
    note: str = ""
    by: str | None = None
    reverse: bool = False
    """Of a file that was edited since, take its changes back where they stand, one by one, instead of its bytes."""
