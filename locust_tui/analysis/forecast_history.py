"""The forecast as it stood at the end of each past plan week: from the record, by one fold of its events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from locust_tui.domain import events as e
from locust_tui.domain.clock import project_start, week_end, week_of
from locust_tui.domain.fold import apply
from locust_tui.domain.plan import Plan
from locust_tui.domain.states import WorkstreamState
from locust_tui.domain.studies.forecast import ForecastChange, Standing, change_since
from locust_tui.domain.studies.rests import Rests, rests_on
from locust_tui.domain.world import World

from .forecast import RUNS, SEED, forecast
from .forecast_study import standing_of

MOST_WEEKS = 24
"""Weeks looked back at; the forecast of each is simulated anew."""
SIMULATED = 600_000
"""Workstreams simulated for one of them: the number of runs is this over the plan's size."""
HALF_A_WEEK = 0.5


def standing(
    plan: Plan, world: World, at: float, *, digest: str = "", gates: bool = True, seed: int = SEED
) -> Standing:
    """The forecast at a moment, `world` being what the record said then. Same seed and runs as all it is compared with."""
    runs = max(500, min(RUNS, SIMULATED // max(1, len(plan.workstreams))))
    view = forecast(plan, world, at, gates=gates, runs=runs, seed=seed)
    return standing_of(plan, world, at, view, digest)


def last_weeks_change(past: Sequence[Standing], now: Standing) -> ForecastChange | None:
    """From the end of last week, or of the one before where this week has only begun; None without a past."""
    known = [s for s in past if s.week < now.week - 1e-9]
    if not known:
        return None
    return change_since(
        next((s for s in reversed(known) if now.week - s.week >= HALF_A_WEEK), known[-1]), now
    )


class ForecastPast:
    """Standings at the ends of weeks; what happened later is added by a further call, the past is never made anew."""

    def __init__(self, *, gates: bool = True, seed: int = SEED) -> None:
        self._gates, self._seed = gates, seed
        self._world = World()
        self._known: dict[float, Standing] = {}
        self._began: dict[str, int] = {}
        self._ended: dict[str, int] = {}

    @property
    def revision(self) -> int:
        """Events up to here were taken in."""
        return self._world.revision

    def bring_up_to(
        self,
        plan: Plan,
        started: float | None,
        now: float,
        events: Iterable[e.Event],
        plans: Mapping[str, Plan],
    ) -> tuple[Standing, ...]:
        """`events`: all since the last call, oldest first; `plans`: those that were in force, by their digests.

        `plan` is the one in force now; its calendar says when weeks end.
        """
        moments = [m for m in _week_ends(plan, started, now) if m not in self._known]
        wanted = iter(moments)
        moment = next(wanted, None)
        for event in events:
            while moment is not None and event.at > moment:
                self._stand(plan, plans, moment)
                moment = next(wanted, None)
            apply(self._world, event)
            self._note(event)
        while moment is not None:
            self._stand(plan, plans, moment)
            moment = next(wanted, None)
        return tuple([self._known[m] for m in _week_ends(plan, started, now) if m in self._known])

    @property
    def rests(self) -> dict[str, Rests]:
        """Per finished workstream the events of its start and of its acceptance."""
        return {
            w: rests_on([r for r in (self._began.get(w), self._ended.get(w)) if r is not None])
            for w in self._ended
        }

    def _stand(self, plan: Plan, plans: Mapping[str, Plan], moment: float) -> None:
        digest = self._world.project.plan_digest or ""
        then = plans.get(digest, plan)
        self._known[moment] = standing(
            then, self._world, moment, digest=digest, gates=self._gates, seed=self._seed
        )

    def _note(self, event: e.Event) -> None:
        body = event.body
        if isinstance(body, e.RunCreated):
            self._began.setdefault(body.subject, event.revision)
        elif isinstance(body, e.WorkstreamMoved):
            if body.new is WorkstreamState.ACCEPTED:
                self._ended[body.workstream] = event.revision
            else:
                self._ended.pop(body.workstream, None)


def _week_ends(plan: Plan, started: float | None, now: float) -> list[float]:
    """The ends of the weeks that are over, oldest first."""
    start = project_start(plan.calendar, started)
    if start is None or started is None:
        return []
    last = week_of(plan.calendar, start, now) - 1
    ends = [week_end(plan.calendar, start, k) for k in range(max(1, last - MOST_WEEKS + 1), last + 1)]
    return [m for m in ends if m > started]
