"""The plan in time: what was planned, how it went, and what the network expects of the rest, as one `Timeline`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from locust_tui.domain.plan import Plan, SchedulePolicy
from locust_tui.domain.states import WorkstreamState
from locust_tui.domain.studies.timeline import END, Band, PhaseSpan, Span, Timeline
from locust_tui.domain.world import World

from .actuals import actuals, plan_start
from .ending import told_at
from .network import Network, build_network
from .phases import phase_state
from .schedule import Schedule, schedule_network
from .situation import has_dates
from .timeline_bars import bars, position
from .timeline_links import links
from .timeline_marks import marks
from .timeline_ready import ready

NO_DATES = "no dates in the plan"
NO_WORK = "the plan has no workstreams"


@dataclass
class Ground:
    """What a timeline rests on: the plan's own schedule, and that of now."""

    plan: Plan
    world: World
    now: float
    bands: Mapping[str, Band]
    gates: bool = True
    strict: bool = False
    as_planned: bool | None = None

    @cached_property
    def planned(self) -> Schedule | None:
        """Nothing before its planned week, and nothing before its needs; None in a plan without dates."""
        if not has_dates(self.plan):
            return None
        return schedule_network(self._network(self.gates), as_planned=True)

    @cached_property
    def expected(self) -> Schedule | None:
        """By the plan's own policy, with what has happened."""
        if self.planned is None:
            return None
        return self._as_it_is(self.planned.network)

    @cached_property
    def by_needs(self) -> Schedule | None:
        """The same without what shut phase gates hold."""
        if not self.gates or self.planned is None:
            return self.expected
        return self._as_it_is(self._network(False))

    @cached_property
    def path(self) -> frozenset[str]:
        """Workstreams that drive the end."""
        return frozenset(self.expected.path if self.expected is not None else ())

    def _network(self, gates: bool) -> Network:
        return build_network(self.plan, strict=self.strict, gates=gates)

    def _as_it_is(self, network: Network) -> Schedule:
        past = actuals(self.plan, self.world, self.now)
        by_date = self.as_planned
        if by_date is None:
            by_date = self.plan.schedule is SchedulePolicy.AS_PLANNED
        return schedule_network(network, as_planned=by_date, actual=past)

    def is_done(self, work: str) -> bool:
        return self.world.workstream(work).state is WorkstreamState.ACCEPTED


def timeline(
    plan: Plan,
    world: World,
    now: float,
    *,
    gates: bool = True,
    strict: bool = False,
    as_planned: bool | None = None,
    bands: Mapping[str, Band] | None = None,
) -> Timeline:
    """Planned, actual and expected dates of `plan` as of `now` (seconds since the epoch).

    Expected dates are those of the critical path method: what is done stays, what runs ends no earlier than a working
    day from now, the rest follows. `strict` reads every need as done; `as_planned` starts nothing before its planned
    week (None: as the plan says). `gates` lets shut phase gates hold what they hold, as a forecast does. `bands` are
    simulated ends by the id of a workstream or gate, and under `END` that of the plan.
    """
    now = told_at(plan, world, now)
    start = plan_start(plan, world)
    ground = Ground(plan, world, now, (bands or {}) if has_dates(plan) else {}, gates, strict, as_planned)
    expected = ground.expected
    found = tuple(bars(ground))
    frontier, holds = ready(plan, world, now)
    ends = [w.weeks.last for w in plan.workstreams.values() if w.weeks]
    return Timeline(
        bars=found,
        marks=tuple(marks(ground)),
        phases=tuple(_phases(plan, world, {bar.id: bar.expected for bar in found})),
        links=tuple(links(plan, world, ground.planned, expected)),
        path=expected.path if expected is not None else (),
        driven_by_date=expected is not None and expected.driven_by_date and _begins_at_a_date(expected),
        end=expected.weeks if expected is not None else None,
        planned_end=float(max(ends)) if ends else None,
        window=plan.project.window,
        now=None if start is None else max(0.0, position(plan, start, now)),
        start=plan.calendar.start if start is None else start,
        calendar=plan.calendar,
        ready=frontier,
        holds=holds,
        band=ground.bands.get(END),
        gates=gates,
        reason="" if expected is not None else (NO_DATES if plan.workstreams else NO_WORK),
    )


def _begins_at_a_date(schedule: Schedule) -> bool:
    """Whether the driving path begins at a planned week, and not at work that is under way or at now."""
    first = schedule.path[0] if schedule.path else None
    if first is None or first in schedule.actual.started or first in schedule.actual.finished:
        return False
    return schedule.as_planned and schedule.es[schedule.network.index[first]] > schedule.actual.at


def _phases(plan: Plan, world: World, expected: Mapping[str, Span | None]) -> list[PhaseSpan]:
    found = []
    for phase in plan.phases.values():
        spans = [s for w in plan.workstreams.values() if w.phase == phase.id and (s := expected[w.id])]
        found.append(
            PhaseSpan(
                phase.id,
                phase.name,
                phase_state(plan, world, phase),
                Span(phase.weeks.first - 1.0, float(phase.weeks.last)) if phase.weeks else None,
                Span(min(s.start for s in spans), max(s.end for s in spans)) if spans else None,
            )
        )
    return found
