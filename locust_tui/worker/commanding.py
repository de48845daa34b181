"""What an orchestrator's agent may have done to the workstreams below it. Never a decision that is a person's."""

from __future__ import annotations

from dataclasses import replace

from locust_tui.analysis.addresses import may_command, superior
from locust_tui.analysis.gates import holds_start
from locust_tui.client.requests import CommandWorkstream, SteerWorkstream, WorkstreamAction
from locust_tui.domain.plan import Plan, Workstream
from locust_tui.domain.states import WorkstreamState
from locust_tui.domain.world import WorkstreamStatus, World
from locust_tui.errors import RefusedError

from .callers import Caller
from .steering import find_workstream

MOST_MORE = 3
"""Attempts that orchestrators may ask for beyond those that the plan gives."""
_A = WorkstreamAction
MAY = frozenset({_A.START, _A.RETRY, _A.PAUSE, _A.RESUME})
_TRIED = frozenset({WorkstreamState.FAILED, WorkstreamState.NEEDS_INPUT})


def commanded(plan: Plan, world: World, request: CommandWorkstream, caller: Caller) -> SteerWorkstream:
    """The request as it is carried out, in the name of the agent's run.

    Raises RefusedError for whoever is not an orchestrator above the workstream, for any other action, and where what it
    asks for would pass a shut gate, overrule a person's pause, or go beyond the attempts that it may ask for.
    """
    run = world.runs.get(caller.run)
    if run is None:
        raise RefusedError("this is for orchestrators' agents", help="people use: locust-tui ws")
    if run.subject in plan.workstreams:
        above = superior(plan, run.subject)
        raise RefusedError(
            f"{run.subject} is a workstream and commands none", help=f"write to {above}" if above else None
        )
    if request.action not in MAY:
        raise RefusedError(f"only people may {request.action.value} workstreams", help="ask a person")
    workstream = find_workstream(plan, request.workstream)
    if not may_command(plan, run.subject, workstream.id):
        owner = superior(plan, workstream.id)
        raise RefusedError(
            f"{workstream.id} is not below {run.subject}",
            help=f"write to {owner}" if owner else "ask a person",
        )
    _check(plan, world, workstream, world.workstream(workstream.id), request.action)
    return SteerWorkstream(workstream.id, request.action, request.note, run.id)


def _check(
    plan: Plan, world: World, workstream: Workstream, status: WorkstreamStatus, action: WorkstreamAction
) -> None:
    if action is _A.START:
        unforced = replace(
            world, workstreams={**world.workstreams, workstream.id: replace(status, forced=False)}
        )
        gate = holds_start(plan, unforced, workstream)
        if gate is not None:
            raise RefusedError(
                f"{workstream.id} cannot start: gate {gate.id} is shut", help="only people open gates"
            )
    if action is _A.RETRY:
        if status.state not in _TRIED:
            raise RefusedError(
                f"{workstream.id} cannot retry: it is {status.state.value}",
                help="an orchestrator asks for another attempt of failed work, or of work that needs input",
            )
        if (run := world.latest_run(workstream.id)) is not None and run.live:
            raise RefusedError(
                f"{workstream.id} cannot retry: {run.id} is still there", help="wait for its end"
            )
        if status.attempt >= 1 + workstream.retry + MOST_MORE:
            raise RefusedError(
                f"{workstream.id} has had {status.attempt} attempts; another one is a person's to give",
                help="escalate it, or ask a person",
            )
    if action is _A.RESUME and status.state is not WorkstreamState.PAUSED:
        raise RefusedError(
            f"{workstream.id} cannot resume: it is {status.state.value}",
            help=f"locust-tui why {workstream.id}",
        )
    if (action is _A.RESUME or status.state is WorkstreamState.PAUSED) and not _paused_by_an_orchestrator(
        plan, world, status
    ):
        raise RefusedError(
            f"{workstream.id} was {status.reason or 'not paused by an orchestrator'}",
            help="whoever paused it lets it go on",
        )


def _paused_by_an_orchestrator(plan: Plan, world: World, status: WorkstreamStatus) -> bool:
    """Whether the agent of an orchestrator paused it: the record names its run as who moved it there."""
    run = world.runs.get(status.by)
    paused = status.state is WorkstreamState.PAUSED
    return paused and run is not None and run.subject not in plan.workstreams
