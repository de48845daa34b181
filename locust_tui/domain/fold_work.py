"""What the project's, workstreams' and runs' events do to the world."""

from __future__ import annotations

from dataclasses import replace

from . import events as e
from .folding import PROJECT, Touched, fold_body, read_up_to
from .people import Person
from .states import STANDING_STILL, WAITS_TO_START, RunState, WorkstreamState, check_workstream_transition
from .world import RunStatus, WorkstreamStatus, World


@fold_body.register
def _(body: e.Noted, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    return read_up_to(world, body.subject, body.stream, body.offset)


@fold_body.register
def _(body: e.ProjectStarted, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    if world.project.started is None:
        world.project = replace(world.project, started=at, baseline=world.project.plan_digest or "")
    world.project = replace(world.project, ended=None)
    return PROJECT


@fold_body.register
def _(body: e.ProjectEnded, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    world.project = replace(world.project, ended=at)
    return PROJECT


@fold_body.register
def _(body: e.WorkerStarted, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    project = replace(world.project, worker_pid=body.pid, worker_since=at)
    if body.since_boot is not None:
        same = project.boot_id == body.boot_id
        project = replace(
            project,
            boot_id=body.boot_id,
            booted=at - body.since_boot,
            suspended=project.suspended if same else body.suspended,
        )
    world.project = project
    return PROJECT


@fold_body.register
def _(body: e.WorkerStopped, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    world.project = replace(world.project, worker_pid=None, worker_since=None)
    return PROJECT


@fold_body.register
def _(body: e.MachineSlept, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    """Every run stood still with the machine; of one that did so anyway, its own standing still tells it."""
    world.project = replace(world.project, suspended=world.project.suspended + body.seconds)
    slept = [run for run in world.live_runs() if run.state not in STANDING_STILL]
    for run in slept:
        world.runs[run.id] = replace(run, stood_still=run.stood_still + body.seconds)
    return (*PROJECT, *(Touched("runs", run.id) for run in slept))


@fold_body.register
def _(body: e.WorkstreamMoved, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    status = world.workstream(body.workstream)
    check_workstream_transition(status.state, body.new)
    new = body.new
    reopened = status.state is WorkstreamState.ACCEPTED
    resumed = status.state is WorkstreamState.PAUSED
    anew = new is WorkstreamState.REVIEW  # it is tried anew whether it merges
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
        conflict=() if anew else status.conflict,
        conflict_with=() if anew else status.conflict_with,
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


@fold_body.register
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
    read = read_up_to(world, body.run or "", body.stream, body.offset)
    return (Touched("workstreams", status.id), *read)


@fold_body.register
def _(body: e.DeliverableVerified, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    status = world.workstream(body.workstream)
    others = tuple(d for d in status.verified if d != body.deliverable)
    verified = (*others, body.deliverable) if body.verified else others
    world.workstreams[status.id] = replace(status, verified=verified)
    return (Touched("workstreams", status.id),)


@fold_body.register
def _(body: e.WorkstreamReviewed, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    status = world.workstream(body.workstream)
    world.workstreams[status.id] = replace(
        status,
        reviews=status.reviews + 1,
        reviews_passed=status.reviews_passed + body.passed,
        first_review_passed=body.passed if status.first_review_passed is None else status.first_review_passed,
        passed_attempt=body.attempt if body.passed else 0,
        passed_by=by.name if body.passed else "",
    )
    return (Touched("workstreams", status.id),)


@fold_body.register
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


@fold_body.register
def _(body: e.RunStarted, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    run = world.runs[body.run]
    world.runs[run.id] = replace(
        run,
        state=RunState.RUNNING,
        source="process",
        reason="" if run.reason.startswith(WAITS_TO_START) else run.reason,
        since=at,
        started=at,
        pid=body.pid,
    )
    return (Touched("runs", run.id),)


@fold_body.register
def _(body: e.RunChanged, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    run = world.runs[body.run]
    world.runs[run.id] = replace(
        run,
        state=body.state,
        source=body.source,
        reason=body.reason,
        since=run.since if body.state is run.state else at,
        stood_still=run.stood_still if body.state is run.state else _stood_still(run, at),
    )
    return (Touched("runs", run.id),)


def _stood_still(run: RunStatus, until: float) -> float:
    if run.state not in STANDING_STILL or run.since is None:
        return run.stood_still
    return run.stood_still + max(0.0, until - run.since)


@fold_body.register
def _(body: e.RunEnded, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    run = world.runs[body.run]
    if not run.live and run.state is not RunState.UNKNOWN:
        return ()
    world.runs[run.id] = replace(
        run,
        state=body.state,
        source="process",
        reason=body.reason,
        since=at,
        ended=at if body.ended is None else body.ended,
        exit_code=body.exit_code,
        signal=body.signal,
        max_rss_kib=body.max_rss_kib,
        cpu_s=body.cpu_s,
        leftovers=body.leftovers,
        stood_still=_stood_still(run, at if body.ended is None else body.ended),
    )
    return (Touched("runs", run.id),)
