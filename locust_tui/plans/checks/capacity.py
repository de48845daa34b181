"""Caps that contradict each other or are never reached, and a pace that cannot be kept."""

from __future__ import annotations

import re
from collections import Counter

from ...analysis.soundness import busiest, enough_agents, least_pace, pace
from ...domain.plan import Plan
from ..findings import Findings
from ..tree import Tree


def check_capacity(plan: Plan, tree: Tree, findings: Findings) -> None:
    """Warn about pools, caps and the velocity target."""
    _check_pools(plan, findings)
    _check_cap(plan, findings)
    _check_type_caps(plan, tree, findings)
    _check_velocity(plan, findings)


def _bosses(plan: Plan) -> int:
    """Agents of the meta-orchestrator and the orchestrators; they count against the cap too."""
    own = sum(1 for o in plan.orchestrators.values() if o.agent)
    return own + (1 if plan.meta is not None and plan.meta.agent else 0)


def _check_pools(plan: Plan, findings: Findings) -> None:
    cap = plan.resources.max_agents
    total = sum(plan.resources.pools.values())
    if cap is None or not plan.resources.pools or total + _bosses(plan) <= cap:
        return
    bosses = _bosses(plan)
    parts = f"the pools add up to {total}" + (
        f", with {bosses} orchestrators to {total + bosses}" if bosses else ""
    )
    findings.warning(
        "pools",
        f"{parts}, but max_agents is {cap}; the cap wins",
        f"max_agents: {total + bosses}, or smaller pools",
        at=("resources", "pools"),
    )


def _check_cap(plan: Plan, findings: Findings) -> None:
    cap = plan.resources.max_agents
    if cap is None or not plan.workstreams:
        return
    bosses = _bosses(plan)
    most = busiest(plan)
    if most is None:
        most, reason = len(plan.workstreams), f"the plan has {len(plan.workstreams)} workstreams"
    else:
        reason = f"at most {most} workstreams are planned for the same week"
    if most + bosses >= cap:
        return
    extra = f" (and {bosses} orchestrators)" if bosses else ""
    least = None if findings.failed else enough_agents(plan)
    same = f"; {least} at a time give the same finish as {cap}" if least is not None and least < cap else ""
    findings.warning(
        "cap",
        f"max_agents {cap} is never reached: {reason}{extra}{same}",
        f"max_agents: {most + bosses} is enough",
        at=("resources", "max_agents"),
    )


def _check_type_caps(plan: Plan, tree: Tree, findings: Findings) -> None:
    users = Counter(w.agent for w in plan.workstreams.values())
    users.update(o.agent for o in plan.orchestrators.values())
    if plan.meta is not None:
        users[plan.meta.agent] += 1
    for name, agent in plan.agents.items():
        where = ("agents", name, "max")
        if agent.max is not None and users[name] < agent.max and tree.events(where) is not None:
            many = "1 use" if users[name] == 1 else f"{users[name]} uses"
            findings.note(
                "cap",
                f"max {agent.max} of {name} is never reached: the plan has {many} of it",
                f"max: {max(1, users[name])} is enough",
                at=where,
            )


_VELOCITY = re.compile(r"\s*(?:workstreams_completed\s*/\s*week|velocity)\s*\Z")


def _check_velocity(plan: Plan, findings: Findings) -> None:
    for id_, kpi in plan.kpis.items():
        least = least_pace(kpi)
        if least is None or not _VELOCITY.match(kpi.measure):
            continue
        found = pace(plan, least)
        if found is None or found.average >= least:
            continue
        key = "target" if kpi.low is not None else "min" if kpi.minimum is not None else "above"
        message = (
            f"{id_} {kpi.target} cannot be met: {len(plan.workstreams)} workstreams in {found.weeks} weeks "
            f"are {found.average:.2f} a week"
        )
        if found.reached:
            message += f"; by its own dates only {_weeks(found.reached)} {'reaches' if len(found.reached) == 1 else 'reach'} {least:g}"
        average = int(found.average)
        findings.warning(
            "velocity", message, f"target: {max(1, average)}-{average + 1}", at=("kpis", id_, key)
        )


def _weeks(numbers: tuple[int, ...]) -> str:
    """ "week 4", "weeks 4, 6 and 8"."""
    if len(numbers) == 1:
        return f"week {numbers[0]}"
    return f"weeks {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"
