"""Trust on the command line: show what a plan would execute, ask once, remember the answer."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import RefusedError
from .output import narrate
from .target import Target
from .terminal import asks, can_ask

if TYPE_CHECKING:
    from ..domain.plan import Plan
    from ..plans.reading import PlanReading
    from ..plans.trust import TrustState
    from .command import Settings


def require_trust(settings: Settings, target: Target) -> None:
    """Return when the plan on disk may run, asking on a terminal. RefusedError (exit 4) otherwise.

    A file with errors is no obstacle where an earlier plan is in force: that one goes on.
    """
    reading = _read(target)
    if reading is None or reading.plan is None:
        return
    from ..plans.trust import trust_state

    if not trust_state(target.path, reading.plan).trusted:
        ask_for_trust(settings, target)


def ask_for_trust(settings: Settings, target: Target) -> None:
    """Show the commands and ask; trust is recorded on yes. RefusedError on no, or without a terminal."""
    reading = _read(target)
    if reading is None or reading.plan is None:
        raise RefusedError(f"{target.path} has errors", help=f"locust-tui check {target.path}")
    from ..plans.trust import grant, trust_state

    state = trust_state(target.path, reading.plan)
    refuse_flawed(target, reading.plan, state)
    if not can_ask():
        raise RefusedError(
            f"{target.path} is not trusted: {state.reasons[0] if state.reasons else 'nobody has trusted it'}",
            help=f"see what it would run, then: locust-tui trust {target.path}",
        )
    if not shown_and_allowed(target, state):
        raise RefusedError(f"{target.path} is not trusted; nothing was started")
    grant(target.path, reading.plan)


def refuse_flawed(target: Target, plan: Plan, state: TrustState) -> None:
    """Raise the RefusedError of a file that can never be trusted (`grant` names the remedy)."""
    if state.refused:
        from ..plans.trust import grant

        grant(target.path, plan)


def show_commands(target: Target, state: TrustState) -> None:
    """On stderr, unasked: everything the plan would execute, what changed since it was last trusted first."""
    from .trust_text import trust_text

    click.echo("\n".join(trust_text(target.path, state, _size()[0] if can_ask() else None)), err=True)


def shown_and_allowed(target: Target, state: TrustState) -> bool:
    """Show a person on the terminal everything the plan would execute, and ask. Nothing scrolls away unread."""
    from .trust_text import counted, trust_text

    columns, rows = _size()
    lines = trust_text(target.path, state, columns)
    if len(lines) + 2 <= rows:
        click.echo("\n".join(lines), err=True)
        return asks("may it run these commands as you")
    question = f"may it run {counted(state)} as you ({len(lines)} lines; p shows all of them again)"
    while True:
        _leaf_through(lines, rows)
        answer = str(click.prompt(f"{question}? [y/N/p]", default="n", show_default=False, err=True))
        if answer.strip().lower() != "p":
            return answer.strip().lower() in ("y", "yes")


def _leaf_through(lines: list[str], rows: int) -> None:
    """More lines than the screen has: the person's pager, or page by page where stdout goes elsewhere."""
    if sys.stdout is not None and sys.stdout.isatty() and _has_pager():
        click.echo_via_pager("\n".join(lines) + "\n")
        return
    page = max(1, rows - 2)
    for start in range(0, len(lines), page):
        click.echo("\n".join(lines[start : start + page]), err=True)
        left = len(lines) - start - page
        if left > 0:
            more = f"… {left} more {'line' if left == 1 else 'lines'}; Enter shows on"
            click.prompt(more, default="", show_default=False, prompt_suffix=" ", err=True)


def _has_pager() -> bool:
    """Whether there is a program that shows a page and waits; `cat` is none."""
    wanted = shlex.split(os.environ.get("PAGER", "")) or ["less"]
    return Path(wanted[0]).name != "cat" and shutil.which(wanted[0]) is not None


def _size() -> tuple[int, int]:
    """Columns and rows of the terminal that stderr is."""
    try:
        columns, rows = os.get_terminal_size(sys.stderr.fileno())
    except (OSError, ValueError):
        return 80, 24
    return columns or 80, rows or 24


def _read(target: Target) -> PlanReading | None:
    """The plan on disk; None where it is gone or broken and an earlier one is in force. PlanInvalidError otherwise."""
    from ..errors import NotFoundError
    from ..plans.reading import PlanInvalidError, read_plan

    try:
        reading = read_plan(target.path)
    except NotFoundError:
        if target.has_record:
            return None
        raise
    if reading.plan is not None:
        return reading
    if _has_plan_in_force(target):
        narrate(f"{target.path} has errors; the last good plan stays in force")
        return None
    raise PlanInvalidError(reading.problems)


def _has_plan_in_force(target: Target) -> bool:
    if not target.has_record:
        return False
    from ..state.reader import ReadOnlyStore

    with ReadOnlyStore(target.folder.store) as store:
        return store.plan() is not None
