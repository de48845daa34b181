"""`kill`: end an agent and everything it started."""

from __future__ import annotations

import click

from ..asking import ask
from ..command import Settings, verb
from ..output import put
from ..target import find_target


@verb("kill")
@click.argument("id")
def command(settings: Settings, id: str) -> int:
    """End a run, or the latest run of a workstream: TERM first, KILL for what is left.

    The workstream then waits for a person; to end the work itself use: locust-tui ws cancel ID.
    """
    from ...client.requests import StopRun

    reply = ask(settings, find_target(settings), StopRun(id))
    run, pid = reply.data.get("run", id), reply.data.get("pid")
    put(f"{run} is being ended" + (f" (pid {pid})" if pid else "") + f", revision {reply.revision}\n")
    return 0
