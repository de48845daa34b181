"""Open escalations among what waits for a person: one entry a matter, whether a rule or somebody raised it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from locust_tui.domain.coordination import EscalationStatus
from locust_tui.domain.snapshot import WaitingView

from .escalations import ALL, can_pass_on, digest_of
from .situation import Situation

PREFIX = "escalation:"
ACKNOWLEDGE, PASS_ON = "acknowledge", "pass-on"


def with_escalations(
    look: Situation, items: Sequence[WaitingView], rank: Callable[[str], int]
) -> list[WaitingView]:
    """The items, those that were escalated with whom they wait for, and the escalations that no item stands for.

    `rank`: of what holds up a subject.
    """
    left = {status.item or status.id: status for status in look.world.escalations.values() if status.open}
    found = []
    for item in items:
        status = left.pop(item.item, None)
        if status is not None:
            parties = ", ".join(status.waits_for)
            detail = "\n".join(filter(None, (item.detail, _words(status))))
            item = replace(item, wanted=parties or item.wanted, detail=detail)
        found.append(item)
    return [*found, *(_item(status, rank(status.subject)) for status in left.values())]


def _item(status: EscalationStatus, rank: int) -> WaitingView:
    acknowledged = set(status.waits_for) <= set(status.acknowledged)
    choices = (*(() if acknowledged else (ACKNOWLEDGE,)), *((PASS_ON,) if can_pass_on(status) else ()))
    given = "\n".join(f"{r.party} ({r.by}): {r.decision}" for r in status.replies)
    detail = "\n".join(filter(None, (status.what, status.detail, given, _words(status))))
    return WaitingView(
        f"{PREFIX}{status.id}", "escalation", ", ".join(status.waits_for), status.what.splitlines()[0],
        status.raised, status.run or None, choices, status.subject, detail, digest_of(status), rank=rank,
    )  # fmt: skip


def _words(status: EscalationStatus) -> str:
    how = (
        "everyone on its route must answer"
        if status.mode == ALL
        else f"step {status.step + 1} of {len(status.route)}"
    )
    return f"{status.id}: a {status.kind} escalation, {how}: {', '.join(status.route)}"
