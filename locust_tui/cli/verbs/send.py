"""`send`: a line to a running agent."""

from __future__ import annotations

import sys

import click

from ...errors import UsageError
from ..agent_scope import refuse_agents
from ..asking import ask
from ..command import Settings, verb
from ..output import put
from ..target import find_target

MOST = 1 << 20


@verb("send")
@click.argument("id")
@click.argument("text")
def command(settings: Settings, id: str, text: str) -> int:
    """Send TEXT as a line to a run, or to the latest run of a workstream; - reads it from stdin.

    It is typed and ended with Enter in an agent's terminal, written to an agent's input, or said as the next message of a
    conversation.
    """
    from ...client.requests import SendText

    target = find_target(settings)
    refuse_agents(target.folder, "sending to an agent")
    line = _line(text)
    reply = ask(settings, target, SendText(id, line))
    put(f"sent to {reply.data.get('run', id)}, revision {reply.revision}\n")
    return 0


def _line(text: str) -> str:
    if text == "-":
        text = sys.stdin.read(MOST + 1).rstrip("\n")
    if len(text) > MOST:
        raise UsageError(f"the text is longer than {MOST} characters", help="put it in a file and name that")
    return text
