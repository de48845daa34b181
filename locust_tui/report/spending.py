"""The report's lines about what was spent."""

from __future__ import annotations

from collections.abc import Iterator

from ..domain.snapshot import Snapshot, SpendView
from .figures import percent
from .run_words import spend_words, worst_budget


def spending_lines(snapshot: Snapshot) -> Iterator[str]:
    """The plan's total, then each orchestrator's, then workstreams with budgets.

    Nothing when no agent said that it spent anything and no budget stands: hours at a rate alone are no news, and the
    template's sections then end the report.
    """
    total = snapshot.spend
    if total is None or (total.tokens is None and (total.cost_usd is None or not _has_budget(snapshot))):
        return
    yield f"Plan: {_words(total)}"
    for o in snapshot.orchestrators:
        if o.spend is not None:
            yield f"{o.name}: {_words(o.spend)}"
    for w in snapshot.workstreams:
        if w.spend is not None and w.spend.budgets:
            yield f"{w.id} {w.name}: {_words(w.spend)}"


def _has_budget(snapshot: Snapshot) -> bool:
    views = (
        snapshot.spend,
        *(o.spend for o in snapshot.orchestrators),
        *(w.spend for w in snapshot.workstreams),
    )
    return any(view is not None and view.budgets for view in views)


def _words(spend: SpendView) -> str:
    worst = worst_budget(spend)
    return spend_words(spend) + (f" ({percent(worst.points)} of its budget)" if worst is not None else "")
