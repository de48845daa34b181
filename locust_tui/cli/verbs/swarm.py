"""`swarm`: the whole of a project: its beginning, with or without a plan file, and how it stands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...errors import NotFoundError, RefusedError, UsageError
from ...safe_text import safe
from ..command import Settings, sub_verb, verb_group
from ..output import ascii_only, narrate, painter, put, put_json
from ..target import Target, find_target, read_state, worker_pid

if TYPE_CHECKING:
    from ...client.connection import Connection

HIERARCHICAL = "hierarchical"
CAP = "resources/max_agents"


@verb_group("swarm")
def command() -> None:
    """Begin a project's orchestration, and show how it stands."""


@sub_verb(command, "init")
@click.option("--topology", metavar=HIERARCHICAL, default=HIERARCHICAL, show_default=True)
@click.option("--max-agents", type=click.IntRange(min=1), help="Most agents running at one time.")
@click.option("--force", is_flag=True, help="Change a cap that was set before.")
@click.option("--json", "as_json", is_flag=True)
def init(settings: Settings, topology: str, max_agents: int | None, force: bool, as_json: bool) -> int:
    """Start the project of this folder, as `up` does; where no plan file is, commands make its plan.

    Hierarchical says who commands and messages whom: workstream, its orchestrator, the meta-orchestrator. Agents beyond
    the cap queue. A second time it shows what stands.
    """
    from ...client.requests import KeepAlive, Ping

    if topology != HIERARCHICAL:
        raise UsageError(
            f'there is no topology "{topology}": rules of who commands whom exist for {HIERARCHICAL} only',
            help=f"--topology {HIERARCHICAL}",
        )
    target = _target(settings)
    begun = worker_pid(target.folder) is None
    with _connect(settings, target) as connection:
        revision = _settle(connection, target, max_agents, force=force)
        pong = connection.ask(Ping())
        connection.ask(KeepAlive())
    plan = read_state(target).plan
    told = {
        "project": plan.project.name,
        "topology": HIERARCHICAL,
        "max_agents": plan.resources.max_agents,
        "state_dir": str(target.folder.root),
        "worker": {"pid": pong.data["pid"], "started": begun},
        "revision": revision or pong.revision,
        "changed": revision is not None,
    }
    if as_json:
        put_json(told)
        return 0
    cap = plan.resources.max_agents
    most = f"at most {cap} {'agent' if cap == 1 else 'agents'} at a time" if cap else "no cap on agents"
    stands = "" if revision is not None else ", as it stood"
    put(
        f"{safe(plan.project.name, oneline=True)}: {HIERARCHICAL}, {most}{stands}\n"
        f"state {target.folder.root}, worker {told['worker']['pid']}, revision {told['revision']}\n"  # type: ignore[index]
    )
    return 0


def _target(settings: Settings) -> Target:
    """The plan found here, or the place where one could be."""
    from ...state.folder import DEFAULT_PLAN, StateFolder

    try:
        return find_target(settings)
    except NotFoundError:
        if settings.plan_file is not None:
            raise
    folder = StateFolder(Path(DEFAULT_PLAN), settings.state_dir)
    folder.check()
    return Target(folder.plan_path, folder, settings.state_dir is not None)


def _connect(settings: Settings, target: Target) -> Connection:
    """To the worker, started where none runs: after trust, where there is a file to trust."""
    from ...client.launch import ensure_worker
    from ..agent_scope import refuse_agents
    from ..asking import connect

    refuse_agents(target.folder, "beginning a project")
    return connect(settings, target) if target.path.exists() else ensure_worker(target.folder)


def _settle(connection: Connection, target: Target, cap: int | None, *, force: bool) -> int | None:
    """The project's name and cap in the plan in force; the revision, None where both stood."""
    from ...state.reader import ReadOnlyStore
    from ..draft import Draft

    with ReadOnlyStore(target.folder.store) as store:
        world, found = store.read_world(), store.plan()
    if found is None and target.path.exists():
        held = world.project.held
        raise RefusedError(
            f"no plan is in force yet{f': {held.summary}' if held else ''}",
            help=f"locust-tui check {target.path}",
        )
    draft = Draft(world)
    stands = found[0].resources.max_agents if found is not None else None
    if found is None:
        draft.put("project/name", target.folder.plan_path.parent.name or "plan")
    if cap is not None and cap != stands:
        agreed = draft.added(CAP)
        if agreed is not None and not force:
            raise RefusedError(
                f"a command has set the cap to {agreed} agents",
                help=f"locust-tui swarm init --max-agents {cap} --force",
            )
        if stands is not None and agreed is None:
            narrate(f"the plan file says {stands} agents; {cap} is laid over it, and the file stays as it is")
        draft.put(CAP, cap)
    return draft.send(connection)


@sub_verb(command, "status")
@click.option(
    "--format",
    "form",
    type=click.Choice(["detailed", "summary", "json"]),
    default="detailed",
    show_default=True,
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
def status(settings: Settings, form: str, as_json: bool) -> int:
    """Show how the project stands: `status`, with the agents and the risks; never starts a worker."""
    from .status import show

    state = read_state(find_target(settings))
    if as_json or form == "json":
        show(settings, state, as_json=True)
        return 0
    from ...report.swarm_text import detailed_text, summary_text

    if form == "summary":
        put(summary_text(state.snapshot(), paint=painter(settings), ascii_only=ascii_only()))
        return 0
    show(settings, state, as_json=False)
    put(detailed_text(state.snapshot(forecast=False), paint=painter(settings), ascii_only=ascii_only()))
    return 0
