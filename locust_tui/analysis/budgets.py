"""Budgets: what was spent in each scope, and which are spent up. Sums run over all attempts on record."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.plan import Budget, Plan
from locust_tui.domain.world import RunStatus, World

GO_ON, STOP, SEEN = "go-on", "stop", "seen"
"""Choices: `go-on` lets as much again be spent; `seen` puts a warning away."""
BUDGET = "budget:"
"""So begin items of the inbox about a budget."""
MEASURES = ("cost", "tokens")
PLAN = "plan"


@dataclass(frozen=True, slots=True)
class Spending:
    """One measure of one budget."""

    scope: str
    """"plan", "orchestrator:ID", "workstream:ID" or "run:ID"."""
    measure: str
    spent: float
    limit: float
    warn: float
    allowed: float = 100.0
    """Points up to which it may be spent; more than 100 where a person let it go on."""

    @property
    def points(self) -> float:
        if self.limit <= 0:
            return 100.0 if self.spent > 0 else 0.0
        return 100.0 * self.spent / self.limit

    @property
    def over(self) -> bool:
        """Nothing more may be spent."""
        return self.points >= self.allowed

    @property
    def words(self) -> str:
        """ "the budget of workstream a is spent: $5.02 of $5.00"."""
        return f"the budget of {self.scope.replace(':', ' ', 1)} is spent: {self.figures}"

    @property
    def figures(self) -> str:
        if self.measure == "cost":
            return f"${self.spent:,.2f} of ${self.limit:,.2f}"
        return f"{self.spent:,.0f} of {self.limit:,.0f} tokens"


def spendings(plan: Plan, world: World, scopes: Iterable[str]) -> Iterator[Spending]:
    """Every measure of the budgets of `scopes`, as the plan in force has them."""
    for scope in scopes:
        budget = _budget(plan, world, scope)
        if budget is None:
            continue
        runs = _runs_in(plan, world, scope)
        for measure in MEASURES:
            limit = getattr(budget, measure)
            if limit is not None:
                spent = sum(_spent(run, measure) for run in runs)
                yield Spending(
                    scope, measure, spent, limit, budget.warn, allowed_points(world, scope, measure)
                )


def spent_up(plan: Plan, world: World, scopes: tuple[str, ...]) -> Spending | None:
    """The first of `scopes` in which nothing more may be spent. Costs nothing while no budget was ever reached."""
    reached = {key.rpartition("/")[0] for key, b in world.budgets.items() if b.points >= 100}
    mine = [scope for scope in scopes if scope in reached]
    if not mine:
        return None
    return next((s for s in spendings(plan, world, mine) if s.over), None)


def scopes_of(plan: Plan, subject: str) -> tuple[str, ...]:
    """Scopes that a start of `subject` (a workstream, an orchestrator) draws on."""
    workstream = plan.workstreams.get(subject)
    if workstream is None:
        return (PLAN, f"orchestrator:{subject}") if subject in plan.orchestrators else (PLAN,)
    above = (f"orchestrator:{workstream.orchestrator}",) if workstream.orchestrator else ()
    return (PLAN, *above, f"workstream:{subject}")


def scopes_of_run(plan: Plan, run: RunStatus) -> tuple[str, ...]:
    return (*scopes_of(plan, run.subject), f"run:{run.id}")


def item_of(spending: Spending, points: float) -> str:
    """The inbox's item for one threshold of one budget."""
    return f"{_prefix(spending.scope, spending.measure)}{points:g}"


def shown_points(spending: Spending) -> float:
    """Whole points that are spent, by which the item of the question is named: a `go-on` is to a hundred more."""
    return max(100.0, math.floor(min(spending.points, 1e9) + 1e-6))


def asked_before(world: World, spending: Spending) -> bool:
    """Whether a person was asked about this hundred of points: once is enough."""
    prefix, hundred = _prefix(spending.scope, spending.measure), math.floor(shown_points(spending) / 100.0)
    points = (float(item.removeprefix(prefix)) for item in world.asks if item.startswith(prefix))
    return any(math.floor(one / 100.0) == hundred for one in points)


def unanswered(world: World, spending: Spending) -> bool:
    """Whether a person is being asked already whether it may go on."""
    prefix = _prefix(spending.scope, spending.measure)
    return any(a.open and GO_ON in a.choices and a.item.startswith(prefix) for a in world.asks.values())


def _budget(plan: Plan, world: World, scope: str) -> Budget | None:
    what, _, id = scope.partition(":")
    match what:
        case "orchestrator":
            return plan.orchestrators[id].budget if id in plan.orchestrators else None
        case "workstream":
            return plan.workstreams[id].budget if id in plan.workstreams else None
        case "run":
            kind = plan.agents.get(world.runs[id].agent_type) if id in world.runs else None
            return kind.budget if kind is not None else None
    return plan.budget


def _runs_in(plan: Plan, world: World, scope: str) -> list[RunStatus]:
    what, _, id = scope.partition(":")
    if what == "run":
        return [world.runs[id]]
    return [run for run in world.runs.values() if scope in scopes_of(plan, run.subject)]


def _spent(run: RunStatus, measure: str) -> float:
    return float((run.cost_usd if measure == "cost" else run.tokens) or 0.0)


def allowed_points(world: World, scope: str, measure: str) -> float:
    """Points that may be spent: 100, or a hundred more than a person was shown when it last might go on."""
    prefix = _prefix(scope, measure)
    granted = [a.item for a in world.asks.values() if a.choice == GO_ON and a.item.startswith(prefix)]
    return max((float(item.removeprefix(prefix)) for item in granted), default=0.0) + 100.0


def _prefix(scope: str, measure: str) -> str:
    return f"{BUDGET}{scope}:{measure}:"
