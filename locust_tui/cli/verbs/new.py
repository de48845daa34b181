"""`new`: write a first plan."""

from __future__ import annotations

from pathlib import Path

import click

from ...state.folder import StateFolder
from ..agent_scope import refuse_agents
from ..command import Settings, verb
from ..output import narrate, put


@verb("new")
@click.argument("name", required=False)
def command(settings: Settings, name: str | None) -> int:
    """Write a first plan to locust-plan.yaml, or to NAME where that ends in .yaml; else NAME is the project's.

    Never over an existing file.
    """
    from ...plans.new import write_new_plan

    is_file = name is not None and name.endswith((".yaml", ".yml"))
    target = Path(name) if is_file and name else settings.plan_file or Path("locust-plan.yaml")
    refuse_agents(StateFolder(target, settings.state_dir), "writing a plan")
    written = write_new_plan(target, None if is_file else name)
    put(f"{written}\n")
    narrate(f"next: locust-tui check {written}, then locust-tui open {written}")
    return 0
