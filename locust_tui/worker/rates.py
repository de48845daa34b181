"""What agents cost by the hour, where their type has a rate and they do not say themselves what they cost."""

from __future__ import annotations

from collections.abc import Iterable

from locust_tui.domain.events import RunUsed
from locust_tui.domain.plan import Plan
from locust_tui.domain.world import RunStatus

EVERY_S = 60.0
"""How often the cost of a live run goes on record."""
HOUR_S = 3600.0
_SAY_THEIR_COST = frozenset({"claude"})


class Rates:
    """One per worker; remembers what it said of whom."""

    def __init__(self) -> None:
        self._said: dict[str, tuple[float, float]] = {}
        """Run → (when, dollars)."""

    def look(self, plan: Plan, live: Iterable[RunStatus], now: float) -> list[RunUsed]:
        """What live runs have cost so far, each once in EVERY_S."""
        return [
            used
            for run in live
            if now - self._said.get(run.id, (run.started or now, 0.0))[0] >= EVERY_S
            for used in self._used(plan, run, now)
        ]

    def last(self, plan: Plan, run: RunStatus, now: float) -> list[RunUsed]:
        """What a run that has ended has cost in all."""
        used = self._used(plan, run, now)
        self._said.pop(run.id, None)
        return used

    def _used(self, plan: Plan, run: RunStatus, now: float) -> list[RunUsed]:
        """Dollars: the rate times the hours since it started; nothing where the agent itself said otherwise."""
        kind = plan.agents.get(run.agent_type)
        if kind is None or kind.rate is None or run.started is None:
            return []
        if kind.kind in _SAY_THEIR_COST and not kind.pty:
            return []
        said = self._said.get(run.id)
        told_by_itself = (
            kind.kind == "acp" and run.cost_usd is not None and (said is None or said[1] != run.cost_usd)
        )
        if told_by_itself:
            return []
        cost = round(kind.rate * max(0.0, now - run.started) / HOUR_S, 6)
        self._said[run.id] = (now, cost)
        return [RunUsed(run.id, cost_usd=cost)] if cost != run.cost_usd else []
