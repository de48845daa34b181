"""`hooks notify`: a message by name, list or channel."""

from __future__ import annotations

import json
import os
import sys

import click

from ...errors import UsageError
from ..command import Settings, sub_verb
from ..messaging import from_stdin, send
from ..target import find_target
from .hooks import command

PRIORITIES = ("low", "normal", "high", "urgent")


@sub_verb(command, "notify")
@click.option(
    "--target", "targets", multiple=True, metavar="NAME", help="To whom; names may be divided by commas."
)
@click.option("--to", "to", multiple=True, metavar="NAME,…", help="The same.")
@click.option(
    "--channel", "channels", multiple=True, metavar="CHANNEL", help="To everybody who belongs to it."
)
@click.option("--from", "sender", default="", metavar="NAME", help="In whose name (default: your own).")
@click.option("--message", metavar="TEXT", help="The text; - reads it from standard input.")
@click.option("--subject", default="", help="One line.")
@click.option("--body", metavar="TEXT|JSON", help="The text; - reads it from standard input.")
@click.option("--metrics", metavar="JSON", help="Figures that go with it.")
@click.option("--priority", type=click.Choice(PRIORITIES), default="normal", show_default=True)
@click.option("--json", "as_json", is_flag=True)
def notify(
    settings: Settings,
    targets: tuple[str, ...],
    to: tuple[str, ...],
    channels: tuple[str, ...],
    sender: str,
    message: str | None,
    subject: str,
    body: str | None,
    metrics: str | None,
    priority: str,
    as_json: bool,
) -> int:
    """Send a message to agents, orchestrators, roles, people or channels.

    Names are ids, aliases, or a workstream's number in any spelling. Whom nobody is called like, it is kept for as a dead
    letter, the others get theirs, and the exit code is 3.
    """
    if not targets and not to and not channels:
        raise UsageError("a message goes to somebody", help="--target NAME, --to A,B or --channel CHANNEL")
    target = find_target(settings)
    text = _text(message, subject, body, metrics)
    return send(
        settings, target, to=",".join((*targets, *to)), text=text, channel=",".join(channels), subject=subject,
        priority=priority, sender=sender, as_json=as_json,
    )  # fmt: skip


def _text(message: str | None, subject: str, body: str | None, metrics: str | None) -> str:
    """What was given, one after the other; UsageError where nothing was, or the metrics are no JSON."""
    parts = [from_stdin(part) for part in (message, body) if part is not None]
    if metrics is not None:
        parts.append(_figures(metrics))
    if not parts and not subject and not sys.stdin.isatty() and "LOCUST_TUI_RUN" not in os.environ:
        parts.append(from_stdin("-"))
    text = "\n\n".join(part for part in parts if part.strip()) or subject
    if not text.strip():
        raise UsageError(
            "there is nothing to say", help="--message TEXT, or --subject with --body or --metrics"
        )
    return text


def _figures(metrics: str) -> str:
    try:
        found = json.loads(metrics)
    except ValueError as error:
        raise UsageError(f"--metrics is no JSON: {error}", help="""--metrics '{"progress": 40}'""") from None
    if not isinstance(found, dict):
        return json.dumps(found, ensure_ascii=False)
    return "\n".join(f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in found.items())
