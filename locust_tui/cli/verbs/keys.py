"""`keys`: the cockpit's keys."""

from __future__ import annotations

import click

from ..command import Settings, verb
from ..output import put, put_json


@verb("keys")
@click.option("--json", "as_json", is_flag=True)
def command(settings: Settings, as_json: bool) -> int:
    """Print every key of the cockpit and what it does."""
    from ...screens.commands import COMMANDS, GROUPS, INBOX

    if as_json:
        put_json(
            [
                {"command": c.id, "keys": c.keys.split(","), "does": c.words, "group": c.group}
                for c in COMMANDS
            ]
            + [
                {"command": "inbox", "keys": keys.split(), "does": words, "group": "Inbox"}
                for keys, words in INBOX
            ]
        )
        return 0
    lines = []
    for group in GROUPS:
        lines += [group, *(f"  {c.shown:<8} {c.words}" for c in COMMANDS if c.group == group), ""]
    lines += ["Inbox", *(f"  {keys:<8} {words}" for keys, words in INBOX)]
    put("\n".join(lines) + "\n")
    return 0
