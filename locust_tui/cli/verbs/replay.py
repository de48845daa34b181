"""`replay`: the plan as it was at a moment."""

from __future__ import annotations

from pathlib import Path

import click

from ..command import Settings, verb
from ..moment import AT_HELP, MOMENT
from ..past import state_at
from ..target import find_target
from .status import show


@verb("replay")
@click.argument("plan", type=click.Path(path_type=Path), required=False)
@click.option("--at", type=MOMENT, required=True, help=AT_HELP)
@click.option("--json", "as_json", is_flag=True, help="The whole state as one JSON document.")
def command(settings: Settings, plan: Path | None, at: float, as_json: bool) -> int:
    """Show the plan as it was at a moment, folded from the event log alone."""
    show(settings, state_at(find_target(settings, plan), at), as_json=as_json)
    return 0
