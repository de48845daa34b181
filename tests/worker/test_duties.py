"""A duty that fails is told of, tried again ever more seldom, and ends no worker; what is wrong is told once."""

from __future__ import annotations

import asyncio

import pytest

from locust_tui.client.wire import decode_reply, encode_reply, push_of, troubles_in
from locust_tui.domain.troubles import Trouble
from locust_tui.state.errors import StoreError
from locust_tui.worker.duties import carry_on
from locust_tui.worker.troubles import Troubles
from project import eventually


class Told(list[tuple[Trouble, ...]]):
    """Every list of troubles that viewers were told."""

    def __init__(self) -> None:
        self.now = 100.0
        self.troubles = Troubles(lambda: self.now, lambda: self.append(self.troubles.now))


@pytest.mark.parametrize(
    "error", [StoreError("the disk is full"), OSError(24, "Too many open files"), MemoryError()]
)
async def test_a_duty_that_fails_is_begun_again_and_told_until_it_works(error: Exception) -> None:
    told, begun = Told(), 0

    async def duty() -> None:
        nonlocal begun
        begun += 1
        if begun < 4:
            raise error
        await asyncio.Event().wait()

    task = asyncio.create_task(carry_on("watch the plan", duty, told.troubles, first_s=0.01))
    await eventually(lambda: begun == 4 and not told.troubles.now)
    assert not task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert len(told) == 2, "told once, and that it is over"
    (trouble,) = told[0]
    assert trouble.about == "watch the plan"
    assert (str(error) or "MemoryError") in trouble.what


def test_a_trouble_keeps_its_beginning_and_is_told_when_it_changes() -> None:
    told = Told()
    told.troubles.tell("record", "locked")
    told.now = 200.0
    told.troubles.tell("record", "locked")
    told.troubles.tell("record", "full")
    told.troubles.over("record")
    told.troubles.over("record")
    assert list(told) == [(Trouble("record", "locked", 100.0),), (Trouble("record", "full", 100.0),), ()]


def test_what_is_watched_is_told_as_it_is_found() -> None:
    told, found = Told(), ["full", "full", None]
    told.troubles.watch("record", lambda: found.pop(0))
    for _ in range(3):
        told.troubles.look()
    assert [len(one) for one in told] == [1, 0]


def test_troubles_come_over_the_wire_as_they_were_told() -> None:
    troubles = (Trouble("record", "full", 1.5), Trouble("starts", "waits", 2.5))
    push = decode_reply(encode_reply(push_of(7, troubles)))
    assert (push.id, push.revision, troubles_in(push)) == (0, 7, troubles)
    assert troubles_in(decode_reply(encode_reply(push_of(8, ())))) == ()
