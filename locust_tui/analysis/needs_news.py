"""Which news the owners of successors get about needs across domains: met, late, failed, cancelled or deferred."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import NamedTuple

from locust_tui.domain.clock import project_start
from locust_tui.domain.plan import Need, Plan, Workstream
from locust_tui.domain.states import UNFINISHED, WorkstreamState
from locust_tui.domain.world import World

from .due import grace
from .needs import need_state

MET, LATE = "met", "late"
_OVER = {
    WorkstreamState.FAILED: "failed",
    WorkstreamState.CANCELLED: "cancelled",
    WorkstreamState.DEFERRED: "deferred",
}


class Edge(NamedTuple):
    """A need of a workstream of another domain, and which domain's orchestrator is to be told of it."""

    target: str
    need: Need
    successor: str
    owner: str


Item = tuple[str, str, str]
"""Target, owner, and which need of which successor."""


class News(NamedTuple):
    """One message: all that one predecessor's change means for one domain."""

    id: str
    """The same for the same news, whoever works it out and however often."""
    owner: str
    target: str
    kind: str
    successors: tuple[str, ...]
    subject: str
    text: str
    group: str
    """Of its message: which needs it told as met stands in it."""


def edges(plan: Plan) -> tuple[Edge, ...]:
    """Needs between workstreams of different orchestrators, in plan order."""
    return tuple(_edges(plan))


def _edges(plan: Plan) -> Iterator[Edge]:
    meta = plan.meta.id if plan.meta is not None else None
    for workstream in plan.workstreams.values():
        for need in workstream.needs:
            target = plan.workstreams.get(need.target)
            owner = workstream.orchestrator or meta
            if target is not None and owner is not None and target.orchestrator != workstream.orchestrator:
                yield Edge(target.id, need, workstream.id, owner)


def met_edges(plan: Plan, world: World, found: Iterable[Edge]) -> frozenset[Edge]:
    """Those whose need is met now."""
    return frozenset(e for e in found if need_state(e.need, plan, world).met)


def news(
    plan: Plan, world: World, now: float, found: tuple[Edge, ...], known: frozenset[Edge]
) -> tuple[News, ...]:
    """What is to be told now and has not been. `known`: needs that are met and no news any more.

    What was told is known from the ids of the messages in the world. Successors that are over want no news.
    """
    fresh: dict[tuple[str, str, str], list[Edge]] = {}
    told_before: frozenset[Item] | None = None
    for edge in found:
        if world.workstream(edge.successor).state not in UNFINISHED:
            continue
        kind = _kind(plan, world, now, edge, known)
        if kind == MET:
            told_before = _told_as_met(world) if told_before is None else told_before
            if (edge.target, edge.owner, _item(edge)) in told_before:
                continue
        if kind is not None:
            fresh.setdefault((edge.target, edge.owner, kind), []).append(edge)
    told = (_news(plan, world, target, owner, kind, es) for (target, owner, kind), es in fresh.items())
    return tuple(one for one in told if one.id not in world.messages)


def next_late(plan: Plan, world: World, now: float, found: Iterable[Edge]) -> float | None:
    """When the next predecessor's slip is to be told; None: no such moment is ahead."""
    moments = (slips_at(plan, world, id) for id in dict.fromkeys(e.target for e in found))
    return min((at for at in moments if at is not None and at > now), default=None)


def slips_at(plan: Plan, world: World, target: str) -> float | None:
    """From when on it is told that `target` is late; None without dates, or where its planned end lay before the start."""
    end = planned_end(plan, world, plan.workstreams[target])
    if end is None or end <= (world.project.started or 0.0):
        return None
    return end + grace(plan.calendar)


def planned_end(plan: Plan, world: World, workstream: Workstream) -> float | None:
    """The last moment of its last plan week; None without dates, or before the project began."""
    start = project_start(plan.calendar, world.project.started)
    if start is None or workstream.weeks is None:
        return None
    return start + workstream.weeks.last * plan.calendar.week_s


def _kind(plan: Plan, world: World, now: float, edge: Edge, known: frozenset[Edge]) -> str | None:
    if need_state(edge.need, plan, world).met:
        return None if edge in known else MET
    status = world.workstream(edge.target)
    if status.state in _OVER:
        return f"{_OVER[status.state]}.{status.attempt}"
    at = slips_at(plan, world, edge.target)
    if at is not None and at <= now:
        weeks = plan.workstreams[edge.target].weeks
        return f"{LATE}.w{weeks.last if weeks else 0}"
    return None


def _told_as_met(world: World) -> frozenset[Item]:
    """Needs that some message named as met; its group lists them."""
    found: set[Item] = set()
    for message in world.messages.values():
        match message.group.split(":", 4):
            case ["needs", target, owner, kind, items] if kind == MET:
                found.update((target, owner, item) for item in items.split(","))
    return frozenset(found)


def _item(edge: Edge) -> str:
    return f"{edge.successor}/{edge.need.condition}"


def _news(plan: Plan, world: World, target: str, owner: str, kind: str, found: list[Edge]) -> News:
    successors = tuple(dict.fromkeys(e.successor for e in found))
    id = group = f"needs:{target}:{owner}:{kind}"
    if kind == MET:
        items = ",".join(sorted(_item(e) for e in found))
        id, group = f"{id}.{sha256(items.encode()).hexdigest()[:6]}", f"{group}:{items}"
    name = plan.workstreams[target].name
    word = kind.partition(".")[0]
    states = dict.fromkeys(need_state(e.need, plan, world).why for e in found)
    affected = "\n".join(_affected(plan, e) for e in found)
    verb = {MET: "is there for", LATE: "is late for"}.get(word, f"{word}, needed by")
    subject = f"{target} {verb} {', '.join(successors)}"
    text = f"{target} ({name}): {'; '.join(states)}.\n{_means(word)}\n{affected}"
    return News(id, owner, target, word, successors, subject, text, group)


def _means(word: str) -> str:
    if word == MET:
        return "What these of your workstreams need of it is there:"
    if word == LATE:
        return "Its planned end has passed, and these of your workstreams wait for it:"
    return "These of your workstreams wait for it and cannot start:"


def _affected(plan: Plan, edge: Edge) -> str:
    workstream = plan.workstreams[edge.successor]
    return f"- {workstream.id} ({workstream.name}) needs {edge.target}: {edge.need.condition}"
