"""Which strategies a plan offers: those it names, and those that need no more than the plan itself."""

from __future__ import annotations

from locust_tui.domain.plan import Plan, Strategy
from locust_tui.errors import NotFoundError, did_you_mean

_ALWAYS = (
    Strategy("crash", "Crashing", "crash", "More agents on critical work"),
    Strategy("fast-track", "Fast-tracking", "fast-track", "Critical work begins on unfinished work"),
)

OPTIONS = {
    "crash": ("max_agents_per_workstream", "gain", "workstreams", "further"),
    "fast-track": ("percent", "workstreams"),
    "descope": ("candidates", "to", "relink"),
    "waive": ("criteria", "except", "owner", "due"),
    "add-capacity": ("adds", "from", "rate"),
}
"""Kind → the keys that a strategy of it may have."""


def offered(plan: Plan) -> tuple[Strategy, ...]:
    """In the plan's order; crashing and fast-tracking stand behind them where it names none of that kind."""
    kinds = {s.kind for s in plan.strategies}
    names = {s.id for s in plan.strategies}
    return (*plan.strategies, *(s for s in _ALWAYS if s.kind not in kinds and s.id not in names))


def find_strategy(plan: Plan, wanted: str) -> Strategy:
    """By its id, whatever the case, or by its kind where only one has it. NotFoundError with near names."""
    known = {s.id: s for s in offered(plan)}
    found = known.get(wanted) or {id.casefold(): s for id, s in known.items()}.get(wanted.casefold())
    if found is None:
        alike = [s for s in known.values() if s.kind == wanted.casefold()]
        found = alike[0] if len(alike) == 1 else None
    if found is None:
        near = did_you_mean(wanted, known) or f"strategies of this plan: {', '.join(known)}"
        raise NotFoundError(f'no strategy "{wanted}"', help=near)
    return found
