"""External resources: more agents of a type at a time; what that brings is seen by levelling the rest of the plan anew."""

from __future__ import annotations

import math
from dataclasses import replace

from locust_tui.domain.plan import Gate, Milestone, Need, Plan, Strategy, Workstream
from locust_tui.domain.states import WorkstreamState
from locust_tui.domain.studies.strategies import CapRaised, Edit, Refusal
from locust_tui.errors import UsageError

from ..caps import plan_caps
from ..driving import EPSILON
from ..earned_cost import hours_of_a_week
from ..levelling import under_plan_caps
from ..slots import FLOATING
from .case import Case, Proposal, option


def add_capacity(case: Case, strategy: Strategy) -> Proposal:
    """Keys of the strategy: adds ({TYPE: COUNT}), from (a plan week: not before), rate (dollars an hour of each)."""
    adds = option(strategy, "adds", {})
    if not adds:
        return Proposal(reason="it adds nothing: adds: {TYPE: COUNT}")
    edits: list[Edit] = []
    refused: list[Refusal] = []
    notes: list[str] = []
    plan = case.plan
    for name, count in adds.items():
        if not isinstance(count, int) or count < 1:
            raise UsageError(
                f"strategy {strategy.id}: adds {name} is a whole number above 0", help=f"adds: {{{name}: 2}}"
            )
        if name not in plan.agents:
            refused.append(Refusal(name, "no agent type of this plan"))
            continue
        raised = _raised(plan, name, count)
        if not raised:
            notes.append(f"no cap limits {name}: as many as there is work for may run already")
        for edit in raised:
            plan = case.after((*edits, edit)).plan
            edits.append(edit)
    if not edits:
        return Proposal((), tuple(refused), tuple(notes), reason="no cap stands in the way")
    first = option(strategy, "from", 0)
    if first > 1:
        notes.append(
            f"they come in week {first}: apply it then; the finish shown has them from now on, at best"
        )
    before, after = levelled_weeks(case), levelled_weeks(case.after(tuple(edits)))
    if before is not None and after is not None and after > before - EPSILON:
        notes.append("0.0 weeks: agents are not the limit")
    return Proposal(tuple(edits), tuple(refused), tuple(notes))


def _raised(plan: Plan, agent: str, count: int) -> list[CapRaised]:
    """Every cap that `count` more of a type would run into: its own, the plan's, and the floating pool or the quotas of
    those who use it."""
    found = []
    resources, cap = plan.resources, plan.agents[agent].max
    if cap is not None:
        found.append(CapRaised(("agents", agent, "max"), cap, cap + count))
    if resources.max_agents is not None:
        total = resources.max_agents
        found.append(CapRaised(("resources", "max_agents"), total, total + count))
    owners = [
        o
        for o in resources.pools
        if o == FLOATING or any(w.agent == agent and w.orchestrator == o for w in plan.workstreams.values())
    ]
    for owner in [FLOATING] if FLOATING in owners else owners:
        quota = resources.pools[owner]
        found.append(CapRaised(("resources", "pools", owner), quota, quota + count))
    return found


def cost_at_most(case: Case, strategy: Strategy, until: float | None) -> tuple[float | None, str]:
    """Dollars that the added agents cost if they are paid from their first week to the finish, and why that is not known."""
    plan, past = case.plan, case.past
    begin = max(past.at, option(strategy, "from", 1) - 1.0)
    total = 0.0
    for name, count in option(strategy, "adds", {}).items():
        agent = plan.agents.get(name)
        rate = option(strategy, "rate", agent.rate if agent is not None and agent.rate is not None else -1.0)
        if rate < 0:
            return None, f"no rate is known for {name}"
        if until is None:
            return None, "the finish is not known"
        total += count * rate * hours_of_a_week(plan.calendar) * max(0.0, until - begin)
    return total, ""


def levelled_weeks(case: Case) -> float | None:
    """The finish with no more agents at a time than the plan allows, in plan weeks; None where it names no cap, or a cap
    of none bars work for ever."""
    caps = plan_caps(case.plan)
    if caps.total is None and not caps.types and not caps.quotas:
        return None
    rest, at = remaining(case)
    weeks = at + under_plan_caps(rest).weeks
    return weeks if math.isfinite(weeks) else None


def remaining(case: Case) -> tuple[Plan, float]:
    """The plan that is left at this moment (plan weeks): what is done or out of scope is gone, what runs has the rest of
    its time before it."""
    past = case.past
    left: dict[str, Workstream] = {}
    for id, w in case.plan.workstreams.items():
        if not case.unfinished(id):
            continue
        if id in past.started and case.world.workstream(id).state is not WorkstreamState.PLANNED:
            gone = past.at - past.started[id]
            rest = max(
                1 / 7, (w.weeks.duration if w.weeks else w.estimate[1] if w.estimate else 1.0) * w.gain - gone
            )
            w = replace(w, weeks=None, estimate=(rest, rest, rest), crew=None, needs=())
        left[id] = w
    known = {
        *left,
        *(g for g in case.plan.gates if g not in past.finished),
        *(m.id for m in case.plan.milestones),
    }

    def kept(needs: tuple[Need, ...]) -> tuple[Need, ...]:
        return tuple(n for n in needs if n.target in known)

    def of(one: Workstream) -> Workstream:
        return replace(one, needs=kept(one.needs))

    gates: dict[str, Gate] = {
        g.id: replace(g, needs=kept(g.needs)) for g in case.plan.gates.values() if g.id in known
    }
    milestones: list[Milestone] = [replace(m, needs=kept(m.needs)) for m in case.plan.milestones]
    works = {id: of(w) for id, w in left.items()}
    return replace(case.plan, workstreams=works, gates=gates, milestones=tuple(milestones)), past.at
