"""`mcp`: the tool server for the agent that starts it."""

from __future__ import annotations

import os
from pathlib import Path

import click

from ..command import Settings, verb
from ..streams import drop_stdout
from ..target import find_target


@verb("mcp")
@click.argument("plan", type=click.Path(path_type=Path), required=False)
def command(settings: Settings, plan: Path | None) -> int:
    """Speak the Model Context Protocol on stdin and stdout: progress, blockers, memory, messages, questions to people.

    Inside a run it speaks for that run, known from this process' ancestors or from LOCUST_TUI_TOKEN. Outside it speaks
    for you: it reads the plan and the memory, and writes in your name what a person may write.
    """
    folder = find_target(settings, plan).folder
    from ...mcp.serving import serve_stdio

    try:
        serve_stdio(folder, os.environ.get("LOCUST_TUI_TOKEN", ""))
    except* BrokenPipeError:  # the client is gone
        drop_stdout()
    return 0
