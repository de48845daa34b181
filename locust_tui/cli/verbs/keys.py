"""`keys`: the cockpit's keys."""

from __future__ import annotations

import click

from ..command import Settings, verb
from ..output import put, put_json


@verb("keys")
@click.option("--json", "as_json", is_flag=True)
def command(settings: Settings, as_json: bool) -> int:
    """Print every key of the cockpit and what it does."""
    from ...screens.commands import COMMANDS, GROUPS, PLACES

    if as_json:
        put_json(
            [
                {"command": c.id, "keys": c.keys.split(","), "does": c.words, "group": c.group}
                for c in COMMANDS
            ]
            + [
                {"command": place.lower(), "keys": keys.split(), "does": words, "group": place}
                for place, own in PLACES
                for keys, words in own
            ]
        )
        return 0
    lines = []
    for group in GROUPS:
        lines += [group, *(f"  {c.shown:<8} {c.words}" for c in COMMANDS if c.group == group), ""]
    for place, own in PLACES:
        lines += [place, *(f"  {keys:<8} {words}" for keys, words in own), ""]
    put("\n".join(lines[:-1]) + "\n")
    return 0
