"""Events of strategies: applied to the plan by a named person, and taken back."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class StrategyApplied:
    """A person changed the plan by it; the plan that came into force follows as an event of its own."""

    id: str
    """Its number, from 1."""
    strategies: tuple[str, ...]
    words: str
    note: str
    plan_before: str
    """Digests of the plan in force before and after, and of the file's bytes; the latter empty without a file."""
    plan_after: str
    file_before: str = ""
    file_after: str = ""
    additions: tuple[tuple[str, str], ...] = ()
    """Places changed over the file, each with what stood there before ("": nothing)."""
    changes: tuple[str, ...] = ()
    approved: str = ""
    """Digest of what was previewed: the plan and each change."""
    records: bool = False
    """It waived criteria."""
    edits: tuple[str, ...] = ()
    """What it changed, each a line of JSON."""


@dataclass(frozen=True, slots=True)
class StrategyUndone:
    """The plan is what it was before it was applied."""

    id: str
    note: str = ""
