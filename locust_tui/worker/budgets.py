"""What spending comes to, as events: a warning once, and a question where a budget is spent."""

from __future__ import annotations

from locust_tui.analysis.budgets import GO_ON, SEEN, STOP, Spending, item_of, scopes_of_run, spendings
from locust_tui.domain.events import Asked, BudgetReached, EventBody
from locust_tui.domain.plan import Plan
from locust_tui.domain.world import RunStatus, World

from .conversing.permits import digest


def spending_events(plan: Plan, world: World, run: RunStatus) -> list[EventBody]:
    """What the run's latest use has reached, in each scope that it draws on, and that is not on record yet."""
    found: list[EventBody] = []
    for spending in spendings(plan, world, scopes_of_run(plan, run)):
        found += _reached(spending, world, run)
    return found


def _reached(spending: Spending, world: World, run: RunStatus) -> list[EventBody]:
    choices: tuple[str, ...]
    if spending.over:
        item = item_of(spending, 100.0 * (1 + spending.grants))
        what, choices = spending.words, (GO_ON, STOP)
    elif spending.warn <= spending.points < 100.0:
        item = item_of(spending, spending.warn)
        what = f"{spending.points:.0f} % of the budget of {spending.scope.replace(':', ' ', 1)}: {spending.figures}"
        choices = (SEEN,)
    else:
        return []
    if item in world.asks:
        return []
    detail = (
        "go-on lets as much again be spent; stop ends the agents that draw on it" if spending.over else ""
    )
    subject = spending.scope.partition(":")[2] or "plan"
    reached = BudgetReached(spending.scope, spending.measure, spending.points, spending.spent, spending.limit)
    shown = digest((item, what, detail, choices))
    return [reached, Asked(item, "escalation", subject, run.id, what, detail, choices, shown)]
