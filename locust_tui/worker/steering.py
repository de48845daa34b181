"""What a person may do to one workstream: start, pause, resume, retry, cancel, defer, reopen, accept, reject, verify."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from locust_tui.analysis.needs import unmet_needs
from locust_tui.analysis.startable import startable_kind, why_not_startable
from locust_tui.client.requests import SteerWorkstream, WorkstreamAction
from locust_tui.domain.events import (
    DeliverableVerified,
    EventBody,
    RunWanted,
    WorkstreamMoved,
    WorkstreamReviewed,
)
from locust_tui.domain.plan import Plan, Workstream
from locust_tui.domain.states import RunState, WorkstreamState
from locust_tui.domain.world import RunStatus, WorkstreamStatus, World
from locust_tui.errors import NotFoundError, RefusedError, UsageError, did_you_mean
from locust_tui.signs import stands

from .callers import Caller
from .roles import role_for

S = WorkstreamState


@dataclass(slots=True)
class Steered:
    """Events to commit, and what to do to the live run afterwards."""

    events: list[EventBody] = field(default_factory=list)
    stop: RunStatus | None = None
    why_stop: str = ""
    pause: RunStatus | None = None
    resume: RunStatus | None = None


@dataclass(frozen=True, slots=True)
class _Case:
    plan: Plan
    world: World
    workstream: Workstream
    status: WorkstreamStatus
    request: SteerWorkstream
    by: str
    now: float

    @property
    def live(self) -> RunStatus | None:
        run = self.world.latest_run(self.workstream.id)
        return run if run is not None and run.live else None

    def move(self, new: WorkstreamState, reason: str, *, forced: bool = False) -> WorkstreamMoved:
        said = f"{reason} by {self.by}" + (f': "{self.request.note}"' if self.request.note else "")
        return WorkstreamMoved(self.workstream.id, self.status.state, new, said, forced=forced)

    def refuse(self, why: str, help: str | None = None) -> RefusedError:
        return RefusedError(f"{self.workstream.id} cannot {self.request.action}: {why}", help=help)


def find_workstream(plan: Plan, id: str) -> Workstream:
    """The workstream, or NotFoundError with near names."""
    found = plan.workstreams.get(id)
    if found is None:
        raise NotFoundError(
            f'no workstream "{id}"', help=did_you_mean(id, plan.workstreams) or "locust-tui ws ls"
        )
    return found


def steer(plan: Plan, world: World, request: SteerWorkstream, caller: Caller, now: float) -> Steered:
    """What the request does. Raises RefusedError with the reason when it may not be.

    Of an orchestrator, only its agent can be asked for again.
    """
    if request.workstream not in plan.workstreams and request.action is WorkstreamAction.RETRY:
        return _again(plan, world, request)
    workstream = find_workstream(plan, request.workstream)
    by = request.by or caller.name
    case = _Case(plan, world, workstream, world.workstream(workstream.id), request, by, now)
    return _ACTIONS[request.action](case)


def _again(plan: Plan, world: World, request: SteerWorkstream) -> Steered:
    """Another run of an orchestrator's agent that has ended."""
    subject = request.workstream
    if subject not in plan.orchestrators and (plan.meta is None or subject != plan.meta.id):
        find_workstream(plan, subject)
    last = world.latest_run(subject)
    if last is None:
        raise RefusedError(f"{subject} has had no agent yet", help="it starts by itself: locust-tui status")
    if last.live:
        raise RefusedError(f"{last.id} is {last.state}", help=f"locust-tui kill {last.id}")
    return Steered([RunWanted(last.id)])


_INSTEAD_OF_START = {
    S.FAILED: "retry",
    S.NEEDS_INPUT: "retry",
    S.CANCELLED: "reopen",
    S.DEFERRED: "reopen",
}


def _start(case: _Case) -> Steered:
    state = case.status.state
    if state in (S.RUNNING, S.REVIEW, S.ACCEPTED):
        raise case.refuse(f"it is {stands(state)}")
    if state not in (S.PLANNED, S.BLOCKED, S.READY, S.PAUSED):
        verb = _INSTEAD_OF_START.get(state, "show")
        raise case.refuse(f"it is {stands(state)}", f"locust-tui ws {verb} {case.workstream.id}")
    unmet = unmet_needs(case.workstream, case.plan, case.world)
    if unmet:
        work = ", ".join(n.short for n in unmet if n.short)
        held = [f"it needs {work}"] if work else []
        held += [n.why for n in unmet if not n.short]
        raise case.refuse("; ".join(held), "a start may ignore dates, never needs")
    if not startable_kind(case.plan, case.workstream):
        raise case.refuse(
            why_not_startable(case.plan, case.workstream),
            f"locust-tui agent spawn --workstream {case.workstream.id} --type TYPE --name NAME --command COMMAND",
        )
    if state is S.READY:
        back = WorkstreamMoved(case.workstream.id, S.READY, S.PLANNED, "asked to start")
        again = WorkstreamMoved(
            case.workstream.id, S.PLANNED, S.READY, f"start asked by {case.by}", forced=True
        )
        return Steered([back, again])
    return Steered([case.move(S.READY, "start asked", forced=True)])


def _pause(case: _Case) -> Steered:
    run = case.live
    if case.status.state is S.PAUSED:
        raise case.refuse("it is paused already")
    if case.status.state in (S.REVIEW, S.ACCEPTED, S.CANCELLED, S.DEFERRED):
        raise case.refuse(f"it is {stands(case.status.state)}")
    return Steered([case.move(S.PAUSED, "paused")], pause=run)


def _resume(case: _Case) -> Steered:
    if case.status.state is not S.PAUSED:
        raise case.refuse(f"it is {stands(case.status.state)}, not paused")
    run = case.live
    if run is not None:
        return Steered([case.move(S.RUNNING, "resumed")], resume=run)
    return Steered([case.move(S.REWORK if case.status.attempt else S.PLANNED, "resumed")])


def _retry(case: _Case) -> Steered:
    if case.status.state not in (S.FAILED, S.NEEDS_INPUT, S.REVIEW, S.REWORK):
        raise case.refuse(
            f"it is {stands(case.status.state)}", "retry is for failed work and work that needs input"
        )
    if case.status.state is S.REWORK:
        raise case.refuse("it is waiting for its next attempt already")
    told = f"{case.status.reason}; " if case.status.conflict else ""  # the next attempt is to know of it
    return Steered([case.move(S.REWORK, f"{told}another attempt asked")])


def _cancel(case: _Case) -> Steered:
    if case.status.state in (S.CANCELLED, S.ACCEPTED):
        raise case.refuse(f"it is {stands(case.status.state)}")
    return Steered([case.move(S.CANCELLED, "cancelled")], stop=case.live, why_stop=f"cancelled by {case.by}")


def _defer(case: _Case) -> Steered:
    if case.status.state in (S.DEFERRED, S.ACCEPTED, S.CANCELLED):
        raise case.refuse(f"it is {stands(case.status.state)}")
    return Steered([case.move(S.DEFERRED, "deferred")], stop=case.live, why_stop=f"deferred by {case.by}")


def _reopen(case: _Case) -> Steered:
    if case.status.state is S.ACCEPTED:
        return Steered([case.move(S.REWORK, "reopened")])
    if case.status.state in (S.CANCELLED, S.DEFERRED):
        return Steered([case.move(S.PLANNED, "reopened")])
    raise case.refuse(
        f"it is {stands(case.status.state)}", "reopen is for accepted, cancelled and deferred work"
    )


def _accept(case: _Case) -> Steered:
    """A reviewer's yes: acceptance follows by itself once checks, needs and gates agree."""
    by_hand = may_be_mended_by_hand(case.world, case.status)
    if case.status.state is not S.REVIEW and not by_hand:
        raise case.refuse(f"it is {stands(case.status.state)}, not in review")
    role_for(case.plan, case.by, case.workstream.reviewers, (), f"the review of {case.workstream.id}")
    if case.status.passed_attempt == case.status.attempt and not case.status.worktree:
        raise case.refuse("its review has passed already", f"locust-tui why {case.workstream.id}")
    back = [case.move(S.REVIEW, "mended by hand, accepted")] if by_hand else []
    return Steered(
        [*back, WorkstreamReviewed(case.workstream.id, case.status.attempt, True, case.request.note)]
    )


def may_be_mended_by_hand(world: World, status: WorkstreamStatus) -> bool:
    """Whether the work was sent back, but its program had ended well and a person may mend the worktree and accept."""
    run = world.latest_run(status.id)
    ended_well = run is not None and run.state is RunState.EXITED and run.exit_code == 0
    return status.state in (S.NEEDS_INPUT, S.REWORK) and bool(status.worktree) and ended_well


def _reject(case: _Case) -> Steered:
    if case.status.state not in (S.REVIEW, S.NEEDS_INPUT):
        raise case.refuse(f"it is {stands(case.status.state)}, not in review")
    if not case.request.note.strip():
        raise UsageError("a rejection needs a note: it is what the next attempt is told", help="--note WHY")
    role_for(case.plan, case.by, case.workstream.reviewers, (), f"the review of {case.workstream.id}")
    verdict = WorkstreamReviewed(case.workstream.id, case.status.attempt, False, case.request.note)
    return Steered([verdict, case.move(S.REWORK, "rejected")])


def _verify(case: _Case) -> Steered:
    wanted = case.request.deliverable
    found = next((d for d in case.workstream.deliverables if wanted in (d.id, d.name)), None)
    ids = [d.id for d in case.workstream.deliverables]
    if found is None:
        raise NotFoundError(
            f'{case.workstream.id} has no deliverable "{wanted}"',
            help=did_you_mean(wanted or "", ids) or f"it has {', '.join(ids) or 'none'}",
        )
    if found.check is not None:
        raise case.refuse(f"{found.id} has a check; nobody can tick what a machine measures")
    return Steered([DeliverableVerified(case.workstream.id, found.id, True, f"verified by {case.by}")])


_ACTIONS: dict[WorkstreamAction, Callable[[_Case], Steered]] = {
    WorkstreamAction.START: _start,
    WorkstreamAction.PAUSE: _pause,
    WorkstreamAction.RESUME: _resume,
    WorkstreamAction.RETRY: _retry,
    WorkstreamAction.CANCEL: _cancel,
    WorkstreamAction.DEFER: _defer,
    WorkstreamAction.REOPEN: _reopen,
    WorkstreamAction.ACCEPT: _accept,
    WorkstreamAction.REJECT: _reject,
    WorkstreamAction.VERIFY: _verify,
}
