"""A strategy that was applied to the plan, and whether that was taken back."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class StrategyStatus:
    """A strategy that was applied, as the record has it."""

    id: str
    """Its number, from 1."""
    strategies: tuple[str, ...]
    words: str
    """What it changed, on one line."""
    by: str
    at: float
    note: str
    plan_before: str
    """Digests of the plan in force before and after, and of the file's bytes; the latter empty without a file."""
    plan_after: str
    file_before: str = ""
    file_after: str = ""
    additions: tuple[tuple[str, str], ...] = ()
    """Places that it changed over the file, each with what stood there before ("": nothing)."""
    records: bool = False
    """It waived criteria: that stays on record, whatever becomes of the plan."""
    edits: tuple[str, ...] = ()
    """What it changed, as `as_texts` has it."""
    undone_at: float | None = None
    undone_by: str = ""

    @property
    def standing(self) -> bool:
        return self.undone_at is None
