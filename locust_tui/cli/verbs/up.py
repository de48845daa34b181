"""`up`: start the worker, detached from this terminal."""

from __future__ import annotations

from pathlib import Path

import click

from ..agent_scope import refuse_agents
from ..asking import connect, start_worker
from ..command import Settings, verb
from ..output import put, put_json
from ..target import Target, find_target, worker_pid


@verb("up")
@click.argument("plan", type=click.Path(path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True)
@click.option(
    "--recreate",
    is_flag=True,
    help="Where the record was moved, replaced or removed under the worker that runs: have it written anew.",
)
def command(settings: Settings, plan: Path | None, as_json: bool, recreate: bool) -> int:
    """Start the worker of a plan and keep it until `down`; where one runs already, that one stays."""
    from ...client.requests import KeepAlive, Ping

    target = find_target(settings, plan)
    if recreate:
        return _recreate(target, as_json=as_json)
    started = worker_pid(target.folder) is None and start_worker(settings, target)
    with connect(settings, target) as connection:
        pid = connection.ask(Ping()).data["pid"]
        connection.ask(KeepAlive())
    if as_json:
        put_json({"pid": pid, "plan": str(target.folder.plan_path), "started": started})
    else:
        put(f"worker {pid} {'started' if started else 'runs'}: {target.path}\n")
    return 0


def _recreate(target: Target, *, as_json: bool) -> int:
    """Only the worker that had the record open knows what stood in it."""
    from ...client.connection import Connection
    from ...client.requests import RecreateRecord

    refuse_agents(target.folder, "having the record written anew")
    with Connection(target.folder.socket) as connection:
        reply = connection.ask(RecreateRecord())
    aside, record = reply.data["set_aside"], target.folder.store
    if as_json:
        put_json({"record": str(record), "revision": reply.revision, "set_aside": aside})
    else:
        kept = f"; what had its name is now {aside}" if aside else ""
        put(f"{record} written anew, up to revision {reply.revision}{kept}\n")
    return 0
