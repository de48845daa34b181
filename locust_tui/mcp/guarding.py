"""What keeps the server on the port from being held up by callers who say nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from weakref import WeakKeyDictionary

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

BODY_S = 10.0
"""A request's body is complete after this long, or the caller is taken for gone."""
HEADERS_S = 10.0
_LOOK_S = 2.0


def impatient(app: App) -> App:
    """`app`, to which a caller that does not finish its request has hung up."""

    async def guarded(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        deadline = asyncio.get_running_loop().time() + BODY_S
        complete = False

        async def patient() -> Message:
            nonlocal complete
            if complete:
                return await receive()
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                return {"type": "http.disconnect"}
            complete = not message.get("more_body", False)
            return message

        await app(scope, patient, send)

    return guarded


async def close_silent(connections: set[Any]) -> None:
    """Close connections (uvicorn's, each with `cycle` and `transport`) on which no request comes to its end. Ends by being cancelled."""
    loop = asyncio.get_running_loop()
    waits: WeakKeyDictionary[Any, tuple[object, float]] = WeakKeyDictionary()
    while True:
        await asyncio.sleep(_LOOK_S)
        now = loop.time()
        for one in list(connections):
            cycle = getattr(one, "cycle", None)
            if cycle is not None and not cycle.response_complete:
                waits.pop(one, None)
                continue
            known, since = waits.get(one, (one, now))
            if known is not cycle:
                waits[one] = (cycle, now)
            elif now - since > HEADERS_S:
                one.transport.close()
