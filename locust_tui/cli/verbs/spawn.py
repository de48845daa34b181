"""`spawn orchestrator`: an orchestrator of the plan, or of a document, brought up."""

from __future__ import annotations

from pathlib import Path

import click

from ...safe_text import safe
from ..agent_scope import refuse_agents
from ..asking import connect
from ..command import Settings, sub_verb, verb_group
from ..output import put, put_json
from ..target import find_target, read_state


@verb_group("spawn")
def command() -> None:
    """Bring an orchestrator up."""


@sub_verb(command, "orchestrator")
@click.argument("name")
@click.option(
    "--spec", type=click.Path(path_type=Path), metavar="FILE.md", help="The document that describes it."
)
@click.option("--yes", is_flag=True, help="Put what the document says into the plan unasked.")
@click.option("--json", "as_json", is_flag=True)
def orchestrator(settings: Settings, name: str, spec: Path | None, yes: bool, as_json: bool) -> int:
    """Bring up an orchestrator that the plan has; with --spec, the one that a document describes."""
    from ..orchestrating import orchestrator_of
    from ..spawn_additions import Subject
    from ..spawning import bring_up

    if spec is not None:
        from ..importing import import_orchestrator

        return import_orchestrator(settings, name, spec, yes=yes, as_json=as_json)
    target = find_target(settings)
    refuse_agents(target.folder, "bringing agents up")
    with connect(settings, target) as connection:
        state = read_state(target)
        id, plan = orchestrator_of(state, name), state.plan
        what = "orchestrator" if id in plan.orchestrators else "meta"
        alias = name if name != id else ""
        outcome = bring_up(connection, target, Subject(id, what, alias), force=False, revision=None)
    found = plan.orchestrators.get(id)
    works = list(found.workstreams) if found is not None else list(plan.workstreams)
    if as_json:
        put_json({**outcome.document(), "workstreams": works})
    else:
        put(safe(f"{outcome.line()}; workstreams: {', '.join(works) or 'none'}", oneline=True) + "\n")
    return outcome.exit_code
