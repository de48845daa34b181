"""Sending a message from the command line, and telling what became of it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from ..errors import NotFoundError, UsageError
from ..safe_text import safe
from .asking import tell
from .output import put, put_json

if TYPE_CHECKING:
    from .command import Settings
    from .target import Target

MOST = 1 << 16


def token() -> str:
    """Of the run that this is called from; empty outside."""
    return os.environ.get("LOCUST_TUI_TOKEN", "")


def from_stdin(text: str) -> str:
    """`text`, or what comes on standard input where it is "-"."""
    if text != "-":
        return text
    read = sys.stdin.read(MOST + 1).rstrip("\n")
    if len(read) > MOST:
        raise UsageError(f"the text is longer than {MOST} characters", help="put it in a file and name that")
    return read


def send(
    settings: Settings,
    target: Target,
    *,
    to: str,
    text: str,
    channel: str = "",
    subject: str = "",
    priority: str = "normal",
    reply_to: str = "",
    sender: str = "",
    as_json: bool = False,
) -> int:
    """Send, say under which id each recipient has it, and raise NotFoundError (exit 3) for those that nobody is."""
    from ..client.requests import SendMessage

    request = SendMessage(to, text, reply_to, token(), subject, channel, priority, sender)
    reply = tell(settings, target, request)
    sent: list[dict[str, Any]] = reply.data["sent"]
    dead: list[dict[str, Any]] = reply.data["dead"]
    if as_json:
        put_json({"sent": sent, "dead": dead, "revision": reply.revision})
    else:
        for one in sent:
            put(f"{one['id']} sent to {safe(one['to'], oneline=True)}, revision {reply.revision}\n")
    if dead:
        kept = "; ".join(f"{one['why']}, kept as dead letter {one['id']}" for one in dead)
        near = "; ".join(dict.fromkeys(one["help"] for one in dead if one["help"]))
        raise NotFoundError(kept, help=near or "locust-tui message ls --dead")
    return 0
