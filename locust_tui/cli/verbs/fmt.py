"""`fmt`: tidy a plan file."""

from __future__ import annotations

from pathlib import Path

import click

from ..agent_scope import refuse_agents
from ..command import Settings, verb
from ..output import put
from ..target import find_target


@verb("fmt")
@click.argument("plan", type=click.Path(path_type=Path), required=False)
@click.option("--check", is_flag=True, help="Change nothing; exit 1 when it would.")
def command(settings: Settings, plan: Path | None, check: bool) -> int:
    """Tidy a plan file in place: indentation, spaces, line ends. Comments and meaning stay as they are."""
    from ...plans.fmt import format_file

    target = find_target(settings, plan)
    if not check:
        refuse_agents(target.folder, "tidying the plan")
    changed = format_file(target.path, check=check)
    put(f"{target.path} {'would change' if changed and check else 'tidied' if changed else 'is tidy'}\n")
    return 1 if changed and check else 0
