"""What a request for more agents, an answer to it and time come to: events and the data told. Pure."""

from __future__ import annotations

import hashlib

from locust_tui.analysis import grants
from locust_tui.analysis.addresses import address
from locust_tui.client import requests as r
from locust_tui.domain import events as e
from locust_tui.domain.plan import Plan
from locust_tui.domain.world import AskStatus, RunStatus, World
from locust_tui.errors import NotFoundError, RefusedError, UsageError, did_you_mean

from ..told import Told
from .telling import in_plan, tell

MOST, MOST_TEXT = 100, 16_384


def request_agents(plan: Plan, world: World, request: r.RequestAgents, run: RunStatus | None) -> Told:
    """An item in the inbox. The same orchestrator and type ask once at a time."""
    if not 1 <= request.count <= MOST:
        raise UsageError(f"{request.count} agents are no request", help=f"1 to {MOST}")
    if request.expires is not None and request.expires <= 0:
        raise UsageError("a grant that is over at once is none", help="how long it lasts: 4h, 2d")
    agent_type = _type(plan, request.agent_type)
    owner = _owner(plan, world, request, run)
    subject = owner or agent_type
    expires = request.expires if request.expires is not None else plan.resources.requests.expires
    wanted = grants.Wanted(request.count, owner, agent_type, expires)
    mine = [(a, w) for a in world.asks.values() if (w := grants.wanted(a)) is not None]
    for ask, before in mine:
        if ask.open and (before.orchestrator, before.agent_type) == (owner, agent_type):
            return Told({"item": ask.item, "waiting": True, "count": before.count, "known": True})
    number = sum(ask.subject == subject for ask, _ in mine) + 1
    item, what = f"request:{subject}:{number}", _words(plan, wanted, request.why)
    choices = grants.choices_for(request.count)
    asked = e.Asked(
        item, "request", subject, run.id if run else "", what, request.why[:MOST_TEXT], choices,
        _digest(item, what, request.why), wanted.ref,
    )  # fmt: skip
    return Told({"item": item, "waiting": True, "count": request.count}, (asked,))


def _type(plan: Plan, named: str) -> str:
    """Where the plan defines agent types, one of them or one that its work names; else any word."""
    agents = [w.agent for w in plan.workstreams.values()] + [o.agent for o in plan.orchestrators.values()]
    used = {*agents, plan.meta.agent if plan.meta is not None else None}
    if named and plan.agents and named not in {*plan.agents, *used}:
        near = did_you_mean(named, plan.agents) or f"one of: {', '.join(plan.agents)}"
        raise NotFoundError(f'no agent type "{named}"', help=near)
    return named


def _owner(plan: Plan, world: World, request: r.RequestAgents, run: RunStatus | None) -> str:
    """The orchestrator that it is for; empty where only an agent type's cap is asked about."""
    named = request.orchestrator or ""
    found = (address(plan, world.runs, named) or named) if named else (run.subject if run else "")
    if found in plan.workstreams:
        found = plan.workstreams[found].orchestrator or ""
    if found in plan.orchestrators or (not named and request.agent_type):
        return found if found in plan.orchestrators else ""
    whose = f'no orchestrator "{named}"' if named else f"{run.subject if run else 'you'} has no orchestrator"
    known = (
        f"one of {', '.join(plan.orchestrators)}" if plan.orchestrators else "the plan has none to ask for"
    )
    raise NotFoundError(whose, help=did_you_mean(named, plan.orchestrators) or known)


def _words(plan: Plan, wanted: grants.Wanted, why: str) -> str:
    who = wanted.orchestrator or "the plan"
    has = []
    if wanted.orchestrator:
        quota = plan.resources.pools.get(wanted.orchestrator)
        has.append(f"its quota is {quota}" if quota is not None else "it has no quota of its own")
    if wanted.agent_type:
        agent = plan.agents.get(wanted.agent_type)
        cap = agent.max if agent is not None else None
        has.append(f"{wanted.agent_type} has {f'a cap of {cap}' if cap is not None else 'no cap of its own'}")
    type_words = f" {wanted.agent_type}" if wanted.agent_type else ""
    agents = "agent" if wanted.count == 1 else "agents"
    reason = f", for {why.splitlines()[0][:120]}" if why.strip() else ""
    return f"{who} asks for {wanted.count} more{type_words} {agents} at a time{reason} ({', '.join(has)})"


def by_rule(plan: Plan, world: World, ask: AskStatus, now: float) -> list[e.EventBody]:
    """What the plan's rule answers to an open request; nothing where a person is asked, or there is no room yet."""
    wanted, rule = grants.wanted(ask), plan.resources.requests.grant
    if wanted is None or not ask.open or rule == grants.ASK:
        return []
    if rule == grants.NEVER:
        return _answered(plan, world, ask, wanted, 0, now, rule)
    left = grants.room(plan, world)
    count = wanted.count if left is None else min(left, wanted.count)
    return _answered(plan, world, ask, wanted, count, now, rule) if count else []


def _answered(
    plan: Plan, world: World, ask: AskStatus, wanted: grants.Wanted, count: int, now: float, rule: str
) -> list[e.EventBody]:
    choice = (
        grants.DENY if not count else grants.GRANT if count == wanted.count else f"{grants.GRANT} {count}"
    )
    events: list[e.EventBody] = [e.Answered(ask.item, choice, "", ask.digest, grants.RULE + rule)]
    events += _consequences(plan, world, ask, wanted, count, now)
    return events


def by_hand(
    plan: Plan, world: World, ask: AskStatus, wanted: grants.Wanted, count: int, now: float
) -> list[e.EventBody]:
    """What a person's grant of `count` comes to. RefusedError where the cap leaves no room: it stays open."""
    left = grants.room(plan, world)
    if left is not None and count > left:
        why = f"there is room for {left}" if left else grants.no_room(plan, world)
        some = f"locust-tui answer {ask.item} {left}" if left else "wait, or raise resources.max_agents"
        raise RefusedError(
            f"{ask.item} stays open: {why}, not for {count}" if left else f"{ask.item} stays open: {why}",
            help=some,
        )
    return _consequences(plan, world, ask, wanted, count, now)


def _consequences(
    plan: Plan, world: World, ask: AskStatus, wanted: grants.Wanted, count: int, now: float
) -> list[e.EventBody]:
    """The slots, and a word to the agent that asked."""
    run = world.runs.get(ask.run)
    said = f"{count} of {wanted.count} more agents are granted" if count else "no more agents are granted"
    to = in_plan(plan, run.subject) if run is not None else []
    told = tell(plan, world, ask.item, to, f"{ask.what}\n\n{said}", sender="worker", subject=said)
    return [*((wanted.granted(ask.item, count, now),) if count else ()), *told]


def denied(plan: Plan, world: World, ask: AskStatus, wanted: grants.Wanted, now: float) -> list[e.EventBody]:
    return _consequences(plan, world, ask, wanted, 0, now)


def end_grant(world: World, request: r.EndGrant, name: str) -> Told:
    """Granted slots are taken back; whatever runs in them goes on."""
    grant = world.grants.get(request.item)
    if grant is None:
        near = did_you_mean(request.item, world.grants) or "locust-tui request-agents ls"
        raise NotFoundError(f'nothing was granted as "{request.item}"', help=near)
    if grant.ended:
        raise RefusedError(f"{grant.item} counts no more already: {grant.ended}")
    why = f"released by {name}" + (f": {request.why}" if request.why else "")
    return Told({"item": grant.item, "count": grant.count}, (e.GrantEnded(grant.item, why),))


def by_time(plan: Plan, world: World, now: float) -> tuple[list[e.EventBody], float | None]:
    """(grants whose time is over; else what waits and the rule answers now, when the next one's time is over).

    What has room again because a grant ended is answered at the next look.
    """
    over: list[e.EventBody] = []
    ahead = []
    for grant in grants.in_force(world):
        if grant.until is not None and grant.until <= now:
            over.append(e.GrantEnded(grant.item, "its time is over"))
        elif grant.until is not None:
            ahead.append(grant.until)
    if not over:
        for ask in world.open_asks():
            if answered := by_rule(plan, world, ask, now):
                return answered, now
    return over, now if over else min(ahead, default=None)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()
