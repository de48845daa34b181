"""`attach`: an agent's terminal in this one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...errors import NotFoundError, UsageError
from ..agent_scope import refuse_agents
from ..command import Settings, verb
from ..output import narrate
from ..target import Target, find_target, read_state

if TYPE_CHECKING:
    from ...domain.snapshot import RunView


@verb("attach")
@click.argument("id")
@click.option(
    "--detach-key", metavar="KEY", help='The key that leaves (default: ctrl+], or "detach" in config.toml).'
)
def command(settings: Settings, id: str, detach_key: str | None) -> int:
    """Show the terminal of a run, or of the latest attempt of a workstream, and type into it.

    The agent goes on when you leave, and when this process or the connection dies. Several people may look on; the terminal
    is as large as the smallest window. A run without a terminal shows its output, with a line to type where it takes input.
    """
    from ...client.preferences import detach_key as chosen
    from ..lookup import find_run

    _need_terminal()
    target = find_target(settings)
    refuse_agents(target.folder, "an agent's terminal")
    key = chosen(detach_key)
    run = find_run(read_state(target).snapshot(forecast=False), id)
    folder = target.folder.runs / run.id
    if not folder.is_dir():
        raise NotFoundError(
            f"{run.id} has left no run folder, so there is nothing to show", help=f"locust-tui why {id}"
        )
    import asyncio

    code, words = asyncio.run(_draw(target, run, folder, key))
    if words:
        narrate(words)
    return code


def _need_terminal() -> None:
    """UsageError, on one line, unless a screen can be drawn."""
    from ...cockpit import require_terminal

    try:
        require_terminal()
    except UsageError as error:
        what = error.message.replace("the cockpit", "attach")
        raise UsageError(f"{what}; without one: locust-tui logs ID -f, locust-tui send ID TEXT") from None


async def _draw(target: Target, run: RunView, folder: Path, key: str) -> tuple[int, str]:
    from ...attached import run_attached
    from ...client.feed import Feed, shown_path

    def people_only() -> None:
        refuse_agents(target.folder, "trusting a plan")

    async with Feed(target.folder, shown_path(target.path), guard=people_only) as feed:
        return await run_attached(feed, run, folder, key)
