"""Requests for agents as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..analysis.grants import wanted
from ..domain.world import AskStatus, World
from .figures import iso, until
from .table import Paint, plain, table


def request_document(ask: AskStatus, world: World) -> dict[str, Any]:
    asked, grant = wanted(ask), world.grants.get(ask.item)
    assert asked is not None
    return {
        "item": ask.item,
        "state": request_state(ask, world),
        "orchestrator": asked.orchestrator or None,
        "type": asked.agent_type or None,
        "count": asked.count,
        "granted": grant.count if grant is not None else None if ask.open else 0,
        "for": ask.detail,
        "run": ask.run or None,
        "asked": iso(ask.asked),
        "by": ask.by or None,
        "until": iso(grant.until) if grant is not None else None,
        "ended": grant.ended or None if grant is not None else None,
    }


def request_state(ask: AskStatus, world: World) -> str:
    """waiting, denied, granted, partly granted or ended."""
    grant, asked = world.grants.get(ask.item), wanted(ask)
    if grant is None:
        return "waiting" if ask.open else "denied"
    if grant.ended:
        return "ended"
    return "granted" if asked is not None and grant.count >= asked.count else "partly granted"


def requests_table(
    found: Sequence[AskStatus], world: World, now: float, *, paint: Paint = plain, width: int | None = None
) -> list[str]:
    rows = []
    for ask in found:
        asked, grant = wanted(ask), world.grants.get(ask.item)
        if asked is None:
            continue
        given = f"{grant.count} of {asked.count}" if grant is not None else f"0 of {asked.count}"
        end = (
            f"{until(grant.until, now)} UTC" if grant and grant.until is not None and not grant.ended else ""
        )
        why = grant.ended if grant is not None and grant.ended else ask.detail
        rows.append(
            (
                ask.item,
                request_state(ask, world),
                given,
                asked.agent_type,
                asked.orchestrator,
                end,
                ask.by,
                why,
            )
        )
    header = ("ITEM", "STATE", "GRANTED", "TYPE", "ORCHESTRATOR", "UNTIL", "BY", "FOR")
    return table(header, rows, paint=paint, width=width)
