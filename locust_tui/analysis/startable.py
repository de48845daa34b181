"""What there is to execute for a piece of work, or for an orchestrator's agent, and what is missing where there is nothing."""

from __future__ import annotations

from collections.abc import Iterator

from locust_tui.domain.plan import Meta, Orchestrator, Plan, Workstream
from locust_tui.domain.snapshot import ManualAgent
from locust_tui.domain.states import UNFINISHED
from locust_tui.domain.world import WorkstreamStatus, World

NOTHING_TO_DO = "no task yet: it is registered, and nothing says yet what to do"


def can_start(plan: Plan, agent_type: str | None) -> bool:
    """Whether the plan says how to start an agent of this type; protocols other than shell bring their own command."""
    kind = plan.agents.get(agent_type or "")
    return kind is not None and (bool(kind.command) or kind.kind != "shell")


def is_only_registered(workstream: Workstream) -> bool:
    """Whether it has neither a command nor instructions: a command registered it, and an agent is to be given to it."""
    return workstream.run is None and workstream.instructions is None


def rests_on_nothing(workstream: Workstream, status: WorkstreamStatus | None) -> bool:
    """Whether it is only registered, and nothing has been done of it: no figure of it means anything."""
    if not is_only_registered(workstream):
        return False
    done = status is not None and (status.attempt or status.verified or status.accepted_at is not None)
    return not done


def startable_kind(plan: Plan, workstream: Workstream) -> bool:
    """Whether there is anything to execute for the workstream at all."""
    return workstream.run is not None or (
        not is_only_registered(workstream) and can_start(plan, workstream.agent)
    )


def why_not_startable(plan: Plan, workstream: Workstream) -> str:
    """What is missing for a workstream of which there is nothing to execute, in words."""
    if is_only_registered(workstream):
        return NOTHING_TO_DO
    if workstream.agent is None:
        return "it names no agent type"
    return no_command(plan, workstream.agent)


def no_command(plan: Plan, agent_type: str) -> str:
    """Why no agent of this type can be started."""
    return (
        f"agent type {agent_type} {'has no command' if agent_type in plan.agents else 'is not in the plan'}"
    )


def manual_agents(plan: Plan, world: World) -> Iterator[ManualAgent]:
    """Agents with instructions and no command, of which nothing has run: the meta-orchestrator's first, in plan order."""
    has_run = {run.subject for run in world.runs.values()}
    bosses: list[Meta | Orchestrator] = [plan.meta] if plan.meta is not None else []
    bosses += plan.orchestrators.values()
    named = [(b, b.id if isinstance(b, Orchestrator) else None) for b in bosses if b.instructions]
    works = [
        (w, w.orchestrator)
        for w in plan.workstreams.values()
        if w.instructions is not None and world.workstream(w.id).state in UNFINISHED
    ]
    for one, orchestrator in (*named, *works):
        if one.agent is not None and one.id not in has_run and not can_start(plan, one.agent):
            yield ManualAgent(one.id, one.name, one.agent, orchestrator, no_command(plan, one.agent))
