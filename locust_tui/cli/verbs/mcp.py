"""`mcp`: the tool server for the agent that starts it."""

from __future__ import annotations

import os
from pathlib import Path

import click

from ..command import Settings, verb
from ..target import find_target


@verb("mcp")
@click.argument("plan", type=click.Path(path_type=Path), required=False)
@click.option(
    "--http", is_flag=True, help="On a loopback port, for all runs of the plan (the worker starts this)."
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port wanted; 0: any.")
def command(settings: Settings, plan: Path | None, http: bool, port: int) -> int:
    """Speak the Model Context Protocol on stdin and stdout: progress, blockers, memory, messages, questions to people.

    Whose run it is, is known from this process' ancestors; a token in LOCUST_TUI_TOKEN says it where they cannot.
    """
    from ...mcp.serving import serve_http, serve_stdio

    folder = find_target(settings, plan).folder
    if http:
        serve_http(folder, port)
    else:
        serve_stdio(folder, os.environ.get("LOCUST_TUI_TOKEN", ""))
    return 0
