"""Trust on the command line: show what a plan would execute, ask once, remember the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import RefusedError
from .output import narrate
from .target import Target
from .terminal import asks, can_ask

if TYPE_CHECKING:
    from ..domain.plan import Plan
    from ..plans.reading import PlanReading
    from ..plans.surface import Executable
    from ..plans.trust import TrustState
    from .command import Settings

SHOWN = 200
"""Longer lists are cut on a terminal, with the number of what is left out."""


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
    show_commands(target, state)
    if not asks("may it run these commands as you"):
        raise RefusedError(f"{target.path} is not trusted; nothing was started")
    grant(target.path, reading.plan)


def refuse_flawed(target: Target, plan: Plan, state: TrustState) -> None:
    """Raise the RefusedError of a file that can never be trusted (`grant` names the remedy)."""
    if state.refused:
        from ..plans.trust import grant

        grant(target.path, plan)


def show_commands(target: Target, state: TrustState) -> None:
    """On stderr: what the plan would execute, or only what changed since it was last trusted."""
    diff = state.diff_to_last_trusted
    if diff:
        narrate(f"{target.path} would execute other things than when it was trusted:")
        _list("+", diff.added)
        _list("-", diff.removed)
        return
    narrate(f"{target.path} would execute:")
    _list(" ", state.commands)


def _list(sign: str, commands: tuple[Executable, ...]) -> None:
    for command in commands[:SHOWN]:
        text = (
            command.text
            if len(command.text) <= 300
            else f"{command.text[:300]}… ({len(command.text)} characters)"
        )
        narrate(f"  {sign} {command.owner}, {command.use}: {' '.join(text.split())}")
    if len(commands) > SHOWN:
        narrate(f"  {sign} … and {len(commands) - SHOWN} more, all in: locust-tui trust PLAN --json")


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
