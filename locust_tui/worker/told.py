"""What a request comes to, and the rooms that requests are handed to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from locust_tui.client.requests import Request
from locust_tui.domain.events import EventBody, PlanAccepted

from .callers import Caller


class Told(NamedTuple):
    """The data of the answer, the events to be committed before it, and what is to be done after that."""

    data: dict[str, Any]
    events: tuple[EventBody, ...] = ()
    then: Callable[[], Awaitable[None] | None] | None = None


def of_plan(accepted: PlanAccepted, more: Mapping[str, Any] = MappingProxyType({})) -> dict[str, Any]:
    """What the person is answered through whom a plan came into force."""
    return {"summary": accepted.summary, "changes": list(accepted.changes), **more}


class Taker(Protocol):
    """A room that carries some kinds of requests out. The events are committed in the caller's name, or in that of
    the request's `by`; between looking at the world and returning them it lets nothing else have a turn.
    """

    def takes(self, request: Request) -> bool: ...

    async def __call__(self, request: Request, caller: Caller) -> Told:
        """Raises LocustTuiError."""
        ...


class CommittingTaker(Protocol):
    """A room that commits by itself, under the key of the request and with the data of the answer, which it returns."""

    def takes(self, request: Request) -> bool: ...

    async def __call__(self, request: Request, caller: Caller, key: str) -> dict[str, Any]:
        """Raises LocustTuiError."""
        ...
