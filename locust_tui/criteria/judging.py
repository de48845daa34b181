"""The verdict on a criterion from what was observed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from locust_tui.domain.criterion import Criterion
from locust_tui.domain.states import CriterionState

from .observation import HttpOutcome, ProbeOutcome


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict: `value` is in `unit`; `text` stands where the value is no plain number."""

    state: CriterionState
    value: float | None = None
    unit: str | None = None
    text: str | None = None
    detail: str = ""
    command: str | None = None
    exit_code: int | None = None


def judge(
    criterion: Criterion,
    observed: Mapping[str, ProbeOutcome | HttpOutcome],
    root: Path,
    *,
    signed: Collection[int] = (),
) -> Judged:
    """The state of `criterion`; reads the files it names below `root`. Blocking: call it off the event loop."""
    raise NotImplementedError


async def measure(
    criterion: Criterion,
    outcomes: Mapping[str, ProbeOutcome],
    root: Path,
    *,
    signed: Collection[int] = (),
) -> Judged:
    """Fetch the addresses the criterion names, then `judge` in a thread."""
    raise NotImplementedError
