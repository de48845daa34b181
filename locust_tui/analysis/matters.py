"""What becomes an escalation by itself: agents' blockers, failed and stalled work, needs that another domain does not meet."""

from __future__ import annotations

from collections.abc import Iterator

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.events import EscalationClosed, EventBody
from locust_tui.domain.plan import Plan
from locust_tui.domain.states import OUT_OF_SCOPE, RunState, WorkstreamState
from locust_tui.domain.world import WorkstreamStatus, World

from .escalations import CROSS_DOMAIN, WORKSTREAM, domains, raised
from .needs import need_state
from .run_troubles import trouble

LASTS_S = 10.0
"""A matter that is over sooner is nobody's."""
LATE_S, LATE_SHARE = 60.0, 0.2
"""A need whose work still goes on is a matter when its successor has been blocked for a working day of the plan's week,
and not before a minute."""
_NOT_BEGUN = frozenset({WorkstreamState.PLANNED, WorkstreamState.BLOCKED})
"""What it waits for itself is the matter then."""
PREFIXES = ("failed", "blocked", "stalled", "edge")


@dataclass(frozen=True, slots=True)
class Matter:
    item: str
    """ "failed:WS-04", "blocked:WS-04", "stalled:WS-04.1", "edge:WS-05:WS-02"."""
    kind: str
    subject: str
    what: str
    since: float
    run: str = ""
    lasts: float = LASTS_S
    """Seconds after which it is escalated."""


def matters(plan: Plan, world: World) -> tuple[Matter, ...]:
    """All that is so now, whether it was escalated or not. Work that waits for a person's input says so itself."""
    if world.project.started is None:
        return ()
    own = {id: matter for id in plan.workstreams if (matter := _own(plan, world, id)) is not None}
    edges = (edge for id in plan.workstreams for edge in _edges(plan, world, id, own))
    return (*own.values(), *edges)


def _own(plan: Plan, world: World, id: str) -> Matter | None:
    status = world.workstreams.get(id)
    if status is None:
        return None
    name, run = plan.workstreams[id].name, world.latest_run(id) if status.attempt else None
    at = run.id if run is not None else ""
    if status.state is WorkstreamState.FAILED:
        what = f"{name} failed: {status.reason}" if status.reason else f"{name} failed"
        return _matter(plan, world, f"failed:{id}", status, what, status.since, at)
    if status.state is WorkstreamState.NEEDS_INPUT:
        return None
    if status.blocked_by:
        what = f"{name}: the agent says it is blocked: {status.blocked_by}"
        return _matter(plan, world, f"blocked:{id}", status, what, status.blocked_since, at)
    if run is not None and run.state is RunState.STALLED:
        return _matter(plan, world, f"stalled:{run.id}", status, trouble(run), run.since, at)
    return None


def _matter(
    plan: Plan, world: World, item: str, status: WorkstreamStatus, what: str, since: float | None, run: str
) -> Matter:
    crosses = len(domains(plan, status.id, status.blocked_by)) > 1 or _holds_another_domain(
        plan, world, status.id
    )
    kind = CROSS_DOMAIN if crosses else WORKSTREAM
    return Matter(item, kind, status.id, what, since if since is not None else 0.0, run)


def _holds_another_domain(plan: Plan, world: World, id: str) -> bool:
    """Whether blocked work of another orchestrator waits for it."""
    mine = plan.workstreams[id].orchestrator
    return any(
        w.orchestrator != mine
        and world.workstream(w.id).state is WorkstreamState.BLOCKED
        and any(n.target == id and not need_state(n, plan, world).met for n in w.needs)
        for w in plan.workstreams.values()
    )


def _edges(plan: Plan, world: World, id: str, own: dict[str, Matter]) -> Iterator[Matter]:
    """Arrows from another domain that hold blocked work, unless what they come from is a matter itself."""
    status = world.workstreams.get(id)
    if status is None or status.state is not WorkstreamState.BLOCKED:
        return
    mine = plan.workstreams[id]
    for need in mine.needs:
        other = plan.workstreams.get(need.target)
        if other is None or other.orchestrator == mine.orchestrator or other.id in own:
            continue
        state, stands = need_state(need, plan, world), world.workstream(other.id).state
        if state.met or stands in _NOT_BEGUN:
            continue
        over = stands in OUT_OF_SCOPE
        lasts = LASTS_S if over else max(LATE_S, LATE_SHARE * plan.calendar.week_s)
        what = f"{mine.name} is blocked: {state.why or f'{other.id} is not there yet'}"
        since = status.since if status.since is not None else 0.0
        yield Matter(f"edge:{id}:{other.id}", CROSS_DOMAIN, id, what, since, lasts=lasts)


def automatic(plan: Plan, world: World, now: float) -> tuple[list[EventBody], float | None]:
    """(escalations to raise and to close now, when time alone makes the next). One each while it is open, and none
    anew for what was settled while it lasted."""
    found = {matter.item: matter for matter in matters(plan, world)}
    events: list[EventBody] = []
    asked: dict[str, float] = {}
    for status in world.escalations.values():
        if status.item.partition(":")[0] not in PREFIXES:
            continue
        if status.open and status.item not in found:
            events.append(EscalationClosed(status.id, f"its cause is gone: {_stands(world, status.subject)}"))
        asked[status.item] = float("inf") if status.open and status.item in found else status.raised
    ahead: list[float] = []
    number = len(world.escalations)
    for matter in found.values():
        if asked.get(matter.item, float("-inf")) >= matter.since:
            continue
        if matter.since + matter.lasts > now:
            ahead.append(matter.since + matter.lasts)
            continue
        number += 1
        urgency = "high" if matter.kind == CROSS_DOMAIN else "medium"
        events.append(
            raised(
                plan, f"E{number}", matter.kind, matter.subject, matter.what, run=matter.run,
                urgency=urgency, item=matter.item,
            )
        )  # fmt: skip
    return events, min(ahead, default=None)


def _stands(world: World, subject: str) -> str:
    return f"{subject} is {world.workstream(subject).state.value.replace('-', ' ')}"
