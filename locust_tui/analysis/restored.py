"""What is said of a record that is older than it was, and what waits until a person knows."""

from __future__ import annotations

from locust_tui.domain.states import AlertState
from locust_tui.domain.world import World

RESTORED = "record-restored"
"""Name of the alert that every plan has: less was found than had been written. It fires until a person knows."""
ABOUT = "the record was restored, or is older than it was; nothing starts before a person knows"


def is_news(world: World) -> bool:
    """Nobody has said yet that they know."""
    status = world.alerts.get(f"{RESTORED}/")
    return status is not None and status.state is AlertState.FIRING


def restored_hold(world: World) -> str | None:
    """Why nothing may start: what people stopped or held since is not in the record any more."""
    if not is_news(world):
        return None
    return f"the record was restored; starts wait until a person knows: locust-tui alert ack {RESTORED}"
