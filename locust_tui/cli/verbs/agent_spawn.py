"""`agent spawn`, `agent logs`, `agent stop`: agents by the names that people gave them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ...errors import NotFoundError, RefusedError, UsageError, did_you_mean
from ...safe_text import safe
from ..agent_scope import refuse_agents
from ..asking import connect
from ..command import Settings, sub_verb
from ..output import put, put_json
from ..target import State, Target, find_target, read_state
from .agent import command as agent

if TYPE_CHECKING:
    from ...domain.states import WorkstreamState

_ARGV = "argv"


class _WithCommand(click.Command):
    """Everything behind `--` is a command, whatever it looks like."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if "--" in args:
            at = args.index("--")
            ctx.meta[_ARGV] = tuple(args[at + 1 :])
            args = args[:at]
        return super().parse_args(ctx, args)


@sub_verb(agent, "spawn", cls=_WithCommand)
@click.option("--type", "agent_type", required=True, help="The agent type: one of the plan's, or any word.")
@click.option("--name", required=True, help="What it is called; the same name again is the same agent.")
@click.option("--role", help="What it is, in a sentence.")
@click.option("--instructions", help="What it is to do.")
@click.option("--workstream", metavar="ID", help="The work it does: never a second agent for the same.")
@click.option("--command", "template", metavar="COMMAND", help="How agents of this type are started.")
@click.option(
    "--force", is_flag=True, help="Start although dates or overlap gates hold it; never past needs."
)
@click.option("--json", "as_json", is_flag=True)
def spawn(
    settings: Settings,
    agent_type: str,
    name: str,
    role: str | None,
    instructions: str | None,
    workstream: str | None,
    template: str | None,
    force: bool,
    as_json: bool,
) -> int:
    """Bring an agent up: a real process under the caps, or its place in the queue and what holds it.

    The first one of type orchestrator is the project's meta-orchestrator. A command may also stand behind --. A type
    without a command starts nothing: its agents are manual.
    """
    from ..spawn_additions import Wanted
    from ..spawning import spawn

    argv = click.get_current_context().meta.get(_ARGV)
    if argv is not None and (template is not None or not argv):
        raise UsageError("one command: --command COMMAND, or words behind --")
    target = find_target(settings)
    refuse_agents(target.folder, "spawning an agent")
    wanted = Wanted(name, agent_type, role, instructions, workstream, argv or template, force)
    with connect(settings, target) as connection:
        outcome = spawn(connection, target, wanted)
    if as_json:
        put_json(outcome.document())
    else:
        put(safe(outcome.line(), oneline=True) + "\n")
    return outcome.exit_code


@sub_verb(agent, "logs")
@click.argument("name")
@click.option("--follow", "-f", is_flag=True, help="Go on until the run has ended.")
@click.option("--attempt", type=click.IntRange(min=1), help="This attempt (default: the latest).")
@click.option("--raw", is_flag=True, help="The bytes as they are.")
@click.option(
    "--stderr", "errors", is_flag=True, help="What it wrote to stderr, where that has a file of its own."
)
def logs(settings: Settings, **options: Any) -> Any:
    """Print the output of an agent, by its name, alias, workstream or run: `logs`."""
    from .logs import command

    target = find_target(settings)
    subject = _subject(read_state(target), options.pop("name"))
    return click.get_current_context().invoke(command, id=subject, **options)


@sub_verb(agent, "stop")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True)
def stop(settings: Settings, name: str, as_json: bool) -> int:
    """End an agent by its name, alias, workstream or run, with everything it started. What is queued is paused."""
    from ...client.requests import SteerWorkstream, StopRun, WorkstreamAction

    target = find_target(settings)
    state = read_state(target)
    subject = _subject(state, name)
    run = state.world.runs.get(subject) or state.world.latest_run(subject)
    if run is not None and run.live:
        with connect(settings, target) as connection:
            reply = connection.ask(StopRun(run.id))
        ended = _ended(target, run.id)
        told = {"run": run.id, "pid": run.pid, "state": ended, "revision": reply.revision}
        words = f"{run.id} (pid {run.pid}) is {ended}"
    elif subject in state.plan.workstreams and state.world.workstream(subject).state in _queued():
        with connect(settings, target) as connection:
            reply = connection.ask(SteerWorkstream(subject, WorkstreamAction.PAUSE, "agent stop"))
        told = {"run": None, "pid": None, "state": "paused", "revision": reply.revision}
        words = f"{subject} was not running; it is paused"
    else:
        what = f"{run.id} has ended already ({run.state})" if run else f"{subject} has no process"
        raise RefusedError(what, help="locust-tui agent ls")
    if as_json:
        put_json(told)
    else:
        put(f"{safe(words, oneline=True)}, revision {reply.revision}\n")
    return 0


def _queued() -> tuple[WorkstreamState, ...]:
    """States of work that starts by itself sooner or later."""
    from ...domain.states import WorkstreamState as S

    return (S.PLANNED, S.BLOCKED, S.READY, S.REWORK)


def _ended(target: Target, run: str) -> str:
    """How the run ended; "being ended" after a few seconds without its end."""
    import time

    end = time.monotonic() + 10.0
    while time.monotonic() < end:
        status = read_state(target).world.runs[run]
        if not status.live:
            return status.state.value
        time.sleep(0.05)
    return "being ended"


def _subject(state: State, name: str) -> str:
    """Id of the run, workstream or orchestrator. NotFoundError with near names."""
    from ...analysis.addresses import address, known_names

    plan, world = state.plan, state.world
    found = address(plan, world.runs, name)
    meta = plan.meta.id if plan.meta is not None else None
    if found is not None and (
        found in world.runs or found in plan.workstreams or found in plan.orchestrators or found == meta
    ):
        return found
    near = did_you_mean(name, known_names(plan, world.runs)) or "locust-tui agent ls"
    raise NotFoundError(f'no agent "{name}"', help=near)
