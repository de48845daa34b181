"""Money of a plan: what its work was to cost, and what its runs have cost."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.events import Event, RunUsed
from locust_tui.domain.plan import WEEK_S, Calendar, Plan, Workstream
from locust_tui.domain.states import STANDING_STILL
from locust_tui.domain.world import RunStatus, World

from .slots import OWN_COMMAND


@dataclass(frozen=True, slots=True)
class Budgets:
    """Planned cost of each workstream that has one; `basis` says in words where they come from."""

    of: dict[str, float]
    basis: str


def budgets_of(plan: Plan) -> Budgets:
    """Each workstream's own cost budget, else its planned agent hours times the rate of its agent type.

    Where that leaves one without, the plan's cost budget is shared out by weight, where it has one.
    """
    own = {w.id: w.budget.cost for w in plan.workstreams.values() if w.budget and w.budget.cost is not None}
    rated = {w.id: cost for w in plan.workstreams.values() if (cost := planned_cost(plan, w)) is not None}
    found = {**rated, **own}
    whole = plan.budget.cost if plan.budget is not None else None
    weight = sum(w.weight for w in plan.workstreams.values())
    if len(found) < len(plan.workstreams) and whole is not None and weight > 0:
        shared = {w.id: whole * w.weight / weight for w in plan.workstreams.values()}
        return Budgets(shared, "the plan's budget, shared out by weight")
    parts = ["the workstreams' budgets"] if own else []
    parts += ["planned agent hours times rate"] if rated.keys() - own.keys() else []
    return Budgets(found, " and ".join(parts))


def planned_cost(plan: Plan, workstream: Workstream) -> float | None:
    """Planned weeks × working hours of a week × rate; None without weeks or a rate."""
    if workstream.run is not None:
        return 0.0
    agent = plan.agents.get(workstream.agent or "")
    if agent is None or agent.rate is None:
        return None
    if workstream.weeks is not None:
        weeks = float(workstream.weeks.duration)
    elif workstream.estimate is not None:
        weeks = workstream.estimate[1]
    else:
        return None
    return weeks * hours_of_a_week(plan.calendar) * agent.rate


def hours_of_a_week(calendar: Calendar) -> float:
    """Working hours; in plans with scaled weeks, the real hours that one takes."""
    if calendar.week_s == WEEK_S:
        return calendar.hours * (len(calendar.workdays) or 5)
    return calendar.week_s / 3600.0


class Spending:
    """What runs have cost up to any moment: what the agent said, else hours at work times its type's rate.

    A workstream's own command costs nothing. `events`: those of what runs used, oldest first; without them only
    the present is known of agents that say what they cost.
    """

    def __init__(self, plan: Plan, world: World, now: float, events: Iterable[Event] = ()) -> None:
        self._plan, self._now = plan, now
        self._runs = world.runs
        self._told: dict[str, tuple[list[float], list[float]]] = {}
        """Run → moments at which it said what it has cost so far, and what it said."""
        for event in events:
            body = event.body
            if isinstance(body, RunUsed) and body.cost_usd is not None:
                moments, costs = self._told.setdefault(body.run, ([], []))
                moments.append(event.at)
                costs.append(body.cost_usd)

    def runs_of(self, subjects: Collection[str] | None) -> list[RunStatus]:
        """Runs that have begun, of these subjects; None: all."""
        return [
            r
            for r in self._runs.values()
            if r.started is not None and (subjects is None or r.subject in subjects)
        ]

    def unknown(self, runs: Sequence[RunStatus]) -> int:
        """How many of them nobody can tell the cost of."""
        return sum(r.cost_usd is None and self._rate(r) is None for r in runs)

    def until(self, runs: Iterable[RunStatus], at: float) -> float:
        """What those cost up to `at` whose cost is known."""
        return sum(self._cost(r, at) for r in runs)

    def _cost(self, run: RunStatus, at: float) -> float:
        if run.cost_usd is not None:
            if at >= self._now:
                return run.cost_usd
            moments, costs = self._told.get(run.id, ((), ()))
            before = bisect_right(moments, at)
            return costs[before - 1] if before else 0.0
        return (self._rate(run) or 0.0) * hours_at_work(run, at, self._now)

    def _rate(self, run: RunStatus) -> float | None:
        if run.agent_type == OWN_COMMAND:
            return 0.0
        agent = self._plan.agents.get(run.agent_type)
        return agent.rate if agent is not None else None


def hours_at_work(run: RunStatus, at: float, now: float) -> float:
    """Hours of a run up to `at`; the time that it stood still is left out at its beginning, as of `now`."""
    if run.started is None:
        return 0.0
    still = run.stood_still
    if run.ended is None and run.state in STANDING_STILL and run.since is not None:
        still += max(0.0, now - run.since)
    end = min(at, now if run.ended is None else run.ended)
    return max(0.0, end - run.started - still) / 3600.0
