"""Waiting for what a machine lacks: who waits, how long, what is told, and what is decided meanwhile."""

from __future__ import annotations

import asyncio
import errno
import os
from dataclasses import replace
from typing import Any

import pytest

from locust_tui.domain.criterion import Command
from locust_tui.domain.plan import Calendar, Plan, Project, Workstream
from locust_tui.domain.states import WorkstreamState
from locust_tui.domain.world import ProjectStatus, World
from locust_tui.errors import LocustTuiError
from locust_tui.state.errors import StoreError
from locust_tui.worker.actions import Start
from locust_tui.worker.decide import Outlook, decide, outcome
from locust_tui.worker.shortage import Shortage
from project import eventually

NOW = 1_700_000_000.0
FULL = "no space is left on the disk"


def no_space() -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class Told(list[tuple[str, bool]]):
    def __call__(self, lack: str, is_news: bool) -> None:
        self.append((lack, is_news))


async def test_the_first_to_succeed_lets_the_others_try_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("locust_tui.worker.shortage.FIRST_DELAY_S", 60.0)
    told, room, order = Told(), asyncio.Event(), list[str]()
    shortage = Shortage(told)

    def work(name: str, late: bool) -> asyncio.Task[str]:
        async def once() -> str:
            order.append(name)
            if not room.is_set():
                raise no_space()
            return name

        async def wait(lack: str, pause: Any) -> None:
            assert lack == FULL
            if late:
                await pause
            else:
                pause.close()
                await room.wait()

        return asyncio.create_task(shortage.wait_out(name, once, wait))

    first, second = work("first", late=False), work("second", late=True)
    await eventually(lambda: len(order) == 2)
    assert shortage.words == FULL
    began = asyncio.get_running_loop().time()
    room.set()
    assert await asyncio.gather(first, second) == ["first", "second"]
    assert asyncio.get_running_loop().time() - began < 30
    assert shortage.words == ""
    assert told == [(FULL, True), ("", True)]


async def test_what_comes_and_goes_is_news_once() -> None:
    told = Told()
    shortage = Shortage(told)
    for _ in range(3):
        shortage.lacks("a", FULL)
        shortage.lacks("b", FULL)
        shortage.has("a")
        shortage.has("b")
    assert [lack for lack, is_news in told if is_news] == [FULL, ""]


@pytest.mark.parametrize("error", [StoreError("refused"), MemoryError(), no_space()])
async def test_an_error_of_the_machine_is_waited_out(error: Exception) -> None:
    errors = [error]

    async def work() -> str:
        if errors:
            raise errors.pop()
        return "done"

    assert await Shortage(Told()).wait_out("a", work) == "done"


async def test_any_other_error_is_the_works_own() -> None:
    async def work() -> None:
        raise LocustTuiError("no such agent type")

    shortage = Shortage(Told())
    with pytest.raises(LocustTuiError, match="no such"):
        await shortage.wait_out("a", work)
    assert shortage.words == ""


def test_nothing_is_started_and_nothing_is_over_while_the_machine_is_short() -> None:
    true = Command(("true",), "true")
    plan = Plan(Project("p", "p"), {"a": Workstream("a", "a", run=true)}, calendar=Calendar(week_s=100))
    world, outlook = World(project=ProjectStatus(started=NOW)), Outlook(plan)
    world.workstreams["a"] = replace(world.workstream("a"), state=WorkstreamState.READY)
    outlook.short = FULL
    decision = decide(plan, world, NOW, outlook=outlook)
    assert decision.actions == ()
    assert NOW < (decision.wake_at or 0) <= NOW + 60
    assert not outcome(plan, world, NOW, outlook=outlook).ended
    outlook.short = ""
    assert Start("a", 1, "run") in decide(plan, world, NOW, outlook=outlook).actions
