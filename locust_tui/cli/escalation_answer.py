"""Answers from the inbox to escalations: a decision in words, `acknowledge`, `pass-on`, or a choice of what it grew out of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..safe_text import safe
from .output import narrate, put

if TYPE_CHECKING:
    from ..client.requests import Request
    from ..domain.snapshot import Snapshot
    from ..domain.world import World
    from .command import Settings
    from .target import Target

ESCALATION = "escalation:"


def matter_of(world: World, snapshot: Snapshot, item: str, choice: str) -> str:
    """What is answered: the escalation, or the entry that it stands behind where the choice is one of that entry's."""
    if not item.startswith(ESCALATION):
        return item
    status = world.escalations.get(item.removeprefix(ESCALATION).upper())
    if status is None or not status.item:
        return item
    entry = next((w for w in snapshot.waiting if w.item == status.item), None)
    return entry.item if entry is not None and choice in entry.choices else item


def answer_escalation(
    settings: Settings, target: Target, item: str, choice: str, note: str, by: str | None, digest: str | None
) -> int:
    """Send the answer and say what became of it. Raises the worker's words."""
    from .asking import ask
    from .verbs.escalate import answered_words

    reply = ask(settings, target, _request(item.removeprefix(ESCALATION), choice, note, by, digest))
    if warning := reply.data.get("warning"):
        narrate(f"warning: {warning}")
    words = (
        f"{reply.data['id']}: acknowledged for {reply.data['party']}"
        if choice == "acknowledge"
        else answered_words(reply.data)
    )
    put(safe(f"{words}, revision {reply.revision}", oneline=True) + "\n")
    return 0


def _request(id: str, choice: str, note: str, by: str | None, digest: str | None) -> Request:
    from ..client.requests import AcknowledgeEscalation, AnswerEscalation

    if choice == "acknowledge":
        return AcknowledgeEscalation(id, by=by)
    if choice == "pass-on":
        return AnswerEscalation(id, "", note=note, pass_on=True, by=by, digest=digest)
    return AnswerEscalation(id, choice, note=note, by=by, digest=digest)
