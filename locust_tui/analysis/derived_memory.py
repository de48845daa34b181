"""What the shared memory holds without anybody having written it: the plan's dependencies and the state of its parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from typing import Any

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.plan import Need, Plan
from locust_tui.domain.snapshot import Snapshot
from locust_tui.domain.states import OUT_OF_SCOPE
from locust_tui.domain.world import World

from .actuals import actuals
from .memory_keys import DEPENDENCIES, STATUS
from .needs import need_state
from .schedule import Schedule, critical_path
from .timeline_links import delay, lag, slack
from .timeline_ready import may_begin


@dataclass(frozen=True, slots=True)
class Dates:
    """Three schedules of one plan: as it was planned, as it stands now, and how late now may be."""

    planned: Schedule
    now: Schedule


def derived(
    plan: Plan | None, world: World, at: float, wanted: str, snapshot: Callable[[], Snapshot]
) -> dict[str, Any]:
    """Key → value of every computed entry that the glob `wanted` fits, in order. `snapshot` is only made if needed."""
    found: dict[str, Any] = dict(_dependencies(plan, world, at, wanted))
    if plan is None:
        if fnmatchcase(f"{STATUS}current", wanted):
            found[f"{STATUS}current"] = {"progress": None, "progress_reason": "no plan is in force"}
        return found
    keys = [f"{STATUS}{name}" for name in ("current", *plan.workstreams, *plan.orchestrators)]
    matching = [key for key in keys if fnmatchcase(key, wanted)]
    if matching:
        views = dict(_statuses(snapshot()))
        found.update({key: views[key] for key in matching if key in views})
    return found


def derived_keys(plan: Plan | None) -> list[str]:
    """Every computed key that there is now."""
    keys = [f"{DEPENDENCIES}graph", f"{DEPENDENCIES}ready", f"{STATUS}current"]
    if plan is not None:
        keys += [_edge_key(n, w.id) for w in plan.workstreams.values() for n in w.needs]
        keys += [f"{STATUS}{id}" for id in (*plan.workstreams, *plan.orchestrators)]
    return list(dict.fromkeys(keys))


def _dependencies(plan: Plan | None, world: World, at: float, wanted: str) -> Iterator[tuple[str, Any]]:
    graph, ready = f"{DEPENDENCIES}graph", f"{DEPENDENCIES}ready"
    edges = [] if plan is None else [(n, w.id) for w in plan.workstreams.values() for n in w.needs]
    if fnmatchcase(graph, wanted):
        nodes = [] if plan is None else [*plan.workstreams]
        yield (
            graph,
            {
                "nodes": nodes,
                "edges": [{"from": n.target, "to": to, "condition": n.condition} for n, to in edges],
            },
        )
    if fnmatchcase(ready, wanted):
        yield ready, _frontier(plan, world)
    keys: dict[str, list[tuple[Need, str]]] = {}
    for need, to in edges:
        if fnmatchcase(key := _edge_key(need, to), wanted):
            keys.setdefault(key, []).append((need, to))
    if not keys or plan is None:
        return
    dates = Dates(
        critical_path(plan, as_planned=True),
        critical_path(plan, as_planned=True, actual=actuals(plan, world, at)),
    )
    for key, same in keys.items():
        yield key, _edge(plan, world, dates, same)


def _edge_key(need: Need, to: str) -> str:
    return f"{DEPENDENCIES}{need.target}-{to}"


def _frontier(plan: Plan | None, world: World) -> dict[str, Any]:
    """Workstreams that nothing but a slot, a date or a gate holds: as many could start at once."""
    works = {} if plan is None else plan.workstreams
    ready = [w.id for w in works.values() if plan is not None and may_begin(plan, world, w)]
    return {"ready": ready, "count": len(ready)}


def _edge(plan: Plan, world: World, dates: Dates, same: list[tuple[Need, str]]) -> dict[str, Any]:
    """One dependency; several needs of one workstream of the same other are one, met when all are."""
    need, to = same[0]
    states = [need_state(n, plan, world) for n, _ in same]
    met = all(s.met for s in states)
    gone = need.target in plan.workstreams and world.workstream(need.target).state in OUT_OF_SCOPE
    slacks = [slack(plan, dates.now, n, to) for n, _ in same]
    delays = [delay(plan, dates.planned, dates.now, n) for n, _ in same]
    return {
        "from": need.target,
        "to": to,
        "condition": " and ".join(n.condition for n, _ in same),
        "state": "met" if met else ("dead" if gone else "open"),
        "why": "; ".join(s.why for s in states if s.met is met),
        "lag_weeks": round(max(lag(plan, dates.planned, n) for n, _ in same), 4),
        "float_weeks": min((round(s, 4) for s in slacks if s is not None), default=None),
        "delay_weeks": max((round(d, 4) for d in delays if d is not None), default=None),
    }


def _statuses(snapshot: Snapshot) -> Iterator[tuple[str, Any]]:
    states: dict[str, int] = {}
    for w in snapshot.workstreams:
        states[w.state.value] = states.get(w.state.value, 0) + 1
    yield (
        f"{STATUS}current",
        {
            "project": snapshot.plan_name,
            "week": snapshot.week,
            "progress": snapshot.progress,
            "expected_progress": snapshot.expected_progress,
            "verdict": snapshot.verdict.value,
            "reasons": list(snapshot.reasons),
            "workstreams": states,
            "gates": {g.id: g.state.value for g in snapshot.gates},
            "agents_running": snapshot.agents_running,
            "waiting": [w.item for w in snapshot.waiting],
        },
    )
    for w in snapshot.workstreams:
        yield (
            f"{STATUS}{w.id}",
            {
                "workstream": w.id,
                "name": w.name,
                "orchestrator": w.orchestrator,
                "state": w.state.value,
                "verified": w.verified,
                "reported": w.reported,
                "blocker": w.blocker,
                "next": w.next,
                "attempt": w.attempt,
                "why": w.why,
            },
        )
    for o in snapshot.orchestrators:
        mine = [w for w in snapshot.workstreams if w.orchestrator == o.id]
        yield (
            f"{STATUS}{o.id}",
            {
                "orchestrator": o.id,
                "name": o.name,
                "progress": o.progress,
                "workstreams": {w.id: w.state.value for w in mine},
                "agents_running": o.agents_running,
            },
        )
