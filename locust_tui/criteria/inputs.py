"""What a result is bound to, and when it no longer holds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from locust_tui.domain.criterion import Criterion, CriterionResult


@dataclass(frozen=True, slots=True)
class InputState:
    """The content that a measurement sees."""

    digest: str | None
    """Criterion and content; None when there is nothing to be bound to."""
    commit: str | None = None
    dirty: bool = False
    source: str | None = None
    """Digest of what a check does not write itself: tracked files, or the files `inputs:` names."""


async def input_digest(root: Path, criterion: Criterion) -> InputState:
    """The present inputs of `criterion`, whose plan lies in `root`."""
    raise NotImplementedError


def bound(before: InputState, after: InputState) -> InputState:
    """Which of the two states, around a measurement, its result is bound to."""
    raise NotImplementedError


def is_stale(
    result: CriterionResult,
    criterion: Criterion,
    current: InputState | None,
    now: float,
    *,
    max_age: float | None = None,
) -> str | None:
    """Why `result` no longer holds, in words; None while it does."""
    raise NotImplementedError
