"""A change of the plan file that a worker died over: the next one finishes it, or says that it was not made."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from locust_tui.domain.events import AdditionMade, AdditionRemoved, EventBody, PlanNotRewritten, PlanRewriting
from locust_tui.domain.people import WORKER, Person
from locust_tui.domain.plan_rewrite import PlanRewrite
from locust_tui.errors import RefusedError
from locust_tui.fault import point
from locust_tui.plans.reading import PlanReading, read_data
from locust_tui.plans.trust import trust_state
from locust_tui.state.codec import decode_body, encode_body
from locust_tui.state.store import Store

from .rewriting import Prepared, Rewriting, plan_file, put_in_place


def begun(ready: Prepared, what: Rewriting, by: Person, note: str, key: str) -> PlanRewriting:
    """The event to commit before the file is written."""
    digests = ready.digests
    made = tuple(encode_body(body) for body in what.made(digests))
    return PlanRewriting(
        PlanRewrite(
            by, digests.file_before, digests.file_after, digests.plan_after, tuple(what.values.items()), made, note,
            key, json.dumps(dict(what.answer)),
        )
    )  # fmt: skip


def changes_of(made: tuple[EventBody, ...], values: Mapping[str, str]) -> list[EventBody]:
    """What the record says of a change, besides that its plan is in force."""
    return [*made, *(AdditionMade(k, v) if v else AdditionRemoved(k) for k, v in values.items())]


def events_of(rewrite: PlanRewrite) -> list[EventBody]:
    return changes_of(tuple(decode_body(*one) for one in rewrite.made), dict(rewrite.values))


async def write(store: Store, ready: Prepared, begun: PlanRewriting) -> bool:
    """Put the file in place, with that on record first; whether there was anything to write. RefusedError."""
    if ready.file is None or ready.data == ready.file.data:
        return False
    await store.append(WORKER, begun)
    point("rewrite.begun")
    try:
        await asyncio.to_thread(put_in_place, ready.file, ready.data)
    except RefusedError as error:
        await store.append(WORKER, PlanNotRewritten(error.message))
        raise
    point("rewrite.written")
    return True


def write_back(ready: Prepared) -> None:
    """What cannot be recorded is not to stand in the file either."""
    if ready.file is not None and ready.data != ready.file.data:
        with suppress(RefusedError):
            put_in_place(replace(ready.file, data=ready.data), ready.file.data)


def written(rewrite: PlanRewrite, path: Path, additions: Mapping[str, str]) -> PlanReading:
    """The plan with the change, where the file is as it was to become. Reads files: call it in a thread.

    RefusedError says why it is not, or may not be in force.
    """
    file = plan_file(path)
    if file is not None and file.digest == rewrite.file_before:
        raise RefusedError("the worker ended before it was written")
    if file is None or file.digest != rewrite.file_after:
        raise RefusedError(
            "the worker ended, and the file was changed since: what it says now counts as edited"
        )
    laid = {k: v for k, v in {**additions, **dict(rewrite.values)}.items() if v}
    reading, alone = read_data(file.data, path, additions=laid), read_data(file.data, path)
    if reading.digest != rewrite.plan_after or reading.plan is None or alone.plan is None:
        raise RefusedError("the worker ended, and with what was added since it is another plan")
    if not trust_state(path, alone.plan).trusted:
        raise RefusedError("the worker ended, and what the file would execute is not trusted")
    return reading
