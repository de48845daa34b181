"""Putting decisions back that a damaged database lost and the journal kept."""

from __future__ import annotations

from collections import deque

from locust_tui.domain.events import EventBody, GateDecided, GateMoved
from locust_tui.domain.fold import DECIDED_STATE
from locust_tui.domain.states import GATE_TRANSITIONS, GateState
from locust_tui.domain.world import World

REASON = "restored: decisions were replayed into an older record"


def steps(world: World, body: EventBody) -> list[EventBody]:
    """`body`, behind the gate moves that were lost and without which its decision would not be legal."""
    if not isinstance(body, GateDecided):
        return [body]
    now, then = world.gate(body.gate).state, DECIDED_STATE[body.decision.kind]
    moves = [GateMoved(body.gate, old, new, REASON) for old, new in _path(now, then)]
    return [*moves[:-1], body]


def _path(start: GateState, end: GateState) -> list[tuple[GateState, GateState]]:
    """Fewest legal moves from `start` to `end`."""
    came: dict[GateState, GateState] = {}
    queue = deque([start])
    while queue and end not in came and start != end:
        state = queue.popleft()
        for following in sorted(GATE_TRANSITIONS[state] - came.keys() - {start}):
            came[following] = state
            queue.append(following)
    moves: list[tuple[GateState, GateState]] = []
    while end != start:
        moves.append((came[end], end))
        end = came[end]
    return moves[::-1]
