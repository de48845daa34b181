"""`check`: every error and warning of a plan file; nothing runs."""

from __future__ import annotations

from pathlib import Path

import click

from ...errors import UsageError
from ...safe_text import safe
from ..command import Settings, verb
from ..output import colour_wanted, put, put_json


@verb("check")
@click.argument("plan", required=False)
@click.option("--json", "as_json", is_flag=True, help="An array of problems.")
@click.option("--strict", is_flag=True, help="Warnings fail too (exit 1).")
def command(settings: Settings, plan: str | None, as_json: bool, strict: bool) -> int:
    """Check a plan file and print every error and warning with file:line:col.

    Exit 0: no errors. 2: errors. 3: no such file. 1: only warnings, with --strict.
    """
    from ...plans.find import find_plan
    from ...plans.problem import problems_json, render_problems
    from ...plans.reading import read_plan

    if plan == "":
        raise UsageError("the plan to check has an empty name", help="locust-tui check PLAN")
    path = Path(plan) if plan else settings.plan_file or find_plan()
    reading = read_plan(find_plan(path) if path.is_dir() else path)
    if as_json:
        put_json(problems_json(reading.problems))
    else:
        said = render_problems(reading.problems, colour_wanted(settings))
        put(f"{safe(_near(reading.path), oneline=True)}: {said}" if not reading.problems else said)
    if reading.plan is None:
        return 2
    return 1 if strict and reading.problems else 0


def _near(path: Path) -> str:
    """As seen from here, where it lies below."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
