"""How a risk came to where it stands."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass

from ..states import RiskState


@dataclass(frozen=True, slots=True)
class RiskMove:
    """One move of a risk, as the record has it."""

    revision: int
    at: float
    state: RiskState
    by: str
    """ "worker": its watch moved it."""
    why: str
