"""`up`: start the worker, detached from this terminal."""

from __future__ import annotations

from pathlib import Path

import click

from ..asking import connect
from ..command import Settings, verb
from ..output import put, put_json
from ..target import find_target, worker_pid


@verb("up")
@click.argument("plan", type=click.Path(path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True)
def command(settings: Settings, plan: Path | None, as_json: bool) -> int:
    """Start the worker of a plan and keep it until `down`; where one runs already, that one stays."""
    from ...client.requests import KeepAlive, Ping

    target = find_target(settings, plan)
    already = worker_pid(target.folder) is not None
    with connect(settings, target) as connection:
        pid = connection.ask(Ping()).data["pid"]
        connection.ask(KeepAlive())
    if as_json:
        put_json({"pid": pid, "plan": str(target.folder.plan_path), "started": not already})
    else:
        put(f"worker {pid} {'runs' if already else 'started'}: {target.path}\n")
    return 0
