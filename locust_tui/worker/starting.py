"""Work that is not under way: planned, blocked or ready, when it may start, and work that is to be done again."""

from __future__ import annotations

from locust_tui.analysis.gates import holds_start
from locust_tui.analysis.needs import NeedState, dead_needs, need_state
from locust_tui.analysis.startable import NOTHING_TO_DO, is_only_registered
from locust_tui.domain.plan import SchedulePolicy, Workstream
from locust_tui.domain.states import WorkstreamState
from locust_tui.domain.world import WorkstreamStatus
from locust_tui.signs import stands

from .actions import Action, Move, Stop
from .caps import startable_kind
from .sight import NOTHING, Proposal, Sight

_W = WorkstreamState


def unstarted(sight: Sight, workstream: Workstream, status: WorkstreamStatus) -> Proposal:
    """A workstream that is planned, blocked or ready."""
    state, reason, wake = readiness(sight, workstream, status)
    if state is not status.state:
        move = Move(workstream.id, state, reason, status.retry_at if state is _W.READY else None)
        return Proposal((move, *stray_run(sight, status)), wake)
    if state is not _W.READY:
        moving = wake is not None and reason.startswith(PLANNED_LATER)
        return Proposal(stray_run(sight, status), wake, moving=moving)
    return startable(sight, workstream, status)


def again(sight: Sight, workstream: Workstream, status: WorkstreamStatus) -> Proposal:
    """A workstream in rework: it starts again under the rules that every start obeys."""
    state, _, wake = readiness(sight, workstream, status)
    if state is _W.READY:
        return startable(sight, workstream, status)
    return Proposal(stray_run(sight, status), wake)


def startable(sight: Sight, workstream: Workstream, status: WorkstreamStatus) -> Proposal:
    """Ready: it waits for a slot, or for the end of its back-off, or of a run of it that is still there."""
    stray = stray_run(sight, status)
    run = sight.latest_run(status)
    if (run is not None and run.live) or not startable_kind(sight.plan, workstream):
        return Proposal(stray)
    if status.retry_at is not None and sight.now < status.retry_at:
        return Proposal(wake=status.retry_at, moving=True)
    return Proposal(startable=True)


PLANNED_LATER = "planned to start in week"


def readiness(
    sight: Sight, workstream: Workstream, status: WorkstreamStatus
) -> tuple[WorkstreamState, str, float | None]:
    """Planned, blocked or ready; why; and when time alone may change that.

    Planned: needs are unmet and the planned start is ahead (without dates: nothing upstream failed), or all is
    there and the plan asks to start no earlier. Blocked: needs are unmet though the start has passed, a need
    can't be met any more, or only a shut gate holds it. A person's `forced` start passes dates and gates of mode
    overlap; needs and hard gates hold it all the same, since the work would build on what is not there.
    """
    plan, world = sight.plan, sight.world
    week = sight.wiring.planned_week[workstream.id]
    start = sight.week_start(week) if week is not None else None
    ahead = start if start is not None and sight.now < start else None
    unmet = [need for n in workstream.needs if not (need := need_state(n, plan, world)).met]
    if unmet:
        reason = _words(unmet)
        if dead_needs(workstream, plan, world):
            return _W.BLOCKED, reason, None
        if start is not None:
            return (_W.PLANNED, reason, ahead) if ahead is not None else (_W.BLOCKED, reason, None)
        broken = _broken_upstream(sight, workstream)
        if broken is not None:
            return _W.BLOCKED, f"{reason}, and {broken} is {stands(world.workstream(broken).state)}", None
        return _W.PLANNED, reason, None
    gate = holds_start(plan, world, workstream) if workstream.phase in sight.wiring.opened else None
    if gate is not None:
        return _W.BLOCKED, f"gate {gate.id} is shut", None
    if ahead is not None and plan.schedule is SchedulePolicy.AS_PLANNED and not status.forced:
        return _W.PLANNED, f"{PLANNED_LATER} {week}", ahead
    if is_only_registered(workstream):
        return _W.PLANNED, NOTHING_TO_DO, None
    return _W.READY, "all its needs are met" if workstream.needs else "it needs nothing", None


def _words(unmet: list[NeedState]) -> str:
    """As in "needs WS-05 (33 % of 40 %), WS-02; gate g1 is shut"."""
    named = ", ".join(need.short for need in unmet if need.short)
    others = [need.why for need in unmet if not need.short]
    return "; ".join([f"needs {named}", *others] if named else others)


def _broken_upstream(sight: Sight, workstream: Workstream) -> str | None:
    """The first workstream upstream, in plan order, that will not come to its end by itself."""
    found = [d for d in sight.dead if d in sight.plan.workstreams and workstream.id in sight.wiring.after(d)]
    return min(found, key=sight.wiring.order.__getitem__, default=None)


def stray_run(sight: Sight, status: WorkstreamStatus) -> tuple[Action, ...]:
    """Stop a run whose workstream is no longer running: cancelled, deferred, or sent back meanwhile."""
    run = sight.latest_run(status)
    if run is None or not run.live or run.id in sight.stopping:
        return ()
    return (Stop(run.id, f"{status.id} is {stands(status.state)}"),)


def over(sight: Sight, status: WorkstreamStatus) -> Proposal:
    """Accepted, failed, cancelled or deferred: nothing but the end of what still runs."""
    stray = stray_run(sight, status)
    return Proposal(stray) if stray else NOTHING
