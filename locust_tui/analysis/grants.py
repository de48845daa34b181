"""Requests for more agents: what was asked for, what there is room for under the plan's cap, and what an answer grants."""

from __future__ import annotations

import json
import re
from collections import Counter

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.events import QuotaGranted
from locust_tui.domain.plan import Plan
from locust_tui.domain.world import AskStatus, GrantStatus, World

from .slots import taken_slots

AGENTS = "agents:"
"""A request is known by this and what it asks for, as JSON."""
GRANT, DENY = "grant", "deny"
ASK, WITHIN_CAP, NEVER = "ask", "within-cap", "never"
RULE = "resources.requests.grant: "
"""Stands before the rule that answered."""
MOST_CHOICES = 5
_SOME = re.compile(rf"(?:{GRANT}\s+)?(\d{{1,4}})")


@dataclass(frozen=True, slots=True)
class Wanted:
    count: int
    orchestrator: str = ""
    agent_type: str = ""
    expires: float | None = None
    """Seconds that the grant lasts."""

    @property
    def ref(self) -> str:
        return AGENTS + json.dumps([self.count, self.orchestrator, self.agent_type, self.expires])

    def granted(self, item: str, count: int, now: float) -> QuotaGranted:
        until = now + self.expires if self.expires is not None else None
        return QuotaGranted(self.orchestrator, count, item, until, self.agent_type)


def wanted(ask: AskStatus) -> Wanted | None:
    """What a request asks for; None for what is no request for agents."""
    if not ask.ref.startswith(AGENTS):
        return None
    count, orchestrator, agent_type, expires = json.loads(ask.ref.removeprefix(AGENTS))
    return Wanted(count, orchestrator, agent_type, expires)


def choices_for(count: int) -> tuple[str, ...]:
    """All of it, some of it where that is few, or nothing."""
    some = range(1, count) if count <= MOST_CHOICES else ()
    return (GRANT, *(f"{GRANT} {n}" for n in some), DENY)


def granted_by(choice: str, note: str, count: int) -> int | None:
    """How many an answer grants: "grant" all (or the number that its note is), "grant 1" or "1" so many; None: it grants
    nothing, or more than was asked for."""
    if choice.strip() == GRANT:
        some = int(note) if note.strip().isdecimal() else 0
        number = some if 1 <= some <= count else count
    elif found := _SOME.fullmatch(choice.strip()):
        number = int(found[1])
    else:
        return None
    return number if 1 <= number <= count else None


def room(plan: Plan, world: World) -> int | None:
    """Agents that could still be granted: the plan's cap without those at work and the granted slots that are not used
    yet. None: the plan has no cap."""
    cap = plan.resources.max_agents
    if cap is None:
        return None
    slots = taken_slots(plan, world.live_runs())
    owners: Counter[str] = Counter()
    types: Counter[str] = Counter()
    for grant in in_force(world):
        (owners if grant.orchestrator else types)[grant.orchestrator or grant.agent_type] += grant.count
    unused = sum(_unused(n, plan.resources.pools.get(o), slots.by_owner[o]) for o, n in owners.items())
    caps = {name: agent.max for name, agent in plan.agents.items()}
    unused += sum(_unused(n, caps.get(t), slots.by_type[t]) for t, n in types.items())
    return max(0, cap - slots.total - unused)


def _unused(granted: int, own: int | None, used: int) -> int:
    """Granted slots that nothing runs in; what has no limit of its own needs none of them."""
    return 0 if own is None else granted - max(0, min(granted, used - own))


def in_force(world: World) -> list[GrantStatus]:
    return [grant for grant in world.grants.values() if not grant.ended]


def no_room(plan: Plan, world: World) -> str:
    """Why nothing more can be granted now, in words."""
    live = len(world.live_runs())
    return f"no room under the cap of {plan.resources.max_agents}: {live} agent{'s' * (live != 1)} at work, the rest is promised"
