"""Forecast of the finish: a Monte Carlo simulation of the network, from a fixed seed.

Every unfinished workstream draws a duration, the forward pass gives a finish, and nearest-rank percentiles of
many runs give the dates. Simulated and not summed up, because parallel paths merge late.
"""

from __future__ import annotations

import math
import random
from collections.abc import Container, Sequence
from operator import add

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.plan import Plan
from locust_tui.domain.snapshot import ForecastView, GateForecast
from locust_tui.domain.states import OUT_OF_SCOPE
from locust_tui.domain.world import World

from .actuals import Actuals, actuals
from .durations import Draw, duration_draws
from .network import Network, build_network
from .situation import has_dates

SEED = 20_251_117
RUNS = 2_000
_BATCH = 500
"""Runs simulated at a time: bounds memory in large plans."""


@dataclass(frozen=True, slots=True)
class Simulation:
    """Result of `simulate`: finishes in plan weeks, sorted."""

    finishes: tuple[float, ...]
    gates: dict[str, tuple[float, ...]]
    criticality: dict[str, float]
    """Share of the runs in which a workstream lies on the longest path; empty unless asked for."""
    seed: int
    runs: int


def forecast(
    plan: Plan,
    world: World,
    now: float,
    *,
    gates: bool = True,
    strict: bool = False,
    as_planned: bool = False,
    runs: int = RUNS,
    seed: int = SEED,
) -> ForecastView:
    """Finish percentiles in plan weeks and the chance (points) to be done by the end of the window.

    `gates` lets shut phase gates hold what they hold; each is decided at the end of the working day on which
    its phase is accepted. Where nothing can be computed, every figure is None and `reason` says why.
    """
    reason = _not_computable(plan, world)
    if reason:
        return ForecastView(None, None, None, None, reason=reason)
    found = simulate(
        plan, world, now, gates=gates, strict=strict, as_planned=as_planned, runs=runs, seed=seed
    )
    finishes = found.finishes
    window = plan.project.window
    in_window = None
    if window is not None:
        in_window = 100.0 * sum(1 for f in finishes if f <= window[1] + 1e-9) / len(finishes)
    return ForecastView(
        p50_week=percentile(finishes, 50),
        p85_week=percentile(finishes, 85),
        p95_week=percentile(finishes, 95),
        in_window=in_window,
        gates=tuple(
            GateForecast(g.id, percentile(found.gates[g.id], 50), percentile(found.gates[g.id], 85), g.week)
            for g in plan.gates.values()
        ),
    )


def percentile(ordered: Sequence[float], percent: float) -> float:
    """Nearest-rank percentile of sorted values, rounded up to a tenth of a week: half a working day."""
    rank = max(1, math.ceil(percent / 100.0 * len(ordered)))
    return math.ceil(ordered[rank - 1] * 10 - 1e-9) / 10


def _not_computable(plan: Plan, world: World) -> str:
    if not plan.workstreams:
        return "the plan has no workstreams"
    if not has_dates(plan):
        return "no dates in the plan"
    if all(world.workstream(w).state in OUT_OF_SCOPE for w in plan.workstreams):
        return "no workstream is left in scope"
    return ""


def simulate(
    plan: Plan,
    world: World,
    now: float,
    *,
    gates: bool = True,
    strict: bool = False,
    as_planned: bool = False,
    runs: int = RUNS,
    seed: int = SEED,
    criticality: bool = False,
) -> Simulation:
    """Draw `runs` outcomes of the plan; the same seed, plan, world and moment give the same result.

    Finished work stays where it was; running work takes longer than it has run; the rest starts from now on.
    """
    network = build_network(plan, strict=strict, gates=gates)
    past = actuals(plan, world, now)
    draws = duration_draws(plan, network, past, random.Random(seed))
    works = {i: random.Random(f"{seed}/{network.ids[i]}") for i in network.works}
    gate_nodes = {g: network.index[g] for g in plan.gates}
    finishes: list[float] = []
    gate_weeks: dict[str, list[float]] = {g: [] for g in plan.gates}
    on_path = dict.fromkeys(network.works, 0)
    for first in range(0, runs, _BATCH):
        batch = min(_BATCH, runs - first)
        es, ef, durations = _forward(network, past, draws, works, plan.gates, as_planned, batch)
        ends = (
            list(map(max, *(ef[i] for i in network.works)))
            if len(network.works) > 1
            else ef[network.works[0]]
        )
        finishes += ends
        for g, i in gate_nodes.items():
            gate_weeks[g] += ef[i]
        if criticality:
            _count_critical(network, es, ef, durations, ends, on_path)
    shares = {network.ids[i]: count / runs for i, count in on_path.items()} if criticality else {}
    ordered = {g: tuple(sorted(values)) for g, values in gate_weeks.items()}
    return Simulation(tuple(sorted(finishes)), ordered, shares, seed, runs)


_Columns = list[list[float]]
"""Per node, one value per run of the batch."""


def _forward(
    network: Network,
    past: Actuals,
    draws: dict[int, Draw],
    rngs: dict[int, random.Random],
    gates: Container[str],
    as_planned: bool,
    batch: int,
) -> tuple[_Columns, _Columns, _Columns]:
    """Starts, finishes and durations of every node in every run; lags are not rounded to days here."""
    es: _Columns = []
    ef: _Columns = []
    durations: _Columns = []
    for i, node in enumerate(network.ids):
        done, begun = past.finished.get(node), past.started.get(node)
        draw = draws.get(i)
        if node in past.removed:
            begin, took = [0.0] * batch, [0.0] * batch
        elif done is not None:
            begin = [done if begun is None else min(begun, done)] * batch
            took = [done - begin[0]] * batch
        else:
            if begun is not None:
                begin = [begun] * batch
            else:
                begin = _begin(network, i, es, ef, durations, past.at, as_planned, batch)
            took = [draw(rngs[i]) for _ in range(batch)] if draw is not None else [0.0] * batch
            if node in gates:
                begin = _ends_of_day(begin, network.days)
        end = list(map(add, begin, took))
        if network.ff[i] and done is None and node not in past.removed:
            end = list(map(max, end, *(ef[p] for p in network.ff[i])))
        es.append(begin)
        ef.append(end)
        durations.append(took)
    return es, ef, durations


def _begin(
    network: Network,
    i: int,
    es: _Columns,
    ef: _Columns,
    durations: _Columns,
    at: float,
    as_planned: bool,
    batch: int,
) -> list[float]:
    bounds: list[list[float]] = [[max(at, network.releases[i]) if as_planned else at] * batch]
    bounds += [ef[p] for p in network.fs[i]]
    bounds += [
        [s + fraction * d for s, d in zip(es[p], durations[p], strict=True)] for p, fraction in network.ss[i]
    ]
    return list(map(max, *bounds)) if len(bounds) > 1 else bounds[0]


def _ends_of_day(moments: list[float], days: int) -> list[float]:
    """A gate waits for a person, who decides by the end of the working day."""
    return [math.ceil(m * days - 1e-9) / days for m in moments]


def _count_critical(
    network: Network,
    es: _Columns,
    ef: _Columns,
    durations: _Columns,
    ends: list[float],
    on_path: dict[int, int],
) -> None:
    """Count, per workstream, the runs in which slipping it slips the finish (no total float)."""
    n = len(network)
    for run, end in enumerate(ends):
        ls, lf = [end] * n, [end] * n
        for i in range(n - 1, -1, -1):
            d = durations[i][run]
            latest = min((ls[j] for j in network.fs_after[i]), default=end)
            for j in network.ff_after[i]:
                latest = min(latest, lf[j])
            lf[i] = latest
            ls[i] = min([latest - d, *(ls[j] - fraction * d for j, fraction in network.ss_after[i])])
            if i in on_path and ls[i] - es[i][run] <= 1e-9:
                on_path[i] += 1
