"""A message as a row of a list, and the whole of it as lines to read; what its sender wrote stands behind a bar."""

from __future__ import annotations

from collections.abc import Iterator

from locust_tui.domain.coordination import MessageStatus
from locust_tui.report.messages_text import headline
from locust_tui.signs import MESSAGE
from locust_tui.widgets.inbox import quoted
from locust_tui.widgets.row import Row
from locust_tui.widgets.sheet import SheetLine, fact
from locust_tui.widgets.tones import Tone
from locust_tui.widgets.view import View
from locust_tui.widgets.words import since

STATE = 14
"""Cells of the longest sign and word."""
_WIDE = 11
_PRIORITY: dict[str, Tone] = {"urgent": "bad", "high": "you", "low": "dim"}


def address_of(message: MessageStatus) -> str:
    return f"{message.to} (#{message.channel})" if message.channel else message.to


def message_row(message: MessageStatus, width: int, now: float, unread: bool) -> Row:
    """State, age, from → to, subject, priority; one that waits to be read by a person is bold."""
    look = MESSAGE[message.state]
    row = Row(f"{look.glyph} ", look.tone).column(look.word, STATE - 2, look.tone)
    row.column(since(message.sent, now), 4, "dim", align_right=True).add("  ")
    row.column(f"{message.sender} → {address_of(message)}", max(18, min(44, width // 3)))
    row.add("  ").add(headline(message), "strong" if unread else "text")
    if message.priority != "normal":
        row.end(message.priority, _PRIORITY.get(message.priority, "text"))
    return row


def message_title(message: MessageStatus) -> Row:
    look = MESSAGE[message.state]
    row = Row(f"{look.glyph} ", look.tone).add(message.id, "strong").add(f" {look.word}", look.tone)
    return row.add(" · ", "dim").add(f"{message.sender} → {address_of(message)}")


def message_lines(message: MessageStatus, view: View, width: int) -> Iterator[SheetLine]:
    """All there is to know of it."""
    now = view.now
    sent = f"{since(message.sent, now)} ago"
    if message.priority != "normal":
        sent += f" · priority {message.priority}"
    if message.reply_to:
        sent += f" · answers {message.reply_to}"
    if message.group:
        count = sum(1 for m in view.snapshot.messages if m.group == message.group)
        sent += f" · one of {count} to several" if count > 1 else ""
    yield fact("sent", sent, wide=_WIDE)
    yield from _fate(message, now)
    yield SheetLine(Row())
    if message.subject:
        for line in quoted(message.subject, width):
            yield SheetLine(_bold(line.row))
    yield from quoted(message.text, width)


def _bold(row: Row) -> Row:
    row, before = Row(), row
    row.left = [before.left[0], *((text, "strong") for text, _ in before.left[1:])]
    return row


def _fate(message: MessageStatus, now: float) -> Iterator[SheetLine]:
    """By which ways it went, and what became of it."""
    if message.dead:
        yield fact("dead", message.dead, "bad", wide=_WIDE)
    if message.delivered:
        yield fact("delivered", ", ".join(message.delivered), wide=_WIDE)
    left = [w for w in message.ways if w not in message.delivered]
    if left and not message.dead:
        tries = [
            f"{t.way} (attempt {t.attempt}, {since(t.at, now)} ago)" for t in message.tries if t.way in left
        ]
        waiting = [w for w in left if not any(t.way == w for t in message.tries)]
        yield fact("to go by", ", ".join((*tries, *waiting)), "you" if tries else "text", wide=_WIDE)
    for failure in message.failed:
        yield fact("failed", failure, "bad", wide=_WIDE)
    if message.read is not None:
        yield fact("read", f"by {message.reader}, {since(message.read, now)} ago", wide=_WIDE)
    if message.acknowledged is not None:
        by = f"by {message.acknowledged_by}, {since(message.acknowledged, now)} ago"
        yield fact("acknowl.", by, "done", wide=_WIDE)
