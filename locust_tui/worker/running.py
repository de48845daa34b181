"""Work under way: time limits, claims that can be checked, waiting for a person, and what the end of a run means."""

from __future__ import annotations

from locust_tui.domain.people import WORKER
from locust_tui.domain.plan import Workstream
from locust_tui.domain.states import STANDING_STILL, RunState, WorkstreamState
from locust_tui.domain.world import RunStatus, WorkstreamStatus

from .acceptance import claimed
from .actions import Action, Move, Stop
from .retry import (
    NEVER_STARTED,
    PARKED,
    STOPPED_WITH_WORKER,
    TIMED_OUT,
    Ending,
    attempts_left,
    attempts_used,
    crash_looping,
    ended_at,
    ending,
    how_it_ended,
    retry_at,
)
from .sight import NOTHING, Proposal, Sight, earliest

_W = WorkstreamState
_AT_ONCE = frozenset({NEVER_STARTED, STOPPED_WITH_WORKER})
"""An interruption for another reason, such as no memory for a process, may come again: it backs off."""
ON_HOLD = frozenset({RunState.WAITING, RunState.PAUSED})
"""A run in one of these waits for a person."""
STANDS_STILL = STANDING_STILL
"""Time limits stand still while a run is in one of these."""


def running(sight: Sight, workstream: Workstream, status: WorkstreamStatus) -> Proposal:
    """A workstream in state running."""
    run = sight.latest_run(status)
    if run is None:
        return Proposal((Move(status.id, _W.READY, "no run of it is on record", status.retry_at),))
    if run.live:
        return _live(sight, workstream, status, run)
    return _after_end(sight, workstream, status, run)


def needs_input(sight: Sight, workstream: Workstream, status: WorkstreamStatus) -> Proposal:
    """A workstream that waits for a person: it goes on when its run does, and its run's end counts."""
    run = sight.latest_run(status)
    if run is None:
        return NOTHING
    if run.live:
        return _live(sight, workstream, status, run)
    if run.state is not RunState.UNKNOWN and ended_at(run) > (status.since or 0.0):
        return _after_end(sight, workstream, status, run)
    return NOTHING


def _live(sight: Sight, workstream: Workstream, status: WorkstreamStatus, run: RunStatus) -> Proposal:
    actions: list[Action] = []
    if run.state is RunState.WAITING and status.state is _W.RUNNING:
        actions.append(Move(status.id, _W.NEEDS_INPUT, run.reason or f"{run.id} waits for an answer"))
    elif run.state is not RunState.WAITING and status.state is _W.NEEDS_INPUT and status.by == WORKER.name:
        actions.append(Move(status.id, _W.RUNNING, f"{run.id} goes on"))
    deadline = _deadline(sight, workstream, run)
    if deadline is not None and sight.now >= deadline:
        deadline = None
        if run.id not in sight.stopping:
            actions.append(Stop(run.id, f"{TIMED_OUT} after {_duration(workstream.timeout or 0.0)}"))
    checks = claimed(sight, workstream, status, run)
    return Proposal((*actions, *checks.actions), earliest(deadline, checks.wake))


def _deadline(sight: Sight, workstream: Workstream, run: RunStatus) -> float | None:
    """End of the attempt's time; None without a limit, or while a person, or an account, is waited for."""
    if workstream.timeout is None or run.state in STANDS_STILL:
        return None
    begun = run.created if run.started is None else run.started
    return begun + workstream.timeout + run.stood_still


def _duration(seconds: float) -> str:
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= length and seconds % length == 0:
            return f"{seconds / length:g}{unit}"
    return f"{seconds:g}s"


def _after_end(sight: Sight, workstream: Workstream, status: WorkstreamStatus, run: RunStatus) -> Proposal:
    """The run is over. A check that began before its end is let out first: it says nothing about the finished work."""
    if any(c.key in sight.measuring for c in sight.wiring.checks[workstream.id]):
        return NOTHING
    words = how_it_ended(run)
    match ending(run):
        case Ending.DONE:
            more = f"; {run.reason}" if run.reason else ""
            move = Move(status.id, _W.REVIEW, f"attempt {run.attempt} ended {_well(run)}{more}")
        case Ending.UNKNOWN:
            why = f": {run.reason}" if run.reason else ""
            move = Move(status.id, _W.NEEDS_INPUT, f"nobody knows whether {run.id} still runs{why}")
        case Ending.STOPPED:
            move = Move(status.id, _W.PAUSED, words)
        case Ending.INTERRUPTED:
            at_once = run.reason in _AT_ONCE or run.reason.startswith(PARKED)
            at = None if at_once else retry_at(status, sight.world, ended_at(run))
            move = Move(status.id, _W.READY, f"attempt {run.attempt} was {words}; it starts again", at)
        case Ending.FAILED:
            move = _failed(sight, workstream, status, run, words)
    return Proposal((move,)) if move.new is not status.state else NOTHING


def _well(run: RunStatus) -> str:
    return "with exit 0" if run.exit_code == 0 else "well"


def _failed(
    sight: Sight, workstream: Workstream, status: WorkstreamStatus, run: RunStatus, words: str
) -> Move:
    world = sight.world
    if attempts_left(workstream, status, world) <= 0:
        used = attempts_used(status, world)
        tries = "" if used == 1 else f" (attempt {run.attempt}, the last)"
        return Move(status.id, _W.FAILED, f"{words}{tries}")
    if crash_looping(status, world):
        return Move(
            status.id, _W.FAILED, f"crash-looping: 5 attempts ended within 15 minutes; the last: {words}"
        )
    at = retry_at(status, world, ended_at(run))
    return Move(status.id, _W.READY, f"attempt {run.attempt} failed: {words}; it starts again", at)
