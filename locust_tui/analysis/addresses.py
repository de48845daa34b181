"""Who is meant by a name: workstreams, orchestrators, the meta-orchestrator, runs, people and roles; and who is above whom."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from locust_tui.domain.plan import Plan
from locust_tui.domain.world import RunStatus

OPERATOR = "operator"
"""Whoever sits at the keyboard."""
_NUMBERED = re.compile(r"([a-z]+)-?0*(\d+)(?:[-_. ].*)?", re.IGNORECASE)


def address(plan: Plan, runs: Mapping[str, RunStatus], name: str) -> str | None:
    """The id behind `name`, or None where nobody is called so.

    In this order: an id, an alias, either in other case, and for workstreams their number with any words behind it
    ("ws-01-core-types", "WS01" for "WS-01"), where that fits exactly one of them.
    """
    named = known_names(plan, runs)
    if name in named:
        return named[name]
    folded: dict[str, set[str]] = {}
    for known, id in named.items():
        folded.setdefault(known.casefold(), set()).add(id)
    near = folded.get(name.casefold(), set())
    if len(near) == 1:
        return next(iter(near))
    return _by_number(name, plan.workstreams)


def known_names(plan: Plan, runs: Collection[str] = ()) -> dict[str, str]:
    """Every name that an address may be written as → its id."""
    people = {person for names in plan.people.values() for person in names} | set(plan.people)
    meta = {plan.meta.id} if plan.meta is not None else set()
    approvers = {role for gate in plan.gates.values() for role in gate.approvers}
    routed = {party for route in plan.escalation for party in route.to} - {"orchestrator"}
    ids = {
        *people,
        *plan.notify,
        *approvers,
        *routed,
        OPERATOR,
        *runs,
        *plan.workstreams,
        *plan.orchestrators,
        *meta,
    }
    aliases = {o.alias: id for id, o in plan.orchestrators.items() if o.alias}
    return {**{name: name for name in ids - {"default"}}, **aliases, **plan.aliases}


def has_agent(plan: Plan, runs: Mapping[str, RunStatus], id: str) -> bool:
    """Whether a process reads what is sent there, now or once it runs; else people do.

    The agent of an orchestrator that has ended, and is not asked for again, reads nothing any more.
    """
    if id in plan.workstreams or id in runs:
        return True
    boss = plan.meta if plan.meta is not None and plan.meta.id == id else plan.orchestrators.get(id)
    if boss is None or not (boss.agent and boss.instructions):
        return False
    last, attempt = None, 1
    while (run := runs.get(f"{id}.{attempt}")) is not None:
        last, attempt = run, attempt + 1
    return last is None or last.live or last.again


def superior(plan: Plan, id: str) -> str | None:
    """Who is above a workstream or an orchestrator: its orchestrator, or the meta-orchestrator; None above that one."""
    meta = plan.meta.id if plan.meta is not None else None
    workstream = plan.workstreams.get(id)
    if workstream is not None:
        return workstream.orchestrator or meta
    return meta if id in plan.orchestrators else None


def below(plan: Plan, id: str) -> tuple[str, ...]:
    """Whom an orchestrator or the meta-orchestrator commands directly, in plan order."""
    if plan.meta is not None and id == plan.meta.id:
        owned = [w.id for w in plan.workstreams.values() if w.orchestrator is None]
        return (*plan.orchestrators, *owned)
    return tuple(w.id for w in plan.workstreams.values() if w.orchestrator == id)


def may_command(plan: Plan, who: str, whom: str) -> bool:
    """Whether `whom` is below `who` at any depth."""
    above: str | None = whom
    while above is not None:
        above = superior(plan, above)
        if above == who:
            return True
    return False


def may_message(plan: Plan, who: str, whom: str) -> bool:
    """Whether the hierarchy lets `who` write to `whom`: up one step, down any, and to those beside it."""
    up = superior(plan, who)
    return whom == up or may_command(plan, who, whom) or superior(plan, whom) == up


def _by_number(name: str, workstreams: Collection[str]) -> str | None:
    wanted = _NUMBERED.fullmatch(name)
    if wanted is None:
        return None
    found = []
    for id in workstreams:
        numbered = _NUMBERED.fullmatch(id)
        if numbered and numbered[1].casefold() == wanted[1].casefold() and numbered[2] == wanted[2]:
            found.append(id)
    return found[0] if len(found) == 1 else None
