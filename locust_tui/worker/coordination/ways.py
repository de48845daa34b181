"""Hands one message to one way out of this program: a command, a webhook, or a service that apprise knows."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from locust_tui.analysis.routes import SECRET, Way
from locust_tui.domain.coordination import MessageStatus
from locust_tui.domain.criterion import Command
from locust_tui.domain.template import PLACEHOLDERS, TemplateError, fill
from locust_tui.errors import LocustTuiError
from locust_tui.safe_text import safe

from ..launching import base_environment
from ..secrets import fetch

COMMAND_S, APPRISE_S = 30.0, 60.0
_MOST_SAID = 4096


async def hand_over(way: Way, message: MessageStatus, project: str, folder: Path) -> str:
    """Why the way did not take the message; empty: it did. Waits as long as the way's time limit allows.

    `folder`: the plan's, where commands run and files of secrets are looked for.
    """
    try:
        if way.command is not None:
            return await _command(way.command, message, folder)
        address = way.where
        if address.startswith(SECRET):
            address = fetch({"address": address.removeprefix(SECRET)}, folder)["address"].strip()
    except (LocustTuiError, OSError) as error:
        return str(getattr(error, "message", None) or getattr(error, "strerror", None) or error)
    if way.kind == "webhook":
        from locust_tui.criteria.web import post_json

        return await post_json(address, _document(message, project))
    return await _apprise(address, headline(message), message.text)


def headline(message: MessageStatus) -> str:
    """One line: its subject, or how its text begins."""
    lines = message.text.strip().splitlines()
    return safe(message.subject or (lines[0] if lines else ""), oneline=True)[:200]


def _document(message: MessageStatus, project: str) -> bytes:
    sent = datetime.fromtimestamp(message.sent, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return json.dumps(
        {
            "id": message.id, "project": project, "to": message.to, "from": message.sender,
            "subject": headline(message), "text": message.text, "priority": message.priority,
            "channel": message.channel, "reply_to": message.reply_to, "sent": sent,
        }
    ).encode()  # fmt: skip


async def _command(command: Command, message: MessageStatus, folder: Path) -> str:
    """Its text on standard input, in a session of its own that ends with the time limit."""
    line = headline(message)
    subject = f" {line}" if line.startswith("-") else line  # it is never an option
    values = {**dict.fromkeys(PLACEHOLDERS, ""), "subject": subject, "workstream": message.to}
    try:
        argv = fill(command.argv, values)
    except TemplateError as error:
        return str(error)
    with tempfile.TemporaryFile() as errors:
        code = await _run(argv, folder, message.text.encode("utf-8", "replace") + b"\n", errors)
        errors.seek(max(0, errors.seek(0, os.SEEK_END) - _MOST_SAID))
        words = safe(errors.read().decode("utf-8", "replace").strip(), oneline=True)[-200:]
    if code is None:
        return f"it did not end within {COMMAND_S:g} s"
    if code == 0:
        return ""
    ended = f"exit code {code}" if code > 0 else f"ended by {signal.Signals(-code).name}"
    return f"{ended}: {words}" if words else ended


async def _run(argv: tuple[str, ...], folder: Path, text: bytes, errors: IO[bytes]) -> int | None:
    """Its exit code; None where it was ended for taking too long. What it leaves in the background is left alone."""
    process = await asyncio.create_subprocess_exec(
        *argv,
        cwd=folder,
        env=dict(base_environment()),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=errors,
        start_new_session=True,
    )
    assert process.stdin is not None
    try:
        async with asyncio.timeout(COMMAND_S):
            with contextlib.suppress(ConnectionError):
                process.stdin.write(text)
                await process.stdin.drain()
            process.stdin.close()
            return await process.wait()
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


async def _apprise(address: str, subject: str, text: str) -> str:
    import anyio
    import anyio.to_thread

    with anyio.move_on_after(APPRISE_S):
        return await anyio.to_thread.run_sync(_notify, address, subject, text, abandon_on_cancel=True)
    return f"no answer in {APPRISE_S:g} s"


def _notify(address: str, subject: str, text: str) -> str:
    """In a thread. No word of the address gets into what is told, or into the worker's log."""
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    import apprise

    service = apprise.Apprise()
    if not service.add(address):
        return "this is no address that apprise knows"
    try:
        taken = service.notify(title=subject, body=text, body_format=apprise.NotifyFormat.TEXT)
    except Exception as error:
        return f"apprise: {type(error).__name__}"
    return "" if taken else "the service did not take it"
