"""The Snapshot: everything a viewer may show, computed from plan, world and moment."""

from __future__ import annotations

import math

from locust_tui.domain.clock import plan_time, week_of
from locust_tui.domain.plan import Plan
from locust_tui.domain.snapshot import (
    ForecastView,
    OrchestratorView,
    PhaseView,
    RunView,
    Snapshot,
    WorkstreamView,
)
from locust_tui.domain.states import WorkstreamState
from locust_tui.domain.world import RunStatus, World

from .actuals import actuals, plan_start
from .gate_view import gate_view
from .kpis import kpi_views
from .milestones import milestone_views
from .network import build_network
from .phases import ACTIVE, phase_state
from .progress import progress
from .risks import risk_views
from .schedule import schedule_network
from .situation import Situation, has_dates
from .slots import Slots, taken_slots
from .snapshot_cache import SnapshotCache
from .verdict import Judged, verdict
from .waiting import waiting_items
from .workstream_view import check_criteria, dependencies, workstream_view
from .worktime import working_time

NOT_FORECAST = ForecastView(None, None, None, None, reason="not computed yet")
FLOAT_STEPS = 10
"""Floats are computed for the last tenth of a plan week that has begun, so that they do not creep."""
_STUCK = frozenset({WorkstreamState.BLOCKED, WorkstreamState.FAILED, WorkstreamState.NEEDS_INPUT})


def build_snapshot(
    plan: Plan,
    digest: str,
    path: str,
    world: World,
    now: float,
    *,
    worker_pid: int | None,
    forecast: ForecastView | None = None,
    cache: SnapshotCache | None = None,
) -> Snapshot:
    """The state of `plan` as `world` records it, at `now` (seconds since the epoch).

    `worker_pid` is the worker that is known to live; for a past world, the one recorded there. With a `cache`,
    parts that did not change are the very objects of the snapshot before. `forecast` None is shown as not
    computed.
    """
    cache = SnapshotCache() if cache is None else cache
    cache.use(plan)
    live = tuple(r for r in world.runs.values() if r.live)
    look = Situation(plan, world, now, worker_pid, live, _floats(plan, world, now, cache))
    slots = taken_slots(plan, live)
    workstreams = _workstreams(look, slots, cache)
    at = working_time(plan.calendar, look.start, now)
    whole = progress(plan, world, at)
    risks = risk_views(plan, world)
    forecast = forecast or NOT_FORECAST
    critical = frozenset(w.id for w in workstreams if w.critical)
    judged = Judged(whole, forecast, critical, risks, worker_pid, len(live))
    answer, reasons = verdict(plan, world, now, judged)
    gates = tuple(gate_view(g, look) for g in plan.gates.values())
    phases = _phases(look, at, cache)
    project = world.project
    return Snapshot(
        revision=world.revision,
        at=now,
        plan_name=plan.project.name,
        plan_path=path,
        plan_digest=digest,
        meta_id=plan.meta.id if plan.meta else None,
        meta_name=plan.meta.name if plan.meta else plan.project.name,
        week=week_of(plan.calendar, look.start, now),
        last_week=plan.last_week,
        current_phases=tuple(p.id for p in phases if p.state in ACTIVE),
        started=project.started,
        worker_pid=worker_pid,
        cap=plan.resources.max_agents,
        progress=whole.value,
        progress_reason=whole.reason,
        expected_progress=whole.expected,
        verdict=answer,
        reasons=reasons,
        held=project.held,
        plan_change=project.last_change,
        phases=phases,
        orchestrators=_orchestrators(look, at, slots),
        workstreams=workstreams,
        gates=gates,
        runs=_runs(look, cache),
        kpis=kpi_views(plan, world, now),
        forecast=forecast,
        risks=risks,
        milestones=milestone_views(plan, world, now),
        waiting=waiting_items(look, workstreams, gates),
    )


def _floats(plan: Plan, world: World, now: float, cache: SnapshotCache) -> dict[str, float]:
    """Float of each workstream in weeks, to a tenth; none in a plan without durations."""
    if not has_dates(plan):
        return {}
    start = plan_start(plan, world)
    tenth = math.floor(FLOAT_STEPS * max(0.0, plan_time(plan.calendar, start, now)) + 1e-9)
    stamps = tuple([(s.first_started, s.accepted_at, s.state in _GONE) for s in world.workstreams.values()])
    rests_on = (start, tenth, stamps)
    if cache.floats_of != rests_on:
        cache.network = cache.network or build_network(plan)
        moment = now if start is None else start + tenth / FLOAT_STEPS * plan.calendar.week_s
        schedule = schedule_network(cache.network, actual=actuals(plan, world, moment))
        cache.floats = {work: round(slack, 1) for work, slack in schedule.floats.items()}
        cache.floats_of = rests_on
    return cache.floats


_GONE = frozenset({WorkstreamState.CANCELLED, WorkstreamState.DEFERRED})


def _workstreams(look: Situation, slots: Slots, cache: SnapshotCache) -> tuple[WorkstreamView, ...]:
    views = []
    known, all_checks = cache.workstreams, cache.checks
    for w in look.plan.workstreams.values():
        checks = all_checks.get(w.id)
        if checks is None:
            checks = all_checks[w.id] = check_criteria(w, look)
        rests_on = dependencies(w, checks, look, slots)
        before = known.get(w.id)
        if before is not None and before[0] == rests_on:
            views.append(before[1])
            continue
        view = workstream_view(w, checks, look, slots)
        known[w.id] = (rests_on, view)
        views.append(view)
    return tuple(views)


def _phases(look: Situation, at: float, cache: SnapshotCache) -> tuple[PhaseView, ...]:
    views = []
    for phase in look.plan.phases.values():
        members = cache.phase_members[phase.id]
        found = progress(look.plan, look.world, at, members)
        state = phase_state(look.plan, look.world, phase, members)
        weeks = str(phase.weeks) if phase.weeks is not None else ""
        views.append(PhaseView(phase.id, phase.name, weeks, state, found.value, found.expected))
    return tuple(views)


def _orchestrators(look: Situation, at: float, slots: Slots) -> tuple[OrchestratorView, ...]:
    views = []
    for o in look.plan.orchestrators.values():
        members = [m for m in o.workstreams if m in look.plan.workstreams]
        found = progress(look.plan, look.world, at, members)
        works = look.world.workstreams
        views.append(
            OrchestratorView(
                id=o.id,
                name=o.name,
                alias=o.alias,
                workstreams=tuple(members),
                progress=found.value,
                expected_progress=found.expected,
                agents_running=slots.by_owner[o.id],
                quota=look.plan.resources.pools.get(o.id),
                focus=o.focus,
                weeks=str(o.weeks) if o.weeks is not None else "",
                blockers=tuple(m for m in members if m in works and works[m].state in _STUCK),
            )
        )
    return tuple(views)


def _runs(look: Situation, cache: SnapshotCache) -> tuple[RunView, ...]:
    views = []
    known = cache.runs
    for run in look.world.runs.values():
        before = known.get(run.id)
        if before is None or before[0] is not run:
            before = known[run.id] = (run, _run_view(look.plan, run))
        views.append(before[1])
    views.sort(key=_created)
    return tuple(views)


def _created(view: RunView) -> float:
    return view.created


def _run_view(plan: Plan, run: RunStatus) -> RunView:
    workstream = plan.workstreams.get(run.subject)
    orchestrator = plan.orchestrators.get(run.subject)
    subject = workstream or orchestrator
    return RunView(
        id=run.id,
        name=subject.name if subject is not None else run.subject,
        subject=run.subject,
        orchestrator=workstream.orchestrator
        if workstream is not None
        else (orchestrator.id if orchestrator else None),
        agent_type=run.agent_type,
        state=run.state,
        source=run.source,
        reason=run.reason,
        pid=run.pid,
        attempt=run.attempt,
        created=run.created,
        started=run.started,
        ended=run.ended,
        exit_code=run.exit_code,
        signal=run.signal,
        tokens=run.tokens,
        cost_usd=run.cost_usd,
    )
