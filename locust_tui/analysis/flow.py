"""Flow: how much is under way, how long work takes, how it comes through; and how agents, needs and gates fare.

Times are plan working days. Sources: Anderson, Kanban (work in progress, cycle time, age, throughput); Forsgren,
Humble, Kim, Accelerate (change failure and recovery, as far as they have a meaning before a release).
"""

from __future__ import annotations

from collections.abc import Iterable

from locust_tui.domain.events import Event, WorkstreamMoved
from locust_tui.domain.plan import Plan
from locust_tui.domain.states import OUT_OF_SCOPE, WorkstreamState
from locust_tui.domain.studies.figures import Figure, Flow, FlowItem, Share
from locust_tui.domain.studies.rests import Rests, rests_on
from locust_tui.domain.world import World

from .actuals import plan_start
from .flow_rates import criteria_pass, cross_domain, gate_pass, use_of_agents
from .flow_workstreams import workstream_figures
from .history import History
from .need_moments import NeedMoments
from .percentiles import nearest_rank
from .quantities import Quantities, recent_weeks
from .run_spans import KINDS as SPAN_KINDS
from .worktime import days_between

FLOW_KINDS = (
    *SPAN_KINDS,
    "deliverable.verified",
    "workstream.reviewed",
    "gate.decided",
    "criterion.measured",
    "run.created",
)
"""Stored names of the events that flow is computed from: `store.events(kinds=FLOW_KINDS)`."""
AGING_PERCENTILE = 85.0
MOST_WEEKS = 26
MEAN_WEEKS = 4
STUCK = frozenset({WorkstreamState.BLOCKED, WorkstreamState.FAILED, WorkstreamState.NEEDS_INPUT})
_NONE_FINISHED = "nothing is finished yet"
_NO_LOG = "nothing is on record"


def flow(plan: Plan, world: World, now: float, events: Iterable[Event] = ()) -> Flow:
    """The plan's flow at `now`. `events`: of FLOW_KINDS, oldest first, up to `now`."""
    events = list(events)
    moves = Moves(events)
    items = _items(plan, world, now, moves)
    at_work = [i for i in items if i.age is not None]
    accepted = moves.into(WorkstreamState.ACCEPTED)
    cycles = [i.cycle for i in items if i.cycle is not None]
    leads = [i.lead for i in items if i.lead is not None]
    weeks = recent_weeks(Quantities(plan, world, now, history=History(plan, world, now)), MOST_WEEKS)
    recent = weeks[-MEAN_WEEKS:]
    capacity, dispatch = use_of_agents(plan, world, now, events)
    moments = NeedMoments(plan, world, events)
    found, on_time, overdue = cross_domain(plan, world, now, moments)
    started = rests_on(moves.of(i.id for i in at_work))
    return Flow(
        now,
        tuple(items),
        Figure(float(len(at_work)), rests=started),
        _figure(percentile(cycles, 50.0), _NONE_FINISHED, accepted),
        _figure(percentile(cycles, AGING_PERCENTILE), _NONE_FINISHED, accepted),
        _figure(sum(cycles) / len(cycles) if cycles else None, _NONE_FINISHED, accepted),
        _figure(percentile(leads, 50.0), _NONE_FINISHED if not cycles else _NO_LOG, accepted),
        tuple(weeks),
        _figure(sum(recent) / len(recent) if recent else None, "no full week has passed", accepted),
        capacity,
        dispatch,
        found,
        on_time,
        overdue,
        gate_pass(plan, world, events),
        criteria_pass(plan, world, events),
        _change_failure(world, plan, moves),
        _recovery(plan, world, moves),
        workstream_figures(plan, world, now, events, moments),
    )


def percentile(values: Iterable[float], points: float) -> float | None:
    """Nearest rank, of values in any order; None without values."""
    ordered = sorted(values)
    return nearest_rank(ordered, points) if ordered else None


def _figure(value: float | None, reason: str, rests: Rests) -> Figure:
    return Figure(value, reason if value is None else "", rests)


class Moves:
    """Every change of a workstream's state on record, in order."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.all: list[tuple[int, float, WorkstreamMoved]] = [
            (e.revision, e.at, e.body) for e in events if isinstance(e.body, WorkstreamMoved)
        ]
        self.ready: dict[str, float] = {}
        """When each was first ready to start."""
        for _, at, body in self.all:
            if body.new is WorkstreamState.READY:
                self.ready.setdefault(body.workstream, at)

    def into(self, state: WorkstreamState) -> Rests:
        return rests_on(revision for revision, _, body in self.all if body.new is state)

    def of(self, ids: Iterable[str]) -> list[int]:
        """The last move of each."""
        wanted = set(ids)
        last = {body.workstream: revision for revision, _, body in self.all if body.workstream in wanted}
        return list(last.values())


def _items(plan: Plan, world: World, now: float, moves: Moves) -> list[FlowItem]:
    """What has begun, in plan order."""
    start = plan_start(plan, world)

    def days(earlier: float, later: float) -> float:
        return max(0.0, days_between(plan.calendar, start, earlier, later))

    begun = [
        s
        for id in plan.workstreams
        if (s := world.workstream(id)).first_started is not None and s.state not in OUT_OF_SCOPE
    ]
    limit = percentile(
        (days(s.first_started, s.accepted_at) for s in begun if s.accepted_at is not None and s.first_started is not None),
        AGING_PERCENTILE,
    )  # fmt: skip
    found = []
    for status in begun:
        assert status.first_started is not None
        ready = min(moves.ready.get(status.id, status.first_started), status.first_started)
        cycle = lead = age = None
        if status.accepted_at is not None:
            cycle, lead = days(status.first_started, status.accepted_at), days(ready, status.accepted_at)
        else:
            age = days(status.first_started, now)
        aging = age is not None and limit is not None and age > limit
        name = plan.workstreams[status.id].name
        found.append(FlowItem(status.id, name, status.state.value, cycle, lead, age, aging))
    return found


def _change_failure(world: World, plan: Plan, moves: Moves) -> Share:
    """Reopenings of all acceptances there have been."""
    done = [world.workstream(id) for id in plan.workstreams]
    reopened = sum(s.reopened for s in done)
    accepted = reopened + sum(s.state is WorkstreamState.ACCEPTED for s in done)
    ends = (WorkstreamState.ACCEPTED,)
    rests = rests_on(r for r, _, body in moves.all if body.new in ends or body.old in ends)
    value = 100.0 * reopened / accepted if accepted else None
    return Share(reopened, accepted, _figure(value, "nothing has been accepted yet", rests))


def _recovery(plan: Plan, world: World, moves: Moves) -> Figure:
    """Mean of the stretches that came to an end; giving the work up ends none."""
    start = plan_start(plan, world)
    since: dict[str, tuple[int, float]] = {}
    spells: list[float] = []
    revisions: list[int] = []
    for revision, at, body in moves.all:
        if body.new in STUCK:
            since.setdefault(body.workstream, (revision, at))
        elif (began := since.pop(body.workstream, None)) is not None and body.new not in OUT_OF_SCOPE:
            spells.append(max(0.0, days_between(plan.calendar, start, began[1], at)))
            revisions += [began[0], revision]
    note = f"{len(since)} still blocked, failed or in need of input" if since else ""
    reason = note or "nothing was blocked, failed or in need of input"
    return _figure(sum(spells) / len(spells) if spells else None, reason, rests_on(revisions, note))
