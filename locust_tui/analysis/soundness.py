"""Whether a plan's own dates, gates and caps can hold: what follows from the plan alone, before anything runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import replace

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.plan import Gate, GateMode, Kpi, Need, Plan, SchedulePolicy, Workstream

from .network import planned_duration
from .schedule import Schedule, critical_path

EPSILON = 1e-9

LARGE = 400
"""Workstreams above which the fewest agents that delay nothing are not looked for: that takes their square."""


@dataclass(frozen=True, slots=True)
class EarlyPhase:
    """A phase that begins although the gate that opens it is due later. Weeks are plan weeks."""

    gate: Gate
    phase: str
    first: int
    waits: tuple[str, ...]
    """Workstreams of it that are planned to start before the gate's due date."""


def early_phases(plan: Plan) -> Iterator[EarlyPhase]:
    """Phases that are planned to begin in or before the week at whose end their entry gate is due."""
    members: dict[str, list[Workstream]] = {}
    for w in plan.workstreams.values():
        members.setdefault(w.phase or "", []).append(w)
    for gate in plan.gates.values():
        if gate.opens is None or gate.week is None or gate.mode is GateMode.ADVISORY:
            continue
        works = members.get(gate.opens, ())
        phase = plan.phases.get(gate.opens)
        starts = [w.weeks.first for w in works if w.weeks is not None]
        if phase is not None and phase.weeks is not None:
            starts.append(phase.weeks.first)
        first = min(starts, default=None)
        if first is not None and first <= gate.week:
            waits = tuple(w.id for w in works if w.weeks is not None and w.weeks.first <= gate.week)
            yield EarlyPhase(gate, gate.opens, first, waits)


def unripe_gates(plan: Plan) -> Iterator[tuple[Gate, Workstream]]:
    """Gates that are due before work that they close or need is planned to end, each with the latest of it."""
    for gate in plan.gates.values():
        if gate.week is None:
            continue
        needed = {n.target for n in gate.needs}
        works = [
            w
            for w in plan.workstreams.values()
            if w.weeks is not None
            and (w.id in needed or (gate.closes is not None and w.phase == gate.closes))
        ]
        late = [w for w in works if w.weeks is not None and w.weeks.last > gate.week]
        if late:
            yield gate, max(late, key=lambda w: w.weeks.last if w.weeks is not None else 0)


@dataclass(frozen=True, slots=True)
class Pace:
    """How many workstreams the plan's own dates finish."""

    average: float
    """A week, over all planned weeks."""
    weeks: int
    reached: tuple[int, ...]
    """Planned weeks in which as many end as asked; empty where not all work is dated."""


def pace(plan: Plan, least: float) -> Pace | None:
    """The planned pace beside the `least` workstreams a week that are asked for; None without dates."""
    weeks = plan.last_week
    if not weeks:
        return None
    ends = Counter(w.weeks.last for w in plan.workstreams.values() if w.weeks is not None)
    dated = sum(ends.values()) == len(plan.workstreams)
    reached = tuple(sorted(week for week, n in ends.items() if n >= least)) if dated else ()
    return Pace(len(plan.workstreams) / weeks, weeks, reached)


def least_pace(kpi: Kpi) -> float | None:
    """The lowest value that meets the KPI's target; None where it sets no floor."""
    floors = (kpi.low, kpi.minimum, kpi.above)
    return next((floor for floor in floors if floor is not None), None)


def busiest(plan: Plan, works: Collection[str] | None = None) -> int | None:
    """Most workstreams that are planned for one week, of `works` or all; None unless all of them are dated."""
    changes: Counter[int] = Counter()
    for w in plan.workstreams.values():
        if works is not None and w.id not in works:
            continue
        if w.weeks is None:
            return None
        changes[w.weeks.first] += 1
        changes[w.weeks.last + 1] -= 1
    running = most = 0
    for week in sorted(changes):
        running += changes[week]
        most = max(most, running)
    return most


def enough_agents(plan: Plan) -> int | None:
    """The fewest at a time that delay nothing, in a plan whose durations and order say so; None elsewhere."""
    works = plan.workstreams.values()
    if len(plan.workstreams) > LARGE or not any(w.needs for w in works) or not any(w.weeks for w in works):
        return None
    from .levelling import smallest_cap

    return smallest_cap(plan)


@dataclass(frozen=True, slots=True)
class StatedPath:
    """The critical path that the plan states, where the needs give another."""

    schedule: Schedule
    slack: tuple[tuple[str, float], ...]
    """Stated workstreams that may slip, each by so many weeks."""
    missing: tuple[str, ...]
    """Workstreams of the only critical path that are not stated."""


def stated_path(plan: Plan) -> StatedPath | None:
    """What is wrong with the critical path as `project.critical_path` states it; None where it agrees."""
    stated = [w for w in plan.project.critical_path if w in plan.workstreams]
    if not stated:
        return None
    schedule = critical_path(plan)
    slack = tuple((w, s) for w in stated if (s := schedule.total_float(w)) > EPSILON)
    alone = len(schedule.critical) == len(schedule.path)
    missing = tuple(w for w in schedule.path if w not in stated) if alone else ()
    return StatedPath(schedule, slack, missing) if slack or missing else None


@dataclass(frozen=True, slots=True)
class Descoped:
    """What leaving workstreams out would come to, in plan weeks."""

    saved: float
    freed: float
    """Agent-weeks of the work that is left out."""


def descoped(plan: Plan, ids: Collection[str]) -> Descoped:
    """What it saves to leave `ids` out; what needed them waits for nothing in their place, so it saves no more.

    Planned dates count where the plan holds its work to them.
    """
    dated = plan.schedule is SchedulePolicy.AS_PLANNED
    gone = [plan.workstreams[id] for id in ids if id in plan.workstreams]
    rest = _without(plan, ids)
    whole = critical_path(plan, as_planned=dated).weeks
    shorter = critical_path(rest, as_planned=dated).weeks if rest.workstreams else 0.0
    return Descoped(max(0.0, whole - shorter), sum(planned_duration(w) for w in gone))


def in_scope(plan: Plan) -> Plan:
    """The plan without the work that it defers; the plan itself where there is none."""
    deferred = frozenset(w.id for w in plan.workstreams.values() if w.defer)
    return _without(plan, deferred) if deferred else plan


def _without(plan: Plan, ids: Collection[str]) -> Plan:
    """The plan without these workstreams; what needed them waits for nothing in their place."""
    gone = frozenset(ids)

    def left(needs: tuple[Need, ...]) -> tuple[Need, ...]:
        return tuple(n for n in needs if n.target not in gone)

    return replace(
        plan,
        workstreams={
            id: replace(w, needs=left(w.needs)) if w.needs else w
            for id, w in plan.workstreams.items()
            if id not in gone
        },
        gates={id: replace(g, needs=left(g.needs)) if g.needs else g for id, g in plan.gates.items()},
        milestones=tuple(replace(m, needs=left(m.needs)) for m in plan.milestones),
    )
