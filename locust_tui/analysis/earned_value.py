"""Earned value: what was planned, what is verified, what it cost, and when it ends if work goes on as it did.

Source: PMI, Practice Standard for Earned Value Management. Schedule counts in points of weight, cost in money: an
index needs one unit throughout.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.events import Event
from locust_tui.domain.plan import Plan, Workstream
from locust_tui.domain.states import OUT_OF_SCOPE, WorkstreamState
from locust_tui.domain.studies.figures import EarnedStudy, EarnedValue, Figure
from locust_tui.domain.studies.rests import Rests, rests_on
from locust_tui.domain.world import World

from .actuals import plan_start
from .earned_cost import Budgets, Spending, budgets_of
from .earned_curve import earned_curve as earned_curve
from .earned_evidence import EARNED_KINDS as EARNED_KINDS
from .earned_evidence import Evidence
from .earned_schedule import earned_schedule, finish_week, span, time_index
from .needs import verified_percent
from .progress import NO_DATES, Progress, expected_progress, progress
from .worktime import working_time

NOT_STARTED = "the plan has not been started"
_NOTHING_EARNED = "nothing is earned yet"


@dataclass(frozen=True, slots=True)
class _Ground:
    """What every scope of one study rests on."""

    plan: Plan
    world: World
    now: float
    budgets: Budgets
    spending: Spending
    evidence: Evidence


def earned_study(
    plan: Plan,
    world: World,
    now: float,
    events: Iterable[Event] = (),
    plans: Mapping[str, Plan] | None = None,
) -> EarnedStudy:
    """Project, phases, orchestrators, and the project's curve.

    `events`: of EARNED_KINDS, oldest first, up to `now`. `plans`: those once in force, by digest, for the curve.
    """
    events = list(events)
    ground = _ground(plan, world, now, events)
    works = list(plan.workstreams.values())
    phases = [
        _earned(ground, "phase", p.id, p.name, [w for w in works if w.phase == p.id], ())
        for p in plan.phases.values()
    ]
    orchestrators = [
        _earned(ground, "orchestrator", o.id, o.name, [plan.workstreams[w] for w in o.workstreams], (o.id,))
        for o in plan.orchestrators.values()
    ]
    return EarnedStudy(
        now,
        _earned(ground, "project", "", plan.project.name, works, None),
        tuple(phases),
        tuple(orchestrators),
        earned_curve(plan, world, now, events, plans),
        ground.budgets.basis,
    )


def earned_value(
    plan: Plan, world: World, now: float, ids: Iterable[str] | None = None, events: Iterable[Event] = ()
) -> EarnedValue:
    """Earned value of the workstreams `ids` (default: all, the orchestrators' own runs included) at `now`."""
    ground = _ground(plan, world, now, list(events))
    if ids is None:
        return _earned(ground, "project", "", plan.project.name, list(plan.workstreams.values()), None)
    chosen = [plan.workstreams[i] for i in ids]
    return _earned(ground, "part", "", ", ".join(w.id for w in chosen), chosen, ())


def _ground(plan: Plan, world: World, now: float, events: Sequence[Event]) -> _Ground:
    spending = Spending(plan, world, now, events)
    return _Ground(plan, world, now, budgets_of(plan), spending, Evidence(world, events))


def _earned(
    ground: _Ground, kind: str, id: str, name: str, works: Sequence[Workstream], leaders: Sequence[str] | None
) -> EarnedValue:
    """`leaders`: whose own runs cost the scope something; None: everybody's."""
    plan, world = ground.plan, ground.world
    start = plan_start(plan, world)
    at = None if start is None else working_time(plan.calendar, start, ground.now)
    found = progress(plan, world, at or 0.0, [w.id for w in works])
    scope = [w for w in works if world.workstream(w.id).state not in OUT_OF_SCOPE]
    proof = ground.evidence
    in_plan = proof.of_scope(works, "weights of")
    bac = Figure(found.weight or None, found.reason if not found.weight else "", in_plan)
    ev = _points(found, found.value, found.reason, proof.of_work(works))
    pv = _points(found, found.expected, found.expected_reason, proof.of_scope(works, "weeks of"))
    if start is None:
        pv = Figure(0.0 if found.expected is not None else None, pv.reason, pv.rests)
    both = _both(ev, pv)
    cost = _cost(ground, works, scope, found, leaders)
    return EarnedValue(
        kind, id, name, at, bac, pv, ev, _minus(ev, pv, both), _spi(ev, pv, both, started=at is not None),
        Figure(found.value, found.reason if found.value is None else "", ev.rests),
        Figure(found.expected, found.expected_reason, pv.rests),
        **cost, **_schedule(ground, scope, found, at, both), removed=found.removed,
    )  # fmt: skip


def _points(found: Progress, share: float | None, reason: str, rests: Rests) -> Figure:
    """A share in points of 100 → points of weight."""
    return Figure(None, reason, rests) if share is None else Figure(found.weight * share / 100.0, rests=rests)


def _both(*figures: Figure) -> Rests:
    revisions = [r for f in figures for r in f.rests.revisions]
    few = all(len(f.rests.revisions) == f.rests.count for f in figures)
    note = "; ".join(dict.fromkeys(f.rests.note for f in figures if f.rests.note))
    if few:
        return rests_on(revisions, note)
    ends = [r for f in figures for r in (f.rests.first, f.rests.last) if r is not None]
    return Rests((), note, min(ends), max(ends), max(f.rests.count for f in figures))


def _missing(*figures: Figure) -> str:
    return next((f.reason for f in figures if f.value is None), "")


def _minus(a: Figure, b: Figure, rests: Rests) -> Figure:
    if a.value is None or b.value is None:
        return Figure(None, _missing(a, b), rests)
    return Figure(a.value - b.value, rests=rests)


def _spi(ev: Figure, pv: Figure, rests: Rests, *, started: bool) -> Figure:
    if ev.value is None or pv.value is None:
        return Figure(None, _missing(ev, pv), rests)
    if not started:
        return Figure(None, NOT_STARTED, rests)
    if pv.value <= 0:
        ahead = f"; {ev.value:.4g} points are earned ahead of it" if ev.value > 0 else ""
        return Figure(None, f"nothing was planned to be done by now{ahead}", rests)
    return Figure(ev.value / pv.value, rests=rests)


def _schedule(
    ground: _Ground, scope: Sequence[Workstream], found: Progress, at: float | None, rests: Rests
) -> dict[str, Figure]:
    plan = ground.plan
    weeks = span(plan, scope)
    if weeks is None or found.value is None:
        why = found.reason if found.value is None else NO_DATES
        none = Figure(None, why, rests)
        end = none if weeks is None else Figure(float(weeks.last), rests=rests)
        return {"es": none, "spi_t": none, "finish": none, "planned_finish": end}
    end = Figure(float(weeks.last), rests=rests)
    if at is None:
        none = Figure(None, NOT_STARTED, rests)
        return {"es": none, "spi_t": none, "finish": none, "planned_finish": end}
    actual = _finished_at(ground, scope)
    at = at if actual is None else min(at, actual)

    def planned(week: float) -> float:
        return (expected_progress(plan, scope, week) or 0.0) / 100.0

    es = earned_schedule(planned, found.value / 100.0, weeks, at)
    index = time_index(es, at, weeks)
    late = "its planned start is ahead" if index is None else ""
    if actual is not None:
        finish = Figure(actual, rests=rests)
    else:
        week = finish_week(index, weeks)
        finish = Figure(week, (late or _NOTHING_EARNED) if week is None else "", rests)
    return {
        "es": Figure(es, rests=rests),
        "spi_t": Figure(index, late, rests),
        "finish": finish,
        "planned_finish": end,
    }


def _finished_at(ground: _Ground, scope: Sequence[Workstream]) -> float | None:
    """Week in which the last of the scope was accepted; None while one is not."""
    done = [ground.world.workstream(w.id) for w in scope]
    if not done or any(s.state is not WorkstreamState.ACCEPTED or s.accepted_at is None for s in done):
        return None
    last = max(s.accepted_at for s in done if s.accepted_at is not None)
    return working_time(ground.plan.calendar, plan_start(ground.plan, ground.world), last)


def _cost(
    ground: _Ground,
    works: Sequence[Workstream],
    scope: Sequence[Workstream],
    found: Progress,
    leaders: Sequence[str] | None,
) -> dict[str, Figure]:
    """Money: of deferred and cancelled work what it cost stays, and what it was to cost goes."""
    subjects = None if leaders is None else {*leaders, *(w.id for w in works)}
    runs = ground.spending.runs_of(subjects)
    spent_on = ground.evidence.of_runs(r.id for r in runs)
    unknown = ground.spending.unknown(runs)
    if runs and unknown == len(runs):
        ac = Figure(None, "no agent says what it costs, and none has a rate", spent_on)
    else:
        ac = Figure(ground.spending.until(runs, ground.now), rests=spent_on)
    partly = f"of {unknown} of {len(runs)} runs nobody knows what they cost" if unknown else ""
    without = [w.id for w in scope if w.id not in ground.budgets.of]
    in_plan = ground.evidence.of_scope(works, "budgets of")
    if not scope or without:
        named = f"{', '.join(without[:3])}{' …' if len(without) > 3 else ''}"
        why = found.reason if not scope else f"{named}: neither a budget nor an agent type with a rate"
        budget = earned = Figure(None, why, in_plan)
    else:
        planned = ground.budgets.of
        budget = Figure(sum(planned[w.id] for w in scope), rests=in_plan)
        value = (
            sum(planned[w.id] * verified_percent(w, ground.world.workstreams.get(w.id)) for w in scope) / 100
        )
        earned = Figure(value, rests=ground.evidence.of_work(works))
    return {"budget": budget, "earned": earned, "ac": ac, **_cost_indices(budget, earned, ac, partly)}


def _cost_indices(budget: Figure, earned: Figure, ac: Figure, partly: str) -> dict[str, Figure]:
    rests = _both(budget, earned, ac)
    why = _missing(budget, earned, ac) or partly
    if why or budget.value is None or earned.value is None or ac.value is None:
        return dict.fromkeys(("cv", "cpi", "eac", "etc", "vac", "tcpi"), Figure(None, why, rests))
    bac, ev, cost = budget.value, earned.value, ac.value
    cpi = Figure(ev / cost, rests=rests) if cost > 0 else Figure(None, "nothing has been spent", rests)
    if cpi.value:
        eac = cost if math.isclose(ev, bac) else bac / cpi.value
        ahead = [Figure(v, rests=rests) for v in (eac, eac - cost, bac - eac)]
    else:
        ahead = [Figure(None, cpi.reason or _NOTHING_EARNED, rests)] * 3
    left = bac - cost
    spent = "the budget is spent" if bac > 0 else "nothing was budgeted"
    tcpi = Figure((bac - ev) / left, rests=rests) if left > 0 else Figure(None, spent, rests)
    return {
        "cv": Figure(ev - cost, rests=rests), "cpi": cpi,
        "eac": ahead[0], "etc": ahead[1], "vac": ahead[2], "tcpi": tcpi,
    }  # fmt: skip
