"""`trust`: what may run."""

from __future__ import annotations

from pathlib import Path

import click

from ...errors import RefusedError, UsageError
from ..agent_scope import refuse_agents
from ..command import Settings, verb
from ..output import narrate, put, put_json
from ..target import Target, find_target
from ..terminal import can_ask


@verb("trust")
@click.argument("plan", type=click.Path(path_type=Path), required=False)
@click.option("--yes", is_flag=True, help="Trust without a question, for scripts.")
@click.option("--list", "listing", is_flag=True, help="What is trusted.")
@click.option("--revoke", is_flag=True, help="Take trust back.")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="With --list an array; else what the plan would execute, changing nothing.",
)
def command(
    settings: Settings, plan: Path | None, yes: bool, listing: bool, revoke: bool, as_json: bool
) -> int:
    """Show every command a plan would execute, ask, and allow exactly these.

    Trust ends by itself as soon as the plan would execute anything else.
    """
    if listing and revoke:
        raise UsageError("--list and --revoke exclude each other")
    if listing:
        return _list(as_json)
    target = find_target(settings, plan)
    refuse_agents(target.folder, "trusting a plan")
    if revoke:
        return _revoke(target)
    return _trust(target, yes=yes, as_json=as_json)


def _list(as_json: bool) -> int:
    from ...plans.trust import trusted_plans
    from ...report.figures import count, iso

    records = trusted_plans()
    if as_json:
        put_json([{"path": r.path, "at": iso(r.at), "commands": len(r.surface)} for r in records])
        return 0
    if not records:
        narrate("no plan is trusted")
        return 0
    from ...report.table import table

    rows = [(r.path, iso(r.at) or "", count(len(r.surface), "command")) for r in records]
    put("\n".join(table(("PLAN", "SINCE", "EXECUTES"), rows)) + "\n")
    return 0


def _revoke(target: Target) -> int:
    from ...plans.trust import revoke

    if revoke(target.path):
        put(f"{target.path} is no longer trusted; what runs goes on\n")
        return 0
    narrate(f"{target.path} was not trusted")
    return 1


def _trust(target: Target, *, yes: bool, as_json: bool) -> int:
    from ...plans.reading import PlanInvalidError, read_plan
    from ...plans.trust import grant, trust_state
    from ..trusting import refuse_flawed, show_commands, shown_and_allowed

    reading = read_plan(target.path)
    if reading.plan is None:
        raise PlanInvalidError(reading.problems)
    state = trust_state(target.path, reading.plan)
    if as_json:
        put_json(
            {
                "path": str(target.folder.plan_path),
                "trusted": state.trusted,
                "reasons": list(state.reasons),
                "commands": [
                    {
                        "owner": c.owner,
                        "use": c.use,
                        "argv": list(c.argv),
                        "cwd": c.cwd,
                        "env": dict(c.env),
                        "settings": dict(c.settings),
                    }
                    for c in state.commands
                ],
            }
        )
        return 0 if state.trusted else 1
    if state.trusted:
        put(f"{target.path} is trusted already\n")
        return 0
    refuse_flawed(target, reading.plan, state)
    if yes or not can_ask():
        show_commands(target, state)
    if not yes:
        if not can_ask():
            raise RefusedError(
                "there is no terminal to ask on; nothing was trusted",
                help=f"locust-tui trust {target.path} --yes",
            )
        if not shown_and_allowed(target, state):
            raise RefusedError(f"{target.path} is not trusted")
    grant(target.path, reading.plan)
    put(f"{target.path} is trusted\n")
    return 0
