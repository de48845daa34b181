"""What spending comes to, as events: a warning once, and a question where a budget is spent."""

from __future__ import annotations

from dataclasses import replace

from locust_tui.analysis.budgets import (
    GO_ON,
    SEEN,
    STOP,
    Spending,
    asked_before,
    item_of,
    scopes_of,
    scopes_of_run,
    shown_points,
    spendings,
    unanswered,
)
from locust_tui.domain.events import Asked, AskWithdrawn, BudgetReached, EventBody
from locust_tui.domain.plan import Plan
from locust_tui.domain.states import UNFINISHED
from locust_tui.domain.world import RunStatus, World

from .conversing.permits import digest


def spending_events(plan: Plan, world: World, run: RunStatus) -> list[EventBody]:
    """What the run's latest use has reached, in each scope that it draws on, and that is not on record yet."""
    found: list[EventBody] = []
    for spending in spendings(plan, world, scopes_of_run(plan, run)):
        found += _reached(spending, world, run)
    return found


def still_over(plan: Plan, world: World, item: str, run: str) -> list[EventBody]:
    """The next question, where a budget is spent further than the `go-on` to `item` lets it be."""
    scope, measure, points = item.removeprefix("budget:").rsplit(":", 2)
    for spending in spendings(plan, world, (scope,)):
        lifted = replace(spending, allowed=float(points) + 100.0)
        if spending.measure == measure and lifted.over:
            return _asked(lifted, item_of(lifted, shown_points(lifted)), run)
    return []


def needless_questions(plan: Plan, world: World, finished: set[str]) -> list[EventBody]:
    """Questions about budgets that nothing draws on any more, now that the workstreams in `finished` are."""
    left = {w for w in plan.workstreams if w not in finished and world.workstream(w).state in UNFINISHED}
    found: list[EventBody] = []
    for ask in world.open_asks():
        if not ask.item.startswith("budget:") or GO_ON not in ask.choices:
            continue
        scope = ask.item.removeprefix("budget:").rsplit(":", 2)[0]
        runs = any(scope in scopes_of_run(plan, run) for run in world.live_runs())
        if not runs and not any(scope in scopes_of(plan, w) for w in left):
            found.append(AskWithdrawn(ask.item, "nothing that would spend it is left"))
    return found


def _reached(spending: Spending, world: World, run: RunStatus) -> list[EventBody]:
    if spending.over:
        if unanswered(world, spending) or asked_before(world, spending):
            return []
        return _asked(spending, item_of(spending, shown_points(spending)), run.id)
    item = item_of(spending, spending.warn)
    if spending.warn <= spending.points < 100.0 and item not in world.asks:
        return _asked(spending, item, run.id)
    return []


def _asked(spending: Spending, item: str, run: str) -> list[EventBody]:
    scope = spending.scope.replace(":", " ", 1)
    what = f"{spending.points:.0f} % of the budget of {scope}: {spending.figures}"
    detail, choices = "", _SEEN
    if spending.over:
        what, choices = spending.words, _CHOICES
        detail = "go-on lets as much again be spent; stop ends the agents that draw on it"
    subject = spending.scope.partition(":")[2] or "plan"
    shown = digest((item, what, detail, choices))
    return [
        BudgetReached(spending.scope, spending.measure, spending.points, spending.spent, spending.limit),
        Asked(item, "escalation", subject, run, what, detail, choices, shown),
    ]


_CHOICES: tuple[str, ...] = (GO_ON, STOP)
_SEEN: tuple[str, ...] = (SEEN,)
