"""`new`: write a first plan."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from ...errors import RefusedError
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
    from ...plans.find import DEFAULT_NAME
    from ...plans.new import write_new_plan

    is_file = name is not None and name.endswith((".yaml", ".yml"))
    target = Path(name) if is_file and name else settings.plan_file or Path(DEFAULT_NAME)
    refuse_agents(StateFolder(target, settings.state_dir), "writing a plan")
    if name is not None and not is_file and target.exists():
        raise RefusedError(
            f'{target} is already there ("{name}" would be the name of its project)',
            help=f"for a second plan name its file: locust-tui new {shlex.quote(name)}.plan.yaml",
        )
    written = write_new_plan(target, None if is_file else name)
    put(f"{written}\n")
    plan = "" if written == Path(DEFAULT_NAME) else f" {written}"
    narrate(f"next: locust-tui{f' open{plan}' if plan else ''} (the cockpit; it asks before anything runs)")
    narrate(
        f"or, without a screen: locust-tui trust{plan}, then locust-tui run{plan} --approve-gates passing"
    )
    return 0
