"""The Snapshot: everything a viewer may show, computed from plan, world and moment."""

from __future__ import annotations

import dataclasses
import math

from locust_tui.domain.clock import plan_time, week_of
from locust_tui.domain.coordination import MemoryEntry, MessageStatus, oldest_first
from locust_tui.domain.plan import Plan
from locust_tui.domain.snapshot import ForecastView, Snapshot, WorkstreamView
from locust_tui.domain.states import LIVE_RUN_STATES, OPEN_GATE_STATES, OUT_OF_SCOPE, WorkstreamState
from locust_tui.domain.world import World

from .accounts import account_views
from .actuals import actuals, plan_start
from .addresses import has_agent
from .announcing import announcements
from .answered import answered_items
from .ending import told_at
from .forecast_age import from_now_on
from .gate_view import gate_view
from .history import History
from .kpis import kpi_views
from .milestones import milestone_views
from .part_views import orchestrator_views, phase_views
from .phases import ACTIVE
from .risks import risk_views
from .run_troubles import troubles
from .run_views import run_views
from .schedule import schedule_network
from .situation import Situation, has_dates
from .slots import taken_slots
from .snapshot_cache import Parts, SnapshotCache
from .spending import Spent, spent
from .startable import manual_agents
from .tally import Tally
from .verdict import Judged, verdict
from .waiting import waiting_items
from .workstream_views import workstream_views
from .worktime import working_time

NOT_FORECAST = ForecastView(None, None, None, None, reason="not computed yet")
FLOAT_STEPS = 10
"""Floats are computed for the last tenth of a plan week that has begun, so that they do not creep."""


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
    now = told_at(plan, world, now)
    parts = (cache or SnapshotCache()).of(plan)
    index = parts.index
    live = tuple([r for r in world.runs.values() if r.state in LIVE_RUN_STATES])
    look = Situation(plan, world, now, worker_pid, live, _floats(plan, world, now, parts), troubles(live))
    slots = taken_slots(plan, live, world.grants.values())
    spending = _spent(look, parts)
    workstreams = _with_spend(workstream_views(look, slots, parts), spending, parts)
    tally = Tally(index, workstreams, working_time(plan.calendar, look.start, now))
    whole = tally.whole()
    risks = risk_views(plan, world)
    forecast = from_now_on(forecast, look) if forecast is not None else NOT_FORECAST
    critical = frozenset([w.id for w in workstreams if w.critical])
    judged = Judged(whole, forecast, critical, risks, worker_pid, live)
    answer, reasons = verdict(plan, world, now, judged)
    in_review = [w.id for w in workstreams if w.state is WorkstreamState.REVIEW]
    gates = tuple(gate_view(g, look, parts, in_review) for g in plan.gates.values())
    phases = phase_views(look, tally, index)
    history = History(plan, world, now, parts.hours)
    kpis = kpi_views(plan, world, now, history)
    parts.hours = history.known
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
        orchestrators=orchestrator_views(look, tally, index, slots, spending, judged),
        workstreams=workstreams,
        gates=gates,
        runs=run_views(look, parts),
        kpis=kpis,
        forecast=forecast,
        risks=risks,
        milestones=milestone_views(plan, world, now),
        waiting=waiting_items(look, workstreams, gates),
        people=tuple(plan.people.items()),
        dated=plan.last_week is not None or has_dates(plan),
        answered=answered_items(plan, world),
        spend=spending.plan,
        accounts=account_views(plan, world, now),
        messages=_messages(world, parts),
        memory=_memory(world, parts),
        tasks=tuple(world.tasks.values()),
        escalations=tuple(world.escalations.values()),
        grants=tuple(world.grants.values()),
        alerts=tuple(world.alerts.values()),
        hooks=tuple(world.hooks.values()),
        features=plan.features,
        announcements=announcements(plan, world),
        manual=tuple(manual_agents(plan, world)),
        monitors=plan.monitors,
        alert_rules=plan.alerts,
        leads=frozenset(o for o in (*plan.orchestrators, *_meta(plan)) if has_agent(plan, {}, o)),
        gap_at_risk=plan.verdict.gap_at_risk,
    )


def _meta(plan: Plan) -> tuple[str, ...]:
    return (plan.meta.id,) if plan.meta is not None else ()


def _messages(world: World, parts: Parts) -> tuple[MessageStatus, ...]:
    """Sorted anew only where one came or moved: there may be thousands."""
    found = list(world.messages.values())
    if found != parts.messages_of:
        parts.messages_of, parts.messages = found, tuple(oldest_first(found))
    return parts.messages


def _memory(world: World, parts: Parts) -> tuple[MemoryEntry, ...]:
    found = list(world.memory.values())
    if found != parts.memory_of:
        kept = (entry for entry in found if entry.value)
        parts.memory_of, parts.memory = found, tuple(sorted(kept, key=lambda entry: entry.key))
    return parts.memory


def _spent(look: Situation, parts: Parts) -> Spent:
    grants = sum(not ask.open for ask in look.world.asks.values())
    rests_on = (list(look.world.runs.values()), grants)
    if parts.spent is None or parts.spent_of != rests_on:
        parts.spent, parts.spent_of = spent(look.plan, look.world), rests_on
    return parts.spent


def _with_spend(
    views: tuple[WorkstreamView, ...], spending: Spent, parts: Parts
) -> tuple[WorkstreamView, ...]:
    """The views with what each has spent; the very object of the time before where neither changed."""
    if not spending.workstreams:
        return views
    found = []
    for view in views:
        spend = spending.workstreams.get(view.id)
        if spend is not None:
            before = parts.with_spend.get(view.id)
            if before is None or before[0] is not view or before[1].spend != spend:
                before = parts.with_spend[view.id] = (view, dataclasses.replace(view, spend=spend))
            view = before[1]
        found.append(view)
    return tuple(found)


def _floats(plan: Plan, world: World, now: float, parts: Parts) -> dict[str, float]:
    """Float of each workstream in weeks, to a tenth; none in a plan without durations."""
    if not has_dates(plan):
        return {}
    start = plan_start(plan, world)
    tenth = math.floor(FLOAT_STEPS * max(0.0, plan_time(plan.calendar, start, now)) + 1e-9)
    works, gates = world.workstreams.values(), world.gates.values()
    stamps = [(s.first_started, s.accepted_at, s.state in OUT_OF_SCOPE, s.verified) for s in works]
    opened = [g.since if g.state in OPEN_GATE_STATES else None for g in gates]
    rests_on = (start, tenth, list(world.workstreams), stamps, opened)
    if parts.floats_of != rests_on:
        moment = now if start is None else start + tenth / FLOAT_STEPS * plan.calendar.week_s
        schedule = schedule_network(parts.index.network, actual=actuals(plan, world, moment))
        parts.floats = {work: round(slack, 1) for work, slack in schedule.floats.items()}
        parts.floats_of = rests_on
    return parts.floats
