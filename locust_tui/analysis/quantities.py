"""The named quantities that KPIs, alerts and success criteria are written over, each computed when asked for.

A quantity that cannot be computed is None, which expressions read as NaN. Of a past moment only what the record
dates is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from itertools import pairwise

from locust_tui.domain.clock import plan_time, week_end, week_of
from locust_tui.domain.plan import Plan
from locust_tui.domain.states import (
    OPEN_GATE_STATES,
    OUT_OF_SCOPE,
    PhaseState,
    WorkstreamState,
)
from locust_tui.domain.world import World

from .actuals import plan_start
from .expression import work_named
from .facts import fact_criteria, latest_fact
from .history import History
from .milestones import dated_points
from .operations import Value
from .phases import ACTIVE, phase_state
from .progress import progress
from .verdict import is_complete
from .worktime import working_time

KNOWN_QUANTITIES: dict[str, str] = {
    "workstreams_completed": "workstreams that are accepted",
    "workstreams_total": "workstreams in scope (cancelled and deferred left out)",
    "workstreams_running": "workstreams at work now",
    "blockers": "workstreams that are blocked, failed or need input",
    "week": "plan weeks since the start, the current one by the working days that have passed",
    "week_number": "the current plan week, 1 for the first",
    "velocity": "workstreams accepted per week so far",
    "passed_reviews": "reviews that said yes",
    "total_reviews": "reviews",
    "first_pass": "workstreams that passed their first review",
    "reviewed": "workstreams that were reviewed at least once",
    "quality": "share of reviewed workstreams that passed their first review, in points",
    "rework_hours": "run hours of second and later attempts",
    "total_hours": "run hours of all attempts",
    "milestones_hit_on_time": "dated milestones and gates that were reached by the end of their week",
    "total_milestones": "dated milestones and gates that are due; at the end of the plan, all of them",
    "progress": "verified progress of the plan by weight, in points",
    "expected_progress": "planned progress at this moment, in points; in an alert that names a phase quantity, of that phase",
    "phase_progress": "verified progress of the phase (of the first active one outside alerts), in points",
    "spi": "schedule performance index: progress over expected progress",
    "phases_done": "phases whose gate let them through, or that are finished and need no gate",
    "phases_total": "phases",
    "gates_passed": "gates that are open",
    "gates_total": "gates",
    "agents_running": "runs that hold a slot",
    "max_agents": "cap of the plan",
}

_STUCK = frozenset({WorkstreamState.BLOCKED, WorkstreamState.FAILED, WorkstreamState.NEEDS_INPUT})
_AT_WORK = frozenset({WorkstreamState.RUNNING, WorkstreamState.REVIEW})
_DONE_PHASES = frozenset({PhaseState.PASSED, PhaseState.CONDITIONAL, PhaseState.DONE})


def known_names(plan: Plan) -> tuple[str, ...]:
    """Every name an expression in this plan may use: the built-in quantities and the plan's facts."""
    return (*KNOWN_QUANTITIES, *dict.fromkeys(c.fact for _, c in fact_criteria(plan) if c.fact))


class Quantities(Mapping[str, Value | None]):
    """The quantities at one moment, by name; each is computed once, when first read.

    With `past`, `now` lies before the world's own moment and only what its stamps date is known. `phase`
    makes the phase and expected quantities those of that phase.
    """

    def __init__(
        self,
        plan: Plan,
        world: World,
        now: float,
        *,
        phase: str | None = None,
        past: bool = False,
        history: History | None = None,
    ) -> None:
        self.plan, self.world, self.now, self.past = plan, world, now, past
        self.phase = phase
        self.start = plan_start(plan, world)
        self.history = history or History(plan, world, now)
        self._known: dict[str, Value | None] = {}

    def __getitem__(self, name: str) -> Value | None:
        if name not in self._known:
            self._known[name] = self._compute(name)
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(known_names(self.plan))

    def __len__(self) -> int:
        return len(known_names(self.plan))

    def _of_work(self, name: str, ids: tuple[str, ...]) -> Value | None:
        """Of the work that `ids` name, or of the rest; None where one of them is nothing, or of a past moment."""
        sets = [work_of(self.plan, id) for id in ids]
        if self.past or not all(sets):
            return None
        named = {work for found in sets for work in found}
        members = [w for w in self.plan.workstreams if (w in named) != (name == "verified_rest")]
        at = working_time(self.plan.calendar, self.start, self.now)
        found = progress(self.plan, self.world, at, members)
        return found.expected if name == "expected" else found.value

    def _compute(self, name: str) -> Value | None:
        if (work := work_named(name)) is not None:
            return self._of_work(*work)
        if name in _DATED:
            return _DATED[name](self)
        if name in KNOWN_QUANTITIES:
            return None if self.past else _LIVE[name](self)
        if not any(criterion.fact == name for _, criterion in fact_criteria(self.plan)):
            raise KeyError(name)
        found = None if self.past else latest_fact(self.plan, self.world, name, self.now)
        return None if found is None else found[2]

    def share(self, part: str, whole: str, scale: float = 1.0) -> float | None:
        a, b = self[part], self[whole]
        if not isinstance(a, (int, float)) or not isinstance(b, (int, float)) or not b:
            return None
        return scale * a / b

    @cached_property
    def weeks(self) -> float | None:
        """Working weeks passed; the clock stops when the plan is complete."""
        if self.start is None:
            return None
        until = self.now
        if is_complete(self.plan, self.world):
            ends = [s.accepted_at for s in self.world.workstreams.values() if s.accepted_at is not None]
            ends += [g.since for g in self.world.gates.values() if g.since is not None]
            until = min(until, max(ends, default=until))
        return max(0.0, working_time(self.plan.calendar, self.start, until))

    @cached_property
    def milestones(self) -> tuple[int, int]:
        """(hit on time, counted)."""
        if self.start is None:
            return 0, 0
        hit = counted = 0
        complete = not self.past and is_complete(self.plan, self.world)
        for week, reached in dated_points(self.plan, self.world):
            due = week_end(self.plan.calendar, self.start, week)
            if due > self.now and not complete:
                continue
            counted += 1
            hit += reached is not None and reached <= due
        return hit, counted

    def count(self, states: frozenset[WorkstreamState]) -> int:
        return sum(1 for w in self.plan.workstreams if self.world.workstream(w).state in states)

    def phases_in(self, states: frozenset[PhaseState]) -> list[str]:
        return [p.id for p in self.plan.phases.values() if phase_state(self.plan, self.world, p) in states]

    def progress_of(self, phase: str | None) -> tuple[float | None, float | None, float | None]:
        """(verified, expected, index) of a phase, or of the plan."""
        members = (
            None if phase is None else [w.id for w in self.plan.workstreams.values() if w.phase == phase]
        )
        at = working_time(self.plan.calendar, self.start, self.now)
        found = progress(self.plan, self.world, at, members)
        return found.value, found.expected, found.spi

    def current_phase(self) -> str | None:
        if self.phase is not None:
            return self.phase
        return next(iter(self.phases_in(ACTIVE)), None)


def work_of(plan: Plan, id: str) -> tuple[str, ...]:
    """The workstreams that an expression means by the id of a workstream, phase or orchestrator; none: it is nothing."""
    if id in plan.workstreams:
        return (id,)
    return tuple(w.id for w in plan.workstreams.values() if id in (w.phase, w.orchestrator))


_Quantity = Callable[[Quantities], Value | None]


def _phase_progress(q: Quantities) -> Value | None:
    phase = q.current_phase()
    return None if phase is None else q.progress_of(phase)[0]


_DATED: dict[str, _Quantity] = {
    "workstreams_completed": lambda q: q.history.accepted_by(q.now),
    "week": lambda q: q.weeks,
    "week_number": lambda q: week_of(q.plan.calendar, q.start, q.now),
    "velocity": lambda q: q.share("workstreams_completed", "week"),
    "rework_hours": lambda q: q.history.run_hours(q.now, rework=True),
    "total_hours": lambda q: q.history.run_hours(q.now, rework=False),
    "milestones_hit_on_time": lambda q: q.milestones[0],
    "total_milestones": lambda q: q.milestones[1],
    "expected_progress": lambda q: q.progress_of(q.phase)[1],
    "phases_total": lambda q: len(q.plan.phases),
    "gates_total": lambda q: len(q.plan.gates),
    "max_agents": lambda q: q.plan.resources.max_agents,
}
"""Known of a past moment too."""

_LIVE: dict[str, _Quantity] = {
    "workstreams_total": lambda q: len(q.plan.workstreams) - q.count(OUT_OF_SCOPE),
    "workstreams_running": lambda q: q.count(_AT_WORK),
    "blockers": lambda q: q.count(_STUCK),
    "passed_reviews": lambda q: sum(s.reviews_passed for s in q.world.workstreams.values()),
    "total_reviews": lambda q: sum(s.reviews for s in q.world.workstreams.values()),
    "first_pass": lambda q: sum(s.first_review_passed is True for s in q.world.workstreams.values()),
    "reviewed": lambda q: sum(s.reviews > 0 for s in q.world.workstreams.values()),
    "quality": lambda q: q.share("first_pass", "reviewed", 100.0),
    "progress": lambda q: q.progress_of(None)[0],
    "phase_progress": _phase_progress,
    "spi": lambda q: q.progress_of(None)[2],
    "phases_done": lambda q: len(q.phases_in(_DONE_PHASES)),
    "gates_passed": lambda q: sum(q.world.gate(g).state in OPEN_GATE_STATES for g in q.plan.gates),
    "agents_running": lambda q: len(q.world.live_runs()),
}


def recent_weeks(q: Quantities, count: int) -> list[int]:
    """Workstreams accepted in each of the last `count` full plan weeks, oldest first."""
    if q.start is None:
        return []
    full = int(max(0.0, plan_time(q.plan.calendar, q.start, q.now)))
    edges = [week_end(q.plan.calendar, q.start, k) for k in range(max(0, full - count), full + 1)]
    counts = [q.history.accepted_by(e) for e in edges]
    return [b - a for a, b in pairwise(counts)]
