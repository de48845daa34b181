"""Forecast of the finish: a Monte Carlo simulation of the network, from a fixed seed.

Every unfinished workstream draws a duration, the forward pass gives a finish, and nearest-rank percentiles of
many runs give the dates. Simulated and not summed up, because parallel paths merge late.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.plan import Gate, Plan
from locust_tui.domain.snapshot import ForecastView, GateForecast
from locust_tui.domain.states import OUT_OF_SCOPE
from locust_tui.domain.studies.forecast import AT_RISK, EARLY, IN_WINDOW, LATE
from locust_tui.domain.world import World

from .actuals import deferred
from .forecast_columns import BATCH, EPSILON, Columns, columns_for
from .forecast_passes import Model, Outcomes, on_longest_path
from .percentiles import nearest_rank, tenth_up
from .situation import has_dates

SEED = 20_251_117
RUNS = 10_000
SIMULATED_WORKSTREAMS = 150_000
"""Work of a forecast that is made in passing: the number of runs is this over the plan's size."""


@dataclass(frozen=True, slots=True)
class Simulation:
    """Result of `simulate`: finishes in plan weeks, sorted."""

    finishes: tuple[float, ...]
    gates: dict[str, tuple[float, ...]]
    criticality: dict[str, float]
    """Share of the runs in which a workstream lies on the longest path; empty unless asked for."""
    seed: int
    runs: int


def runs_in_passing(plan: Plan) -> int:
    """How many runs a forecast has that nobody waits for: in the headline, in a status, in a report."""
    return max(100, min(RUNS, SIMULATED_WORKSTREAMS // max(1, len(plan.workstreams))))


def forecast(
    plan: Plan,
    world: World,
    now: float,
    *,
    gates: bool = True,
    strict: bool = False,
    as_planned: bool | None = None,
    runs: int = RUNS,
    seed: int = SEED,
) -> ForecastView:
    """Finish percentiles in plan weeks and the chance (points) to be done by the end of the window.

    `gates` lets shut phase gates hold what they hold; each is decided at the end of the working day on which
    its phase is accepted. `as_planned` (None: as the plan says) starts nothing before its planned week, `strict`
    reads every need as done. Where nothing can be computed, every figure is None and `reason` says why.
    """
    reason = not_computable(plan, world)
    if reason:
        return ForecastView(None, None, None, None, reason=reason)
    found = simulate(
        plan, world, now, gates=gates, strict=strict, as_planned=as_planned, runs=runs, seed=seed
    )
    return view_of(plan, found)


def forecast_in_passing(plan: Plan, world: World, now: float) -> ForecastView:
    """The forecast that nobody asked for by itself: of few enough runs, and, where its P50 is behind the window,
    with what the work alone comes to."""
    runs, window = runs_in_passing(plan), plan.project.window
    found = forecast(plan, world, now, runs=runs)
    if window is None or found.p50_week is None or found.p50_week <= window[1] or not plan.gates:
        return found
    return replace(found, work_p50_week=forecast(plan, world, now, gates=False, runs=runs).p50_week)


def view_of(plan: Plan, found: Simulation) -> ForecastView:
    """A simulation's figures."""
    finishes = found.finishes
    p50, p85, p95 = (finish_by(finishes, p) for p in (50, 85, 95))
    window = plan.project.window
    return ForecastView(
        p50_week=p50,
        p85_week=p85,
        p95_week=p95,
        in_window=None if window is None else chance_by(finishes, window[1]),
        window_class=window_class(window, p50, p85),
        gates=tuple(_gate_view(g, found.gates[g.id]) for g in plan.gates.values()),
    )


def _gate_view(gate: Gate, weeks: Sequence[float]) -> GateForecast:
    p50, p85, p95 = (finish_by(weeks, p) for p in (50, 85, 95))
    return GateForecast(
        gate.id, p50, p85, gate.week, p95, None if gate.week is None else chance_by(weeks, gate.week)
    )


def window_class(window: tuple[float, float] | None, p50: float, p85: float) -> str:
    """Where the finish lies against the window: early, in window, at risk or late; empty without a window."""
    if window is None:
        return ""
    if p50 > window[1]:
        return LATE
    if p85 > window[1]:
        return AT_RISK
    return EARLY if p50 < window[0] else IN_WINDOW


def finish_by(ordered: Sequence[float], points: float) -> float:
    """Nearest-rank percentile of sorted weeks, rounded up to a tenth."""
    return tenth_up(nearest_rank(ordered, points))


def chance_by(ordered: Sequence[float], week: float) -> float:
    """Points: the share of sorted values that are not after the end of plan week `week`."""
    return 100.0 * bisect_right(ordered, week + EPSILON) / len(ordered)


def not_computable(plan: Plan, world: World) -> str:
    """Why there is no forecast; empty where there is one."""
    if not plan.workstreams:
        return "the plan has no workstreams"
    later = deferred(plan, world)
    if all(w in later or world.workstream(w).state in OUT_OF_SCOPE for w in plan.workstreams):
        return "no workstream is left in scope"
    return "" if has_dates(plan) else "no dates in the plan"


def simulate(
    plan: Plan,
    world: World,
    now: float,
    *,
    gates: bool = True,
    strict: bool = False,
    as_planned: bool | None = None,
    runs: int = RUNS,
    seed: int = SEED,
    criticality: bool = False,
) -> Simulation:
    """Draw `runs` outcomes of the plan; the same seed, plan, world and moment give the same result.

    Finished work stays where it was; running work takes longer than it has run; the rest starts from now on.
    """
    model = Model(plan, world, now, gates=gates, strict=strict, as_planned=as_planned, seed=seed)
    columns = columns_for(len(model.network) * (3 if criticality else 1), runs)
    tally = Tally(model, columns, criticality=criticality)
    for outcomes in batches(model, columns, runs):
        tally.add(outcomes)
    return tally.simulation(seed)


def batches(model: Model, columns: Columns, runs: int) -> Iterator[Outcomes]:
    """The outcomes, so many at a time that memory stays small."""
    for first in range(0, runs, BATCH):
        yield model.batch(columns, min(BATCH, runs - first))


class Tally:
    """Gathers what is kept of each batch."""

    def __init__(self, model: Model, columns: Columns, *, criticality: bool) -> None:
        self._model, self._columns = model, columns
        self._finishes: list[float] = []
        self._gates: dict[str, list[float]] = {model.network.ids[i]: [] for i in sorted(model.gates)}
        self._critical = dict.fromkeys(model.network.works, 0) if criticality else {}

    def add(self, o: Outcomes) -> None:
        columns, network = self._columns, self._model.network
        self._finishes += columns.listed(o.finish)
        for gate, weeks in self._gates.items():
            weeks += columns.listed(o.ends[network.index[gate]])
        if self._critical:
            for i, runs in on_longest_path(self._model, columns, o).items():
                self._critical[i] += columns.count(runs)

    def simulation(self, seed: int) -> Simulation:
        ids, runs = self._model.network.ids, len(self._finishes)
        return Simulation(
            tuple(sorted(self._finishes)),
            {gate: tuple(sorted(weeks)) for gate, weeks in self._gates.items()},
            {ids[i]: count / runs for i, count in self._critical.items()},
            seed,
            runs,
        )
