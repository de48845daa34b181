"""The forecast of one moment, looked into."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from locust_tui.domain.plan import Plan
from locust_tui.domain.snapshot import ForecastView
from locust_tui.domain.states import OPEN_GATE_STATES, GateState, WorkstreamState
from locust_tui.domain.studies.forecast import GateWait, Standing, Work
from locust_tui.domain.studies.forecast_study import Basis, Bins, Caps, Finished, ForecastStudy
from locust_tui.domain.studies.rests import NOTHING, Rests
from locust_tui.domain.world import World

from .actuals import Actuals, actuals, plan_start
from .caps import plan_caps
from .durations import HISTORY, OPTIMISTIC, PESSIMISTIC, Choice, ratios, type_of
from .forecast import RUNS, SEED, Tally, batches, not_computable, view_of
from .forecast_columns import columns_for
from .forecast_movers import movers
from .forecast_passes import Model
from .forecast_throughput import throughput
from .levelling import level_network
from .levelling import smallest_cap as fewest
from .network import build_network, planned_duration
from .schedule import schedule_network
from .verdict import is_complete
from .worktime import working_time

_WIDTHS = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
_MOST_BINS = 160
_STUDIED = 5
"""What a study costs, in plain passes."""


def study_at(
    plan: Plan,
    world: World,
    now: float,
    *,
    gates: bool = True,
    strict: bool = False,
    as_planned: bool | None = None,
    runs: int = RUNS,
    seed: int = SEED,
    digest: str = "",
    rests: Mapping[str, Rests] | None = None,
) -> ForecastStudy:
    """The study of this one moment, without the weeks before. `rests`: the events that each finished workstream's start and end stand on, where known."""
    complete = is_complete(plan, world)
    reason = not_computable(plan, world)
    past = actuals(plan, world, now)
    basis = _basis(plan, world, past, rests or {})
    if reason:
        view = ForecastView(None, None, None, None, reason=reason)
        return ForecastStudy(
            view, standing_of(plan, world, now, view, digest), plan.project.window, complete, gates, seed, 0,
            basis=basis, throughput=throughput(plan, world, now),
        )  # fmt: skip
    model = Model(plan, world, now, gates=gates, strict=strict, as_planned=as_planned, seed=seed)
    columns = columns_for(len(model.network) * _STUDIED, runs)
    tally, moved = Tally(model, columns, criticality=True), None
    critical: dict[str, float] = {}
    first = None
    for outcomes in batches(model, columns, runs):
        tally.add(outcomes)
        first = first or outcomes
    found = tally.simulation(seed)
    critical = {w: share for w, share in found.criticality.items() if model.network.index[w] in model.draws}
    if first is not None:
        moved = movers(plan, world, model, columns, first, critical)
    view = view_of(plan, found)
    return ForecastStudy(
        view,
        standing_of(plan, world, now, view, digest),
        plan.project.window,
        complete,
        gates,
        seed,
        runs,
        bins(found.finishes),
        tuple(sorted(((w, 100.0 * c) for w, c in critical.items()), key=lambda item: (-item[1], item[0]))),
        moved or (),
        basis,
        _caps(plan),
        throughput(plan, world, now, least=least_finish(model)),
        tuple(g for g in plan.gates if g in past.finished),
        as_planned=model.as_planned,
    )


def standing_of(plan: Plan, world: World, now: float, view: ForecastView, digest: str = "") -> Standing:
    """The forecast `view` of `now` with how far each workstream was: what later ones are compared with."""
    past = actuals(plan, world, now)
    works = []
    for w in plan.workstreams.values():
        state, begun = world.workstream(w.id).state, past.started.get(w.id)
        end = past.finished.get(w.id)
        took = None if begun is None else max(0.0, (past.at if end is None else end) - begun)
        finished = state is WorkstreamState.ACCEPTED
        out, waits = w.id in past.removed, state is WorkstreamState.REVIEW
        works.append(Work(w.id, planned_duration(w), took, finished, out, waits))
    learned = len(ratios(plan, past))
    return Standing(
        now, past.at, view.p50_week, view.p85_week, view.p95_week, view.in_window, view.reason,
        sum(w.finished for w in works), tuple(works), digest, world.revision,
        learned if learned >= HISTORY else 0, tuple(_waiting_gates(plan, world)),
    )  # fmt: skip


def _waiting_gates(plan: Plan, world: World) -> Iterator[GateWait]:
    start = plan_start(plan, world)
    for gate in plan.gates:
        status = world.gate(gate)
        if status.since is not None and status.state not in OPEN_GATE_STATES | {GateState.NOT_DUE}:
            since = working_time(plan.calendar, start, status.since)
            yield GateWait(gate, status.state.value, since)


def least_finish(model: Model) -> float:
    """The finish where everything that is not finished takes as short as it can, plan weeks."""
    from .forecast_columns import Plain

    drawn = {i: [d.at(0.0)] for i, d in model.draws.items()}
    finish: float = model.outcomes(Plain(), drawn, 1).finish[0]
    return finish


def bins(ordered: Sequence[float]) -> Bins:
    """Sorted finishes in stretches of a round width, the narrowest that gives few enough of them."""
    low, high = ordered[0], ordered[-1]
    width = next((w for w in _WIDTHS if (high - low) / w < _MOST_BINS), _WIDTHS[-1])
    first = math.floor(low / width + 1e-9)
    last = max(first + 1, math.ceil(high / width - 1e-9))
    edges = [bisect_left(ordered, k * width - 1e-9) for k in range(first, last)]
    counts = [b - a for a, b in zip(edges, [*edges[1:], len(ordered)], strict=True)]
    return Bins(first * width, width, tuple(counts))


def _basis(plan: Plan, world: World, past: Actuals, rests: Mapping[str, Rests]) -> Basis:
    finished = ratios(plan, past)
    choose = Choice(plan, finished)
    kinds: Counter[tuple[str, str]] = Counter()
    for w in plan.workstreams.values():
        if w.id not in past.finished and w.id not in past.removed:
            kind = choose.of(w)[1]
            kinds[kind, type_of(w) if kind == "type" else ""] += 1
    words = [_words(kind, agent, number, len(finished), choose) for (kind, agent), number in kinds.items()]
    running = sum(w not in past.finished and w not in past.removed for w in past.started)
    if running:
        words.append(f"{running} under way: longer than they have taken so far")
    return Basis(
        tuple(words),
        tuple(
            Finished(
                r.workstream, r.agent, r.planned, r.took,
                tuple(run.id for run in world.runs.values() if run.subject == r.workstream),
                world.workstream(r.workstream).first_started, world.workstream(r.workstream).accepted_at,
                rests.get(r.workstream, NOTHING),
            )
            for r in finished
        ),
        any(kind in ("history", "type") for kind, _ in kinds),
    )  # fmt: skip


def _words(kind: str, agent: str, number: int, finished: int, choose: Choice) -> str:
    if kind == "estimate":
        return f"{number} by their estimates: PERT-beta"
    if kind == "type":
        return f"{number} by what {len(choose.by_type[agent])} finished of agent type {agent or 'run'} took over their plan"
    if kind == "history":
        return f"{number} by what {finished} finished took over their plan"
    few = f"; {finished} of the {HISTORY} finished that would replace it" if finished else ""
    return f"{number} triangular {OPTIMISTIC}–1–{PESSIMISTIC} × planned: an assumption{few}"


def _caps(plan: Plan) -> Caps:
    network = build_network(plan)
    free = schedule_network(network)
    held = level_network(plan, network, free, plan_caps(plan))
    return Caps(plan.resources.max_agents, fewest(plan), max(free.ef, default=0.0), held.weeks)
