"""The forecast as it stood at the end of each past plan week: from the record, by one fold of its events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypedDict

from locust_tui.domain import events as e
from locust_tui.domain.clock import project_start, week_end, week_of
from locust_tui.domain.fold import apply
from locust_tui.domain.plan import Plan
from locust_tui.domain.states import WorkstreamState
from locust_tui.domain.studies.forecast import ForecastChange, Standing, change_since
from locust_tui.domain.studies.forecast_study import ForecastStudy
from locust_tui.domain.studies.rests import Rests, rests_on
from locust_tui.domain.world import World

from .forecast import RUNS, SEED, forecast
from .forecast_study import standing_of, study_at

MOST_WEEKS = 24
"""Weeks looked back at; the forecast of each is simulated anew."""
SIMULATED = 600_000
"""Workstreams simulated for one of them: the number of runs is this over the plan's size."""
HALF_A_WEEK = 0.5
KINDS = ("project.started", "plan.accepted", "workstream.moved", "run.created", "gate.moved", "gate.decided")
"""Stored names of the events that a forecast rests on; the others need not be read."""


def standing(
    plan: Plan,
    world: World,
    at: float,
    *,
    digest: str = "",
    gates: bool = True,
    strict: bool = False,
    as_planned: bool | None = None,
    seed: int = SEED,
) -> Standing:
    """The forecast at a moment, `world` being what the record said then. Same seed and runs as all it is compared with."""
    runs = max(500, min(RUNS, SIMULATED // max(1, len(plan.workstreams))))
    view = forecast(plan, world, at, gates=gates, strict=strict, as_planned=as_planned, runs=runs, seed=seed)
    return standing_of(plan, world, at, view, digest)


def last_weeks_change(past: Sequence[Standing], now: Standing) -> ForecastChange | None:
    """From the end of last week, or of the one before where this week has only begun; None without a past."""
    known = [s for s in past if s.week < now.week - 1e-9]
    if not known:
        return None
    return change_since(
        next((s for s in reversed(known) if now.week - s.week >= HALF_A_WEEK), known[-1]), now
    )


def plans_of(events: Iterable[e.Event]) -> list[str]:
    """Digests of the plans that came in force."""
    return list(
        dict.fromkeys(event.body.digest for event in events if isinstance(event.body, e.PlanAccepted))
    )


def forecast_study(
    plan: Plan, world: World, now: float, past: ForecastPast, *, digest: str = "", runs: int = RUNS
) -> ForecastStudy:
    """The forecast looked into, with how it stood before. `past` has taken in what the record says."""
    standings = past.standings(plan, world.project.started, now)
    found = study_at(plan, world, now, runs=runs, digest=digest, rests=past.rests, **past.rules)
    if not standings:
        return found
    like_them = standing(plan, world, now, digest=digest, **past.rules)
    return replace(found, past=standings, change=last_weeks_change(standings, like_them))


class Rules(TypedDict):
    """How outcomes are simulated; see `forecast`."""

    gates: bool
    strict: bool
    as_planned: bool | None
    seed: int


class ForecastPast:
    """Standings at the ends of weeks; a later call adds to what is known, the past is never simulated anew."""

    def __init__(
        self, *, gates: bool = True, strict: bool = False, as_planned: bool | None = None, seed: int = SEED
    ) -> None:
        self.rules: Rules = {"gates": gates, "strict": strict, "as_planned": as_planned, "seed": seed}
        self._world = World()
        self._events: list[e.Event] = []
        self._plans: dict[str, Plan] = {}
        self._known: dict[float, Standing] = {}
        self._until = float("-inf")
        """Everything before this moment is folded."""
        self._began: dict[str, int] = {}
        self._ended: dict[str, int] = {}

    @property
    def revision(self) -> int:
        """Events up to here were taken in."""
        return self._events[-1].revision if self._events else self._world.revision

    def take(self, events: Sequence[e.Event], plans: Mapping[str, Plan]) -> None:
        """`events`: those of `KINDS` since `revision`, oldest first; `plans`: those that came in force, by digest."""
        self._events += events
        self._plans.update(plans)

    def standings(self, plan: Plan, started: float | None, now: float) -> tuple[Standing, ...]:
        """At the ends of the last weeks before `now`. `plan` is in force now: its calendar says when weeks end."""
        ends = _week_ends(plan, started, now)
        for moment in ends:
            if moment not in self._known and moment >= self._until:
                self._fold(moment)
                if self._world.project.started is None:
                    continue  # the record does not say
                digest = self._world.project.plan_digest or ""
                then = self._plans.get(digest, plan)
                self._known[moment] = standing(then, self._world, moment, digest=digest, **self.rules)
        self._fold(now)
        self._known = {m: self._known[m] for m in ends if m in self._known}
        return tuple(self._known.values())

    def _fold(self, until: float) -> None:
        taken = 0
        for event in self._events:
            if event.at > until:
                break
            apply(self._world, event)
            self._note(event)
            taken += 1
        del self._events[:taken]
        self._until = until

    @property
    def rests(self) -> dict[str, Rests]:
        """Per finished workstream the events of its start and of its acceptance."""
        return {
            w: rests_on([r for r in (self._began.get(w), self._ended.get(w)) if r is not None])
            for w in self._ended
        }

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
