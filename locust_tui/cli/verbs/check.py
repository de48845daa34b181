"""`check`: every error, warning and note of a plan file; nothing runs."""

from __future__ import annotations

from pathlib import Path

import click

from ...errors import NotFoundError, UsageError, did_you_mean
from ...safe_text import safe
from ..command import Settings, verb
from ..output import colour_wanted, columns, put, put_json


@verb("check")
@click.argument("plan", required=False)
@click.option(
    "--json", "as_json", is_flag=True, help="An array of problems, each with its place and its code."
)
@click.option("--strict", is_flag=True, help="Warnings fail too (exit 1).")
@click.option("--explain", metavar="CODE", help="What a class of findings means; `all` lists them.")
def command(settings: Settings, plan: str | None, as_json: bool, strict: bool, explain: str | None) -> int:
    """Check a plan file and print every error, warning and note with file:line:col.

    Errors come first, then warnings and notes, those that weigh most first. Exit 0: no errors. 2: errors.
    3: no such file. 1: warnings, with --strict; notes never fail.
    """
    if explain is not None:
        _explain(explain, as_json)
        return 0
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
        said = render_problems(reading.problems, colour_wanted(settings), columns())
        put(f"{safe(_near(reading.path), oneline=True)}: {said}" if not reading.problems else said)
    if reading.plan is None:
        return 2
    return 1 if strict and any(p.severity == "warning" for p in reading.problems) else 0


def _explain(code: str, as_json: bool) -> None:
    """Raises NotFoundError with near codes."""
    from ...plans.classes import CLASSES, explained

    if code == "all":
        if as_json:
            put_json([one._asdict() for one in CLASSES])
        else:
            wide = max(len(one.code) for one in CLASSES)
            put("".join(f"{one.code:<{wide}}  {one.title}\n" for one in CLASSES))
        return
    found = explained(code)
    if found is None:
        known = [one.code for one in CLASSES]
        raise NotFoundError(
            f'no class of findings is called "{safe(code, oneline=True)}"',
            help=did_you_mean(code, known) or "locust-tui check --explain all",
        )
    if as_json:
        put_json(found._asdict())
        return
    import textwrap

    put(f"{found.code}: {found.title}\n\n{textwrap.fill(found.text, 96)}\n")


def _near(path: Path) -> str:
    """As seen from here, where it lies below."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
