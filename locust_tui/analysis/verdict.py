"""On track, at risk or off track: the first rule that matches decides, and every reason is listed."""

from __future__ import annotations

from collections.abc import Iterable

from locust_tui.domain.clock import plan_time, week_end
from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.plan import GateMode, Plan
from locust_tui.domain.snapshot import ForecastView, RiskView
from locust_tui.domain.states import (
    OPEN_GATE_STATES,
    OUT_OF_SCOPE,
    AccountState,
    GateState,
    RunState,
    Verdict,
    WorkstreamState,
)
from locust_tui.domain.world import RunStatus, World

from .accounts import closed_words, held_by_account
from .actuals import plan_start
from .due import is_past
from .progress import Progress
from .risks import HIGH_SCORE, is_answered
from .run_troubles import trouble
from .worktime import days_between

OFF_TRACK_GAP, AT_RISK_GAP = 20.0, 10.0
"""Points behind plan: no standard exists; these are the limits practitioners quote most."""
OFF_TRACK_SPI, AT_RISK_SPI = 0.85, 0.95
SPI_FROM_EXPECTED = 10.0
"""Points expected before a low index alone means off track."""
OFF_TRACK_GATE_DAYS = 5.0
STUCK_DAYS = 1.0
LONG_LIMIT_S = 900.0
"""An account that is limited for longer than this holds its work up."""
_STUCK = frozenset({WorkstreamState.FAILED, WorkstreamState.BLOCKED, WorkstreamState.NEEDS_INPUT})


@dataclass(frozen=True, slots=True)
class Judged:
    """What a verdict looks at besides plan and world."""

    progress: Progress
    forecast: ForecastView | None
    critical: frozenset[str]
    risks: tuple[RiskView, ...]
    worker_pid: int | None
    live: tuple[RunStatus, ...]


def is_complete(plan: Plan, world: World) -> bool:
    """Every workstream accepted, deferred or cancelled, at least one accepted, and every gate that can hold is open."""
    accepted = False
    for work in plan.workstreams:
        status = world.workstreams.get(work)
        if status is None:
            return False
        if status.state is WorkstreamState.ACCEPTED:
            accepted = True
        elif status.state not in OUT_OF_SCOPE:
            return False
    gates = (g for g in plan.gates.values() if g.mode is not GateMode.ADVISORY)
    return accepted and all(world.gate(g.id).state in OPEN_GATE_STATES for g in gates)


def verdict(plan: Plan, world: World, now: float, judged: Judged) -> tuple[Verdict, tuple[str, ...]]:
    """The verdict and its reasons.

    Unknown without a worker to watch what runs; a plan without dates is unknown only while nothing in it has
    gone wrong and nothing is finished. Before the first plan week has ended, neither the points behind nor the
    index mean more than a risk.
    """
    if is_complete(plan, world):
        return Verdict.COMPLETE, ("every workstream is accepted and every gate is open",)
    if world.project.started is None:
        return Verdict.NOT_STARTED, ("nothing has been started",)
    if judged.worker_pid is None and judged.live:
        agents = "1 agent is" if len(judged.live) == 1 else f"{len(judged.live)} agents are"
        return Verdict.UNKNOWN, (f"no worker is running: {agents} on the record but unwatched",)
    off = tuple(_off_track(plan, world, now, judged))
    risky = tuple(_at_risk(plan, world, now, judged))
    if off:
        return Verdict.NO, off + risky
    if risky:
        return Verdict.AT_RISK, risky
    on_track = tuple(_on_track(plan, world, judged))
    if judged.progress.expected is None and not _finished(plan, world):
        return Verdict.UNKNOWN, (f"{judged.progress.expected_reason}: nothing to compare with", *on_track)
    if judged.progress.value is None:
        return Verdict.UNKNOWN, (judged.progress.reason, *on_track)
    return Verdict.YES, on_track


def _is_first_week(plan: Plan, world: World, now: float) -> bool:
    return plan_time(plan.calendar, plan_start(plan, world), now) < 1.0 - 1e-9


def _finished(plan: Plan, world: World) -> int:
    """Workstreams that are accepted."""
    return sum(world.workstream(w).state is WorkstreamState.ACCEPTED for w in plan.workstreams)


def _window_end(plan: Plan) -> float | None:
    return plan.project.window[1] if plan.project.window is not None else None


def _off_track(plan: Plan, world: World, now: float, judged: Judged) -> Iterable[str]:
    end, forecast, p = _window_end(plan), judged.forecast, judged.progress
    if end is not None and forecast is not None and forecast.p50_week is not None and forecast.p50_week > end:
        yield f"finish P50 wk {forecast.p50_week:.1f}, window ends wk {end:g}"
    for gate in plan.gates.values():
        state = world.gate(gate.id).state
        if state in (GateState.KILLED, GateState.HOLD):
            yield f"gate {gate.id} is {'killed' if state is GateState.KILLED else 'on hold'}"
    if p.value is not None and p.expected is not None and not _is_first_week(plan, world, now):
        if p.expected - p.value >= OFF_TRACK_GAP:
            yield f"progress {p.value:.0f} %, plan {p.expected:.0f} %: {p.expected - p.value:.0f} points behind"
        if p.spi is not None and p.spi < OFF_TRACK_SPI and p.expected >= SPI_FROM_EXPECTED:
            yield f"schedule performance index {p.spi:.2f}, below {OFF_TRACK_SPI}"
    for gate_id, days in overdue_gates(plan, world, now):
        if days > OFF_TRACK_GATE_DAYS:
            yield f"gate {gate_id} is {days:.0f} working days overdue"


def _at_risk(plan: Plan, world: World, now: float, judged: Judged) -> Iterable[str]:
    end, forecast, p = _window_end(plan), judged.forecast, judged.progress
    if end is not None and forecast is not None and forecast.p85_week is not None:
        p50_late = forecast.p50_week is not None and forecast.p50_week > end
        if forecast.p85_week > end and not p50_late:
            yield f"finish P85 wk {forecast.p85_week:.1f}, window ends wk {end:g}"
    if p.value is not None and p.expected is not None:
        gap, early = p.expected - p.value, _is_first_week(plan, world, now)
        if gap >= AT_RISK_GAP and (early or gap < OFF_TRACK_GAP):
            yield f"progress {p.value:.0f} %, plan {p.expected:.0f} %: {gap:.0f} points behind"
        if p.spi is not None and p.spi < AT_RISK_SPI:
            already_off = p.spi < OFF_TRACK_SPI and p.expected >= SPI_FROM_EXPECTED
            if early or not already_off:
                yield f"schedule performance index {p.spi:.2f}, below {AT_RISK_SPI}"
    for gate_id, days in overdue_gates(plan, world, now):
        if days <= OFF_TRACK_GATE_DAYS:
            yield f"gate {gate_id} is overdue"
    yield from _stuck(plan, world, now, judged.critical)
    if p.expected is None:
        yield from _stopped(plan, world)
    yield from (trouble(run) for run in judged.live if run.state is RunState.STALLED)
    yield from _shut_accounts(plan, world, now)
    yield from _risks(plan, judged.risks)
    yield from _conditions(plan, world, now)


def _shut_accounts(plan: Plan, world: World, now: float) -> Iterable[str]:
    """Accounts that hold work up: for a person to mend, or by a limit that lasts longer than a pause."""
    for status in world.accounts.values():
        refused = status.state is AccountState.REFUSED
        lasts = status.state is AccountState.LIMITED and (status.resets_at or now) - now > LONG_LIMIT_S
        held = held_by_account(plan, world, status.id) if refused or lasts else []
        if held:
            what = f"account {status.id} was refused" if refused else closed_words(status, now)
            yield f"{what}: {', '.join(held[:3])}{f' and {len(held) - 3} more' if len(held) > 3 else ''} wait{'s' * (len(held) == 1)}"


def overdue_gates(plan: Plan, world: World, now: float) -> Iterable[tuple[str, float]]:
    """Shut gates whose week is over, with working days since."""
    start = plan_start(plan, world)
    if start is None:
        return
    for gate in plan.gates.values():
        if gate.week is None or world.gate(gate.id).state in OPEN_GATE_STATES:
            continue
        due = week_end(plan.calendar, start, gate.week)
        if now > due:
            yield gate.id, days_between(plan.calendar, start, due, now)


def _stuck(plan: Plan, world: World, now: float, critical: frozenset[str]) -> Iterable[str]:
    start = plan_start(plan, world)
    for work in plan.workstreams:
        if work not in critical:
            continue
        status = world.workstream(work)
        if status.state not in _STUCK or status.since is None:
            continue
        days = days_between(plan.calendar, start, status.since, now)
        if days > STUCK_DAYS:
            words = "needs input" if status.state is WorkstreamState.NEEDS_INPUT else status.state.value
            yield f"critical workstream {work} {words} for {days:.0f} working days"


def _risks(plan: Plan, views: tuple[RiskView, ...]) -> Iterable[str]:
    by_id = {r.id: r for r in plan.risks}
    for view in views:
        if view.state == "triggered" and by_id[view.id].response != "accept":
            yield f"risk {view.id} has triggered: {view.risk}"
        elif view.state == "open" and view.score >= HIGH_SCORE and not is_answered(by_id[view.id]):
            yield f"risk {view.id} scores {view.score:g} and has no response: {view.risk}"


def _conditions(plan: Plan, world: World, now: float) -> Iterable[str]:
    for gate in plan.gates.values():
        status = world.gate(gate.id)
        if status.state is not GateState.CONDITIONAL or status.decision is None:
            continue
        for condition in status.decision.conditions:
            if is_past(condition.due, plan, world, now):
                yield f"condition of gate {gate.id} is past due: {condition.text}"


def _stopped(plan: Plan, world: World) -> Iterable[str]:
    """Work that failed, waits for an answer or cannot go on, as its agent says: without dates there is no critical
    path to weigh it by."""
    for work in plan.workstreams:
        status = world.workstream(work)
        if status.state in (WorkstreamState.FAILED, WorkstreamState.NEEDS_INPUT):
            words = "failed" if status.state is WorkstreamState.FAILED else "needs input"
            yield f"{work} {words}: {status.reason}" if status.reason else f"{work} {words}"
        elif status.blocked_by:
            yield f"{work} is blocked, its agent says: {status.blocked_by}"


def _on_track(plan: Plan, world: World, judged: Judged) -> Iterable[str]:
    p, forecast, end = judged.progress, judged.forecast, _window_end(plan)
    if p.value is not None and p.expected is not None:
        yield f"progress {p.value:.0f} %, plan {p.expected:.0f} %"
    if forecast is not None and forecast.p85_week is not None and end is not None:
        yield f"finish P85 wk {forecast.p85_week:.1f}, window ends wk {end:g}"
    if p.expected is None:
        finished = _finished(plan, world)
        if finished:
            yield f"{finished} of {len(plan.workstreams)} workstreams accepted, none failed"
    else:
        yield from _stopped(plan, world)
    for gate in plan.gates.values():
        if world.gate(gate.id).state is GateState.PENDING:
            yield f"waits for a decision on gate {gate.id}"
