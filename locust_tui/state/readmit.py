"""Putting decisions back that a damaged database lost and the journal kept."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from locust_tui.domain.events import EventBody, GateDecided, GateMoved
from locust_tui.domain.fold import DECIDED_STATE
from locust_tui.domain.states import GATE_TRANSITIONS
from locust_tui.domain.world import World

S = TypeVar("S", bound=StrEnum)
REASON = "restored: decisions were replayed into an older record"


def steps(world: World, body: EventBody) -> list[EventBody]:
    """`body`, behind the gate moves that were lost and without which its decision would not be legal."""
    if not isinstance(body, GateDecided):
        return [body]
    now, then = world.gate(body.gate).state, DECIDED_STATE[body.decision.kind]
    moves = [GateMoved(body.gate, old, new, REASON) for old, new in fewest_moves(now, then, GATE_TRANSITIONS)]
    return [*moves[:-1], body]


def fewest_moves(start: S, end: S, legal: Mapping[S, frozenset[S]]) -> list[tuple[S, S]]:
    """From `start` to `end`, each of them legal; none where nothing leads there."""
    came: dict[S, S] = {}
    queue = deque([start])
    while queue and end not in came and start != end:
        state = queue.popleft()
        for following in sorted(legal.get(state, frozenset()) - came.keys() - {start}):
            came[following] = state
            queue.append(following)
    if end not in came:
        return []
    moves: list[tuple[S, S]] = []
    while end != start:
        moves.append((came[end], end))
        end = came[end]
    return moves[::-1]
