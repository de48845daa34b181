"""`open`: the cockpit of a plan."""

from __future__ import annotations

from pathlib import Path

import click

from ...errors import LocustTuiError, RefusedError, UnreachableError, UsageError
from ..command import Settings, verb
from ..output import narrate
from ..target import Target, find_target, read_state, worker_pid


@verb("open")
@click.argument("plan", type=click.Path(path_type=Path), required=False)
def command(settings: Settings, plan: Path | None) -> int:
    """Open the cockpit, starting the worker where none runs. Leaving it (q) leaves worker and agents running."""
    need_terminal()
    return open_cockpit(settings, find_target(settings, plan))


def open_found(settings: Settings) -> int:
    """`locust-tui` alone: the cockpit on the plan found here."""
    need_terminal()
    return open_cockpit(settings, find_target(settings))


def need_terminal() -> None:
    """UsageError, all on one line, unless a screen can be drawn."""
    from ...cockpit import require_terminal

    try:
        require_terminal()
    except UsageError as error:
        raise UsageError(f"{error.message}; {error.help}") from None


def open_cockpit(settings: Settings, target: Target, note: tuple[str, str] = ("", "")) -> int:
    """Draw the cockpit until it is left; the exit code. A plan that nobody trusts is shown, and nothing is started; so is
    a record for which no worker can be started.

    `note`: words for the main screen, and a command that begins again.
    """
    import asyncio

    why_none = ""
    if worker_pid(target.folder) is None:
        if not target.has_record:
            read_state(target, prefer_file=True)
        why_none = _start(settings, target)
    left = asyncio.run(_draw(target, note, why_none))
    if left[1]:
        narrate(left[1])
    return left[0]


def _start(settings: Settings, target: Target) -> str:
    """Why there is a record to be shown, and no worker; "" otherwise."""
    from ..asking import start_worker

    try:
        start_worker(settings, target)
    except RefusedError as error:
        narrate(f"{error.message}; the plan is only shown")
    except LocustTuiError as error:
        if error.exit_code != UnreachableError.exit_code or not target.has_record:
            raise
        return error.message
    return ""


async def _draw(target: Target, note: tuple[str, str], why_none: str) -> tuple[int, str]:
    from ...client.away import Attendance
    from ...client.feed import Feed, shown_path
    from ...client.seen import seen_path
    from ...cockpit import run_cockpit
    from ..agent_scope import refuse_agents

    def people_only() -> None:
        refuse_agents(target.folder, "trusting a plan")

    shown = shown_path(target.path)
    async with Feed(target.folder, shown, guard=people_only, why_no_worker=why_none) as feed:
        left = await run_cockpit(feed, note=note, attendance=Attendance(seen_path(target.folder)))
    return left.exit_code, left.words
