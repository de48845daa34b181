"""What was spent, by workstream, orchestrator and plan, beside the budgets. Sums run over all attempts on record."""

from __future__ import annotations

from collections.abc import Iterable

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.plan import Budget, Plan
from locust_tui.domain.snapshot import BudgetView, SpendView
from locust_tui.domain.world import RunStatus, World

from .budgets import MEASURES, PLAN, allowed_points


@dataclass(frozen=True, slots=True)
class Spent:
    """Only what has spent anything, or has a budget, is in the tables."""

    plan: SpendView | None
    orchestrators: dict[str, SpendView]
    workstreams: dict[str, SpendView]


def spent(plan: Plan, world: World) -> Spent:
    """Dollars and tokens as the agents reported them; None where none of them reports any."""
    by_subject: dict[str, list[RunStatus]] = {}
    for run in world.runs.values():
        if run.tokens is not None or run.cost_usd is not None:
            by_subject.setdefault(run.subject, []).append(run)
    every = [run for runs in by_subject.values() for run in runs]
    orchestrators, workstreams = {}, {}
    for o in plan.orchestrators.values():
        mine = [r for subject in (o.id, *o.workstreams) for r in by_subject.get(subject, ())]
        if view := _view(mine, o.budget, f"orchestrator:{o.id}", world):
            orchestrators[o.id] = view
    for w in plan.workstreams.values():
        if view := _view(by_subject.get(w.id, ()), w.budget, f"workstream:{w.id}", world):
            workstreams[w.id] = view
    return Spent(_view(every, plan.budget, PLAN, world), orchestrators, workstreams)


def _view(runs: Iterable[RunStatus], budget: Budget | None, scope: str, world: World) -> SpendView | None:
    runs = list(runs)
    if not runs and budget is None:
        return None
    tokens = [r.tokens for r in runs if r.tokens is not None]
    costs = [r.cost_usd for r in runs if r.cost_usd is not None]
    view = SpendView(sum(tokens) if tokens else None, sum(costs) if costs else None)
    if budget is None:
        return view
    budgets = []
    for measure in MEASURES:
        limit = getattr(budget, measure)
        if limit is not None:
            used = float((view.cost_usd if measure == "cost" else view.tokens) or 0.0)
            allowed = limit * allowed_points(world, scope, measure) / 100
            points = 100.0 * used / allowed if allowed > 0 else (100.0 if used > 0 else 0.0)
            budgets.append(BudgetView(measure, used, allowed, points, budget.warn))
    return SpendView(view.tokens, view.cost_usd, tuple(budgets))
