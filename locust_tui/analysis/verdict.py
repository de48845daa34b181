"""On track, at risk or off track: the first rule that holds decides, and the reasons of all that hold are listed.

The project is judged by its own rules and not by its worst part: one red leaf with weeks of float does not make it red.
Each part's own verdict stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from locust_tui.domain.clock import week_end
from locust_tui.domain.plan import Gate, GateMode, Plan
from locust_tui.domain.states import (
    OPEN_GATE_STATES,
    OUT_OF_SCOPE,
    GateState,
    Verdict,
    WorkstreamState,
)
from locust_tui.domain.studies.verdict import Rule, Verdicts
from locust_tui.domain.world import WorkstreamStatus, World

from .actuals import plan_start
from .progress import Progress
from .verdict_rules import Judged as Judged
from .verdict_rules import Look, at_risk, off_track, overdue, stopped
from .worktime import days_between


def is_complete(plan: Plan, world: World) -> bool:
    """Every workstream accepted, deferred or cancelled, at least one accepted, and every gate that can hold is open."""
    return _is_through(plan.workstreams, world) and _are_open(plan.gates.values(), world)


def _are_open(gates: Iterable[Gate], world: World) -> bool:
    return all(world.gate(g.id).state in OPEN_GATE_STATES for g in gates if g.mode is not GateMode.ADVISORY)


def _is_through(works: Iterable[str], world: World) -> bool:
    accepted = False
    for work in works:
        status = world.workstreams.get(work)
        if status is None:
            return False
        if status.state is WorkstreamState.ACCEPTED:
            accepted = True
        elif status.state not in OUT_OF_SCOPE:
            return False
    return accepted


def verdict(plan: Plan, world: World, now: float, judged: Judged) -> tuple[Verdict, tuple[str, ...]]:
    """The verdict on the plan and its reasons; see `verdicts`."""
    found = verdicts(plan, world, now, judged)
    return found.answer, found.reasons


def verdicts(plan: Plan, world: World, now: float, judged: Judged) -> Verdicts:
    """The verdict on the plan, its reasons, and every rule that was looked at, in order.

    Unknown without a worker to watch what runs; a plan without dates is unknown only while nothing in it has
    gone wrong and nothing is finished. Before the first plan week has ended, neither the points behind nor the
    index mean more than a risk.
    """
    works = tuple(plan.workstreams)
    look = Look(plan, world, now, judged, works, tuple(plan.gates.values()), _statuses(works, world), True)
    complete = Rule(
        "complete", Verdict.COMPLETE, "everything accepted and every gate open", None, None, "",
        is_complete(plan, world), (f"{_accepted_words(look.statuses)} and every gate is open",),
    )  # fmt: skip
    begun = world.project.started is not None
    unstarted = Rule(
        "not-started",
        Verdict.NOT_STARTED,
        "not started yet",
        None,
        None,
        "",
        not begun,
        ("nothing has been started",),
    )
    agents = "1 agent is" if len(judged.live) == 1 else f"{len(judged.live)} agents are"
    unwatched = Rule(
        "unwatched", Verdict.UNKNOWN, "agents on the record that nobody watches",
        float(len(judged.live)) if judged.worker_pid is None else 0.0, 0.0, "runs",
        judged.worker_pid is None and bool(judged.live),
        (f"no worker is running: {agents} on the record but unwatched",),
    )  # fmt: skip
    return _decided(look, (complete, unstarted, unwatched))


def part_verdict(
    plan: Plan, world: World, now: float, judged: Judged, works: Sequence[str], phases: Sequence[str]
) -> Verdicts:
    """The verdict on an orchestrator's or a phase's part: by its own progress, work and the gates that close it.

    `judged.progress` is the part's own; what is forecast, at risk or limited is the plan's and not asked here.
    """
    gates = tuple(g for g in plan.gates.values() if g.closes is not None and g.closes in phases)
    mine = frozenset(works)
    live = tuple([run for run in judged.live if run.subject in mine])
    own = Judged(judged.progress, None, judged.critical, (), judged.worker_pid, live)
    statuses = _statuses(works, world)
    look = Look(plan, world, now, own, tuple(works), gates, statuses, False)
    through = _is_through(works, world) and _are_open(gates, world)
    complete = Rule(
        "complete", Verdict.COMPLETE, "all its work accepted and its gates open", None, None, "", through,
        (f"{_accepted_words(statuses, ' of it')} and its gates are open",),
    )  # fmt: skip
    begun = world.project.started is not None and any(status.first_started is not None for status in statuses)
    due = (own.progress.expected or 0.0) > 0
    unstarted = Rule(
        "not-started", Verdict.NOT_STARTED, "not begun, and nothing of it planned to be", None, None, "",
        world.project.started is None or not (begun or due), ("nothing of it has been started",),
    )  # fmt: skip
    return _decided(look, (complete, unstarted))


def _decided(look: Look, first: tuple[Rule, ...]) -> Verdicts:
    """The answer of the first rule that holds; where it is No, the reasons for a risk are listed too."""
    off, risky = tuple(off_track(look)), tuple(at_risk(look))
    progress = look.judged.progress
    begun = _finished(look)
    blind = Rule(
        "baseline", Verdict.UNKNOWN, "nothing to compare with", None, None, "",
        (progress.expected is None and not begun) or progress.value is None,
        (f"{progress.expected_reason}: nothing to compare with" if progress.expected is None and not begun else progress.reason,),
    )  # fmt: skip
    rules = (*first, *off, *risky, blind)
    for rule in first:
        if rule.holds:
            return Verdicts(rule.answer, rule.reasons, rules)
    if any(rule.holds for rule in (*off, *risky)):
        answer = Verdict.NO if any(rule.holds for rule in off) else Verdict.AT_RISK
        return Verdicts(answer, tuple(r for rule in (*off, *risky) for r in rule.reasons), rules)
    on = tuple(_on_track(look))
    if blind.holds:
        return Verdicts(Verdict.UNKNOWN, (*blind.reasons, *on), rules)
    return Verdicts(Verdict.YES, on, rules)


def _finished(look: Look) -> int:
    """Workstreams that are accepted."""
    return sum([status.state is WorkstreamState.ACCEPTED for status in look.statuses])


def _accepted_words(statuses: Sequence[WorkstreamStatus], of: str = "") -> str:
    """ "every workstream is accepted", or how many are and what became of the others."""
    left = [(s.id, s.state) for s in statuses if s.state in OUT_OF_SCOPE]
    if not left:
        return f"every workstream{of} is accepted"
    parts = []
    for state in sorted({state for _, state in left}):
        named = [id for id, own in left if own is state]
        parts.append(f"{state.value}: {', '.join(named) if len(named) <= 3 else len(named)}")
    return f"{len(statuses) - len(left)} of {len(statuses)} workstreams{of} accepted ({'; '.join(parts)})"


def _statuses(works: Iterable[str], world: World) -> tuple[WorkstreamStatus, ...]:
    known = world.workstreams
    return tuple([known[work] for work in works if work in known])


def overdue_gates(plan: Plan, world: World, now: float) -> Iterable[tuple[str, float]]:
    """Shut gates whose week is over, with working days since."""
    nothing = Judged(Progress(None, None, None, 0.0, 0), None, frozenset(), (), None, ())
    look = Look(plan, world, now, nothing, (), tuple(plan.gates.values()), (), True)
    return ((gate.id, days) for gate, days in overdue(look))


def gate_lateness(gate: Gate, plan: Plan, world: World, now: float) -> float | None:
    """Working days from the end of the gate's week to its decision, or to now while it is shut and overdue.

    Negative: decided so many working days early. None: without a week or a start, or shut and not due yet. A gate
    counts as decided at the decision that opened or killed it.
    """
    start = plan_start(plan, world)
    if gate.week is None or start is None:
        return None
    status = world.gate(gate.id)
    due = week_end(plan.calendar, start, gate.week)
    over = status.state in OPEN_GATE_STATES or status.state is GateState.KILLED
    moment = status.decision.at if over and status.decision is not None else status.since if over else None
    if moment is None:
        moment = now
        if now <= due:
            return None
    if moment < due:
        return -days_between(plan.calendar, start, moment, due)
    return days_between(plan.calendar, start, due, moment)


def _on_track(look: Look) -> Iterable[str]:
    p, forecast, window = look.judged.progress, look.judged.forecast, look.plan.project.window
    if p.value is not None and p.expected is not None:
        yield f"progress {p.value:.0f} %, plan {p.expected:.0f} %"
    if forecast is not None and forecast.p85_week is not None and window is not None:
        yield f"finish P85 wk {forecast.p85_week:.1f}, window ends wk {window[1]:g}"
    if p.expected is None:
        finished = _finished(look)
        if finished:
            yield f"{finished} of {len(look.works)} workstreams accepted, none failed"
    elif look.whole:
        yield from stopped(look)
    for gate in look.gates:
        if look.world.gate(gate.id).state is GateState.PENDING:
            yield f"waits for a decision on gate {gate.id}"
