"""`down`: stop the worker."""

from __future__ import annotations

import os
import select
from pathlib import Path

import click

from ...errors import LocustTuiError, RefusedError, UnreachableError
from ...state.errors import StoreError
from ..agent_scope import refuse_agents
from ..asking import start_worker
from ..command import Settings, verb
from ..output import narrate, put
from ..target import Target, find_target, read_state, worker_pid

STOP_S = 60.0


@verb("down")
@click.argument("plan", type=click.Path(path_type=Path), required=False)
@click.option("--stop-agents", is_flag=True, help="End every agent first.")
def command(settings: Settings, plan: Path | None, stop_agents: bool) -> int:
    """Stop the worker. Agents go on and are found again at the next start, unless --stop-agents."""
    target = find_target(settings, plan)
    refuse_agents(target.folder, "stopping the worker")
    pid = end_worker(settings, target, stop_agents=stop_agents)
    if pid is None:
        narrate("no worker runs")
        return 0
    try:
        live, unknown = _live(target), "" if target.has_record else f"there is no {target.folder.store}"
    except StoreError as error:
        live, unknown = 0, error.message
    if unknown:
        put(f"worker {pid} stopped; whether agents go on cannot be told: {unknown}\n")
        return 0
    if live and stop_agents:
        raise LocustTuiError(
            f"worker {pid} stopped, but {live} {'agent does' if live == 1 else 'agents do'} not end",
            help="locust-tui ps names them, and why",
        )
    left = f"; {live} {'agent goes' if live == 1 else 'agents go'} on" if live else ""
    put(f"worker {pid} stopped{left}\n")
    return 0


def end_worker(settings: Settings, target: Target, *, stop_agents: bool) -> int | None:
    """`shut_down`, with a worker started for it where agents are to be stopped and none runs."""
    if worker_pid(target.folder) is None and stop_agents and _live(target):
        start_worker(settings, target)
    return shut_down(target, stop_agents=stop_agents)


def shut_down(target: Target, *, stop_agents: bool) -> int | None:
    """Ask the worker to end and wait until it has; its pid, None when none ran. UnreachableError after a minute."""
    from ...client.connection import Connection
    from ...client.requests import Shutdown

    pid = worker_pid(target.folder)
    if pid is None:
        return None
    if pid == 0:
        raise RefusedError(
            "the worker runs in another pid namespace, in a container perhaps", help="stop it where it runs"
        )
    process = os.pidfd_open(pid)
    try:
        with Connection(target.folder.socket, timeout=STOP_S) as connection:
            connection.ask(Shutdown(stop_agents))
        if not select.select([process], [], [], STOP_S)[0]:
            raise UnreachableError(f"worker {pid} has not ended", help=f"look at {target.folder.worker_log}")
    finally:
        os.close(process)
    return pid


def _live(target: Target) -> int:
    return len(read_state(target).world.live_runs()) if target.has_record else 0
