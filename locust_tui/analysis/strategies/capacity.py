"""External resources: more agents of a type at a time; what that brings is seen by levelling the rest of the plan anew."""

from __future__ import annotations

import math
from dataclasses import replace

from locust_tui.domain.plan import Need, NeedKind, Plan, Strategy, Workstream
from locust_tui.domain.studies.strategies import CapRaised, Edit, Refusal
from locust_tui.errors import UsageError

from ..caps import plan_caps
from ..driving import EPSILON
from ..earned_cost import hours_of_a_week
from ..levelling import under_plan_caps
from ..network import overlap_fraction, planned_duration
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
    plan, past = case.plan, case.past
    rests = {id: _rest(case, id) for id in past.started if id in plan.workstreams and case.unfinished(id)}
    left: dict[str, Workstream] = {}
    for id, w in plan.workstreams.items():
        if id in rests:
            rest = rests[id]
            w = replace(w, weeks=None, estimate=(rest, rest, rest), crew=None, needs=())
        if case.unfinished(id):
            left[id] = w
    shut = {id: gate for id, gate in plan.gates.items() if id not in past.finished}
    known = {*left, *shut, *(m.id for m in plan.milestones)}

    def kept(needs: tuple[Need, ...]) -> tuple[Need, ...]:
        return tuple(_of_rest(case, n, rests) for n in needs if n.target in known)

    return (
        replace(
            plan,
            workstreams={id: replace(w, needs=kept(w.needs)) for id, w in left.items()},
            gates={id: replace(gate, needs=kept(gate.needs)) for id, gate in shut.items()},
            milestones=tuple(replace(m, needs=kept(m.needs)) for m in plan.milestones),
        ),
        past.at,
    )


def _rest(case: Case, id: str) -> float:
    """Weeks that work under way still takes, at least a working day."""
    days = len(case.plan.calendar.workdays) or 5
    gone = case.past.at - case.past.started[id]
    return max(1 / days, planned_duration(case.plan.workstreams[id]) - gone)


def _of_rest(case: Case, need: Need, rests: dict[str, float]) -> Need:
    """A need of a part of work under way, as a part of what is left of it."""
    share = overlap_fraction(case.plan, need) if need.target in rests else None
    if share is None:
        return need
    past = case.past
    wanted = share * planned_duration(case.plan.workstreams[need.target])
    ahead = max(0.0, wanted - (past.at - past.started[need.target]))
    percent = min(100.0, 100.0 * ahead / rests[need.target])
    return Need(need.target, NeedKind.PERCENT, percent=percent, hard=need.hard)
