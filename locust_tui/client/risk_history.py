"""How a risk came to where it stands, read from the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from locust_tui.domain.events import RiskMoved
from locust_tui.domain.studies.risks import RiskMove

if TYPE_CHECKING:
    from locust_tui.state.reader import ReadOnlyStore

MOST_MOVES = 200


def risk_history(store: ReadOnlyStore, risk: str) -> tuple[RiskMove, ...]:
    """Its moves, oldest first, the latest of them where there are very many."""
    events = store.events(subject=risk, kinds=("risk.moved",))
    moves = [
        RiskMove(event.revision, event.at, event.body.state, event.by.name, event.body.why)
        for event in events
        if isinstance(event.body, RiskMoved)
    ]
    return tuple(moves[-MOST_MOVES:])
