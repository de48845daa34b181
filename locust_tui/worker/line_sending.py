"""A person's line to an agent that holds no conversation: typed at its terminal, or written to its input."""

from __future__ import annotations

import msgspec

from locust_tui.domain.events import Noted
from locust_tui.domain.people import Person
from locust_tui.errors import RefusedError, UnreachableError
from locust_tui.execution.runs import NotRunningError
from locust_tui.fault import point
from locust_tui.state.store import Store

from .supervisor import Supervisor


async def send_line(
    store: Store, supervisor: Supervisor, run_id: str, text: str, by: Person, key: str
) -> None:
    """Put it on record, then type it: asked again by the same `key` after a death in between, it is not typed twice.

    Raises RefusedError where nothing reads it, and UnreachableError where it may have been typed already.
    """
    begun = f"{key} begun"
    if key and await store.reply_for(begun) is not None:
        raise UnreachableError(
            f"the worker died while it typed this line: whether {run_id} got it is not known",
            help=f"look, and send it again if it did not: locust-tui logs {run_id}",
        )
    sends = Noted("info", f"{by.name} sends a line to {run_id}", run_id)
    await store.append(by, sends, key=begun if key else None)
    point("line.untyped")
    try:
        await supervisor.send_text(run_id, text)
    except NotRunningError as error:
        lost = Noted("warning", f"the line of {by.name} did not reach {run_id}: {error.message}", run_id)
        await store.append(by, lost)
        raise RefusedError(error.message, help=f"locust-tui logs {run_id}") from None
    point("line.typed")
    await store.append(by, key=key or None, reply=msgspec.json.encode({"run": run_id}))
