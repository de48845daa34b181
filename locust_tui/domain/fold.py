"""The one reducer: what each event does to the world. Live state, rebuilt state and time travel all pass here."""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch
from typing import NamedTuple

from . import events as e
from .criterion import CriterionResult
from .people import Person
from .states import (
    CriterionState,
    DecisionKind,
    GateState,
    RunState,
    WorkstreamState,
    check_gate_transition,
    check_workstream_transition,
)
from .world import HeldPlan, RunStatus, WorkstreamStatus, World


class Touched(NamedTuple):
    """A row of the world that an event changed: `table` is a field of World, `id` its key ("" for project)."""

    table: str
    id: str


def apply(world: World, event: e.Event) -> tuple[Touched, ...]:
    """Change `world` by one event and name the rows that changed.

    Raises IllegalTransitionError, leaving the world as it was, for a state change outside the table.
    """
    touched = _fold(event.body, world, event.at, event.by)
    world.revision = event.revision
    if world.project.ended is not None and isinstance(event.body, _GOES_ON):
        world.project = replace(world.project, ended=None)
        touched += _PROJECT
    return touched


_PROJECT = (Touched("project", ""),)

_GOES_ON = (
    e.WorkstreamMoved,
    e.WorkstreamReviewed,
    e.RunCreated,
    e.DeliverableVerified,
    e.GateApproved,
    e.GateDecided,
    e.CriterionSigned,
    e.CriterionWaived,
)
"""After one of these, a plan that had come to an end is on its way again."""


@singledispatch
def _fold(body: e.EventBody, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    raise TypeError(f"no rule for {type(body).__name__}")


@_fold.register
def _(body: e.Noted, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    return _read_up_to(world, body.subject, body.stream, body.offset)


def _read_up_to(world: World, run_id: str, stream: str | None, offset: int | None) -> tuple[Touched, ...]:
    run = world.runs.get(run_id)
    if run is None or offset is None:
        return ()
    read = replace(run, log_read=offset) if stream == "log" else replace(run, events_read=offset)
    world.runs[run.id] = read
    return (Touched("runs", run.id),)


@_fold.register
def _(body: e.ProjectStarted, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    if world.project.started is None:
        world.project = replace(world.project, started=at)
    world.project = replace(world.project, ended=None)
    return _PROJECT


@_fold.register
def _(body: e.ProjectEnded, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    world.project = replace(world.project, ended=at)
    return _PROJECT


@_fold.register
def _(body: e.WorkerStarted, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    world.project = replace(world.project, worker_pid=body.pid, worker_since=at)
    return _PROJECT


@_fold.register
def _(body: e.WorkerStopped, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    world.project = replace(world.project, worker_pid=None, worker_since=None)
    return _PROJECT


@_fold.register
def _(body: e.PlanAccepted, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    project = world.project
    first = project.plan_digest is None
    world.project = replace(
        project,
        plan_digest=body.digest,
        plan_path=body.path,
        plan_since=at,
        plan_changes=project.plan_changes + (0 if first else 1),
        last_change=body.summary,
        held=None,
    )
    return _PROJECT


@_fold.register
def _(body: e.PlanHeld, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    held = HeldPlan(body.digest, body.why, body.summary, body.lines, at)
    world.project = replace(world.project, held=held)
    return _PROJECT


@_fold.register
def _(body: e.PlanReleased, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    world.project = replace(world.project, held=None)
    return _PROJECT


@_fold.register
def _(body: e.WorkstreamMoved, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    status = world.workstream(body.workstream)
    check_workstream_transition(status.state, body.new)
    new = body.new
    reopened = status.state is WorkstreamState.ACCEPTED
    resumed = status.state is WorkstreamState.PAUSED
    freed = new is WorkstreamState.ACCEPTED or (new is WorkstreamState.RUNNING and not resumed)
    world.workstreams[status.id] = replace(
        status,
        state=new,
        reason=body.reason,
        since=at,
        by=by.name,
        retry_at=body.retry_at,
        forced=body.forced or (status.forced and new in (WorkstreamState.READY, WorkstreamState.RUNNING)),
        accepted_at=at if new is WorkstreamState.ACCEPTED else None,
        reopened=status.reopened + reopened,
        blocker="" if freed else status.blocker,
        blocked_since=None if freed else status.blocked_since,
        returned=_returned(status, body),
    )
    return (Touched("workstreams", status.id),)


def _returned(status: WorkstreamStatus, body: e.WorkstreamMoved) -> str:
    """What the next attempt is told: the reason of the last rework that says more than that it goes on."""
    if body.new is WorkstreamState.ACCEPTED:
        return ""
    sent_back = body.new is WorkstreamState.REWORK and body.old is not WorkstreamState.PAUSED
    return body.reason if sent_back else status.returned


@_fold.register
def _(body: e.WorkstreamReported, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    status = world.workstream(body.workstream)
    claimed = status.claimed
    if body.deliverable and body.deliverable not in claimed:
        claimed = (*claimed, body.deliverable)
    blocker = status.blocker if body.blocker is None else body.blocker
    world.workstreams[status.id] = replace(
        status,
        reported=status.reported if body.progress is None else min(100.0, max(0.0, body.progress)),
        reported_at=at,
        note=status.note if body.note is None else body.note,
        blocker=blocker,
        blocked_since=(status.blocked_since or at) if blocker else None,
        next=status.next if body.next is None else body.next,
        claimed=claimed,
    )
    read = _read_up_to(world, body.run or "", body.stream, body.offset)
    return (Touched("workstreams", status.id), *read)


@_fold.register
def _(body: e.DeliverableVerified, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    status = world.workstream(body.workstream)
    others = tuple(d for d in status.verified if d != body.deliverable)
    verified = (*others, body.deliverable) if body.verified else others
    world.workstreams[status.id] = replace(status, verified=verified)
    return (Touched("workstreams", status.id),)


@_fold.register
def _(body: e.WorkstreamReviewed, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    status = world.workstream(body.workstream)
    world.workstreams[status.id] = replace(
        status,
        reviews=status.reviews + 1,
        reviews_passed=status.reviews_passed + body.passed,
        first_review_passed=body.passed if status.first_review_passed is None else status.first_review_passed,
        passed_attempt=body.attempt if body.passed else 0,
    )
    return (Touched("workstreams", status.id),)


@_fold.register
def _(body: e.RunCreated, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    world.runs[body.run] = RunStatus(
        id=body.run,
        subject=body.subject,
        attempt=body.attempt,
        agent_type=body.agent_type,
        created=at,
        argv=body.argv,
        cwd=body.cwd,
    )
    touched = [Touched("runs", body.run)]
    if body.subject in world.workstreams:
        status = world.workstreams[body.subject]
        world.workstreams[body.subject] = replace(
            status,
            attempt=max(status.attempt, body.attempt),
            first_started=at if status.first_started is None else status.first_started,
            reported=None,
            note="",
        )
        touched.append(Touched("workstreams", body.subject))
    return tuple(touched)


@_fold.register
def _(body: e.RunStarted, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    run = world.runs[body.run]
    world.runs[run.id] = replace(run, state=RunState.RUNNING, source="process", started=at, pid=body.pid)
    return (Touched("runs", run.id),)


@_fold.register
def _(body: e.RunChanged, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    run = world.runs[body.run]
    world.runs[run.id] = replace(run, state=body.state, source=body.source, reason=body.reason)
    return (Touched("runs", run.id),)


@_fold.register
def _(body: e.RunEnded, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    run = world.runs[body.run]
    if not run.live and run.state is not RunState.UNKNOWN:
        return ()
    world.runs[run.id] = replace(
        run,
        state=body.state,
        source="process",
        reason=body.reason,
        ended=at if body.ended is None else body.ended,
        exit_code=body.exit_code,
        signal=body.signal,
        max_rss_kib=body.max_rss_kib,
        cpu_s=body.cpu_s,
    )
    return (Touched("runs", run.id),)


@_fold.register
def _(body: e.CriterionMeasured, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    result = body.result
    earlier = world.criteria.get(result.key)
    world.criteria[result.key] = replace(
        result,
        evaluations=(earlier.evaluations if earlier else 0) + 1,
        first_passed=earlier.first_passed
        if earlier and earlier.first_passed is not None
        else result.state is CriterionState.PASS,
    )
    return (Touched("criteria", result.key),)


@_fold.register
def _(body: e.CriteriaStale, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    touched = []
    for key in body.keys:
        result = world.criteria.get(key) or CriterionResult(key, CriterionState.NOT_RUN)
        world.criteria[key] = replace(result, state=CriterionState.STALE)
        touched.append(Touched("criteria", key))
    return tuple(touched)


@_fold.register
def _(body: e.GateMoved, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    status = world.gate(body.gate)
    check_gate_transition(status.state, body.new)
    world.gates[status.id] = replace(status, state=body.new, reason=body.reason, since=at)
    return (Touched("gates", status.id),)


@_fold.register
def _(body: e.GateApproved, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    status = world.gate(body.gate)
    others = tuple(a for a in status.approvals if a.role != body.approval.role)
    world.gates[status.id] = replace(status, approvals=(*others, body.approval))
    return (Touched("gates", status.id),)


DECIDED_STATE = {
    DecisionKind.GO: GateState.GO,
    DecisionKind.CONDITIONAL: GateState.CONDITIONAL,
    DecisionKind.HOLD: GateState.HOLD,
    DecisionKind.RECYCLE: GateState.RECYCLED,
    DecisionKind.KILL: GateState.KILLED,
}


@_fold.register
def _(body: e.GateDecided, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    status = world.gate(body.gate)
    state = DECIDED_STATE[body.decision.kind]
    if state is not status.state:
        check_gate_transition(status.state, state)
    opens = state in (GateState.GO, GateState.CONDITIONAL)
    world.gates[status.id] = replace(
        status,
        state=state,
        reason=body.decision.note,
        since=at,
        decisions=(*status.decisions, body.decision),
        approvals=status.approvals if opens else (),
        signatures=status.signatures if opens else (),
    )
    return (Touched("gates", status.id),)


@_fold.register
def _(body: e.CriterionSigned, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    status = world.gate(body.gate)
    others = tuple(
        s
        for s in status.signatures
        if (s.criterion, s.by.role) != (body.signature.criterion, body.signature.by.role)
    )
    world.gates[status.id] = replace(status, signatures=(*others, body.signature))
    return (Touched("gates", status.id),)


@_fold.register
def _(body: e.CriterionWaived, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    status = world.gate(body.gate)
    world.gates[status.id] = replace(status, waivers=(*status.waivers, body.waiver))
    return (Touched("gates", status.id),)
