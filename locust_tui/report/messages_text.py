"""Messages for people and scripts: a list, one in full, and what became of one just sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..domain.coordination import MessageStatus
from ..safe_text import safe
from .figures import iso
from .glyphs import Tone
from .table import Paint, plain, table

HEADER = ("ID", "STATE", "FROM", "TO", "PRIORITY", "SENT", "SUBJECT")
_TONES = {"dead": Tone.FAILED, "queued": Tone.QUIET, "delivered": Tone.PERSON, "acknowledged": Tone.DONE}


def message_document(m: MessageStatus) -> dict[str, Any]:
    """One message as `message ls --json` has it."""
    return {
        "id": m.id, "state": m.state, "from": m.sender, "to": m.to, "channel": m.channel or None,
        "priority": m.priority, "subject": m.subject, "text": m.text, "sent": iso(m.sent),
        "reply_to": m.reply_to or None, "group": m.group or None, "dead": m.dead or None,
        "delivered": list(m.delivered), "failed": list(m.failed),
        "read": iso(m.read), "reader": m.reader or None,
        "acknowledged": iso(m.acknowledged), "acknowledged_by": m.acknowledged_by or None,
    }  # fmt: skip


def messages_table(
    found: Sequence[MessageStatus], *, paint: Paint = plain, width: int | None = None
) -> list[str]:
    """A row for each; under it why it is dead, or what failed."""
    rows = [
        (
            m.id, (m.state, _TONES.get(m.state, Tone.RUNNING)), m.sender,
            m.to + (f" (#{m.channel})" if m.channel else ""),
            "" if m.priority == "normal" else m.priority, iso(m.sent) or "", headline(m),
        )
        for m in found
    ]  # fmt: skip
    head, *body = table(HEADER, rows, paint=paint, width=width) or [""]
    lines = [head] if head else []
    for line, m in zip(body, found, strict=True):
        lines.append(line)
        troubles = (*((m.dead,) if m.dead else ()), *m.failed)
        lines += [f"    {safe(trouble, oneline=True, limit=300)}" for trouble in troubles]
    return lines


def headline(m: MessageStatus) -> str:
    """Its subject, or how its text begins."""
    lines = m.text.strip().splitlines()
    return (m.subject or (lines[0] if lines else ""))[:200]


def message_text(m: MessageStatus) -> str:
    """All of a message; what its sender wrote stands behind a bar."""

    def word(text: str) -> str:
        return safe(text, oneline=True)

    to = word(m.to) + (f" (channel {word(m.channel)})" if m.channel else "")
    lines = [f"{m.id}: {m.state}, from {word(m.sender)} to {to}, {iso(m.sent)}, priority {m.priority}"]
    if m.reply_to:
        lines.append(f"  answers {m.reply_to}")
    if m.dead:
        lines.append(f"  dead: {word(m.dead)}")
    if m.subject:
        lines.append(f"  subject: {word(m.subject)}")
    lines += [f"  | {safe(line)}" for line in m.text.splitlines()]
    if m.delivered:
        lines.append(f"  delivered by {', '.join(map(word, m.delivered))}")
    lines += [f"  failed: {word(failure)}" for failure in m.failed]
    if m.read is not None:
        lines.append(f"  read by {word(m.reader)} at {iso(m.read)}")
    if m.acknowledged is not None:
        lines.append(f"  acknowledged by {word(m.acknowledged_by)} at {iso(m.acknowledged)}")
    return "\n".join(lines) + "\n"
