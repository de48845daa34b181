"""Gates and milestones of a plan."""

from __future__ import annotations

from enum import StrEnum

from locust_tui.domain.dataclass import dataclass

from ..criterion import Criterion
from .work import Need


class GateMode(StrEnum):
    HARD = "hard"
    OVERLAP = "overlap"
    ADVISORY = "advisory"


@dataclass(frozen=True, slots=True)
class Gate:
    id: str
    name: str
    closes: str | None = None
    """Id of the phase it closes."""
    opens: str | None = None
    needs: tuple[Need, ...] = ()
    week: int | None = None
    """Due at the end of this plan week; never a condition."""
    mode: GateMode = GateMode.OVERLAP
    criteria: tuple[Criterion, ...] = ()
    approvers: tuple[str, ...] = ()
    min_approvals: int = 1


@dataclass(frozen=True, slots=True)
class Milestone:
    id: str
    name: str
    week: int | None = None
    needs: tuple[Need, ...] = ()
