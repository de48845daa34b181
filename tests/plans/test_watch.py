"""A saved plan is read soon, however it was saved, and a half-written one never is."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from locust_tui.plans import watch
from locust_tui.plans.reading import PlanReading
from locust_tui.plans.watch import PlanGone, is_network_folder, watch_plan

PATIENCE_S = 30.0
"""Only a hang takes this long; what is promised is measured."""


def text(name: str) -> str:
    return f"workstreams: {{{name}: {{run: make}}}}\n"


class Watched:
    """What a watch of one plan yields, in order."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.news: asyncio.Queue[tuple[float, PlanReading | PlanGone]] = asyncio.Queue()

    async def run(self, **options: bool) -> None:
        async for item in watch_plan(self.path, **options):
            self.news.put_nowait((time.monotonic(), item))

    async def next(self) -> PlanReading | PlanGone:
        return (await asyncio.wait_for(self.news.get(), PATIENCE_S))[1]

    async def next_ids(self) -> list[str]:
        item = await self.next()
        assert isinstance(item, PlanReading)
        assert item.plan is not None, item.problems
        return list(item.plan.workstreams)


@contextlib.asynccontextmanager
async def watching(path: Path, **options: bool) -> AsyncIterator[Watched]:
    watched = Watched(path)
    task = asyncio.create_task(watched.run(**options))
    try:
        yield watched
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "locust-plan.yaml"
    path.write_text(text("first"))
    return path


def in_place(path: Path, content: str) -> None:
    path.write_text(content)


def by_rename(path: Path, content: str) -> None:
    other = path.with_name(".new")
    other.write_text(content)
    other.replace(path)


def by_deleting(path: Path, content: str) -> None:
    path.unlink()
    path.write_text(content)


def by_swapping_a_link(path: Path, content: str) -> None:
    target = path.with_name(f"version-{time.monotonic_ns()}")
    target.write_text(content)
    link = path.with_name(".link")
    link.symlink_to(target.name)
    link.replace(path)


SAVES: list[Callable[[Path, str], None]] = [in_place, by_rename, by_deleting, by_swapping_a_link]


@pytest.mark.fault(46, "every way in which editors save")
@pytest.mark.parametrize("save", SAVES)
async def test_every_way_to_save_is_seen_at_once(
    plan: Path, save: Callable[[Path, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "LOOK_S", 3_600.0)  # nothing but a notice tells of it
    async with watching(plan) as watched:
        assert await watched.next_ids() == ["first"]
        for number in range(3):
            save(plan, text(f"w{number}"))
            assert await watched.next_ids() == [f"w{number}"]


async def test_in_place_saves_behind_a_link_are_seen(plan: Path) -> None:
    async with watching(plan) as watched:
        assert await watched.next_ids() == ["first"]
        by_swapping_a_link(plan, text("linked"))
        assert await watched.next_ids() == ["linked"]
        in_place(plan, text("behind"))
        assert await watched.next_ids() == ["behind"]


@pytest.mark.fault(46, "emptied and written, in pieces")
async def test_half_written_saves_never_show(plan: Path) -> None:
    whole = text("whole") + "# end\n" * 50

    async def slow_save() -> None:
        with plan.open("w", buffering=1) as stream:
            for start in range(0, len(whole), 40):
                stream.write(whole[start : start + 40])
                stream.flush()
                await asyncio.sleep(0.02)

    async with watching(plan) as watched:
        assert await watched.next_ids() == ["first"]
        await slow_save()
        assert await watched.next_ids() == ["whole"]
        assert watched.news.empty()


@pytest.mark.fault(46, "many saves a second")
async def test_many_saves_a_second_end_in_one_reading_of_the_last(plan: Path) -> None:
    async with watching(plan) as watched:
        assert await watched.next_ids() == ["first"]
        for number in range(100):
            SAVES[number % 3](plan, text(f"w{number}"))
            await asyncio.sleep(0.01)
        assert await watched.next_ids() == ["w99"]
        assert watched.news.empty()


@pytest.mark.fault(46, "touched, deleted")
async def test_touching_is_no_change_and_going_is_told_once(plan: Path) -> None:
    async with watching(plan) as watched:
        assert await watched.next_ids() == ["first"]
        os.utime(plan)
        by_rename(plan, text("first"))
        plan.unlink()
        assert isinstance(await watched.next(), PlanGone)
        plan.write_text(text("back"))
        assert await watched.next_ids() == ["back"]


async def test_broken_plan_is_yielded_with_its_problems(plan: Path) -> None:
    async with watching(plan) as watched:
        assert await watched.next_ids() == ["first"]
        plan.write_text("workstreams: {a: {rum: make}}\n")
        item = await watched.next()
        assert isinstance(item, PlanReading)
        assert item.plan is None
        assert item.problems[0].code == "unknown-key"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
async def test_unreadable_plan_is_yielded_as_such(plan: Path) -> None:
    async with watching(plan) as watched:
        assert await watched.next_ids() == ["first"]
        plan.chmod(0)
        item = await watched.next()
        assert isinstance(item, PlanReading)
        assert "permission denied" in item.problems[0].message
        plan.chmod(0o600)
        assert await watched.next_ids() == ["first"]


async def test_known_content_is_not_yielded_again(plan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = None
    async for item in watch_plan(plan):
        assert isinstance(item, PlanReading)
        known = item.digest
        break
    looked, settled = asyncio.Event(), watch._settled

    async def telling(path: Path) -> watch._Look:
        look = await settled(path)
        looked.set()
        return look

    monkeypatch.setattr(watch, "_settled", telling)

    async def first_news() -> PlanReading | PlanGone:
        return await anext(aiter(watch_plan(plan, since=known)))

    waiting = asyncio.create_task(first_news())
    await asyncio.wait_for(looked.wait(), PATIENCE_S)
    plan.write_text(text("second"))
    item = await asyncio.wait_for(waiting, PATIENCE_S)
    assert isinstance(item, PlanReading)
    assert item.plan is not None
    assert list(item.plan.workstreams) == ["second"]


async def test_polling_sees_saves_too(plan: Path) -> None:
    async with watching(plan, poll=True) as watched:
        assert await watched.next_ids() == ["first"]
        by_rename(plan, text("second"))
        assert await watched.next_ids() == ["second"]


@pytest.mark.fault(46, "the folder goes and comes back")
async def test_folder_that_goes_and_comes_back(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    path = folder / "plan.yaml"
    path.write_text(text("first"))
    async with watching(path) as watched:
        assert await watched.next_ids() == ["first"]
        path.unlink()
        folder.rmdir()
        assert isinstance(await watched.next(), PlanGone)
        folder.mkdir()
        path.write_text(text("again"))
        assert await watched.next_ids() == ["again"]


async def test_large_plans_do_not_stall_the_loop(plan: Path) -> None:
    large = "workstreams:\n" + "".join(
        f"  w{n}: {{run: make, name: Workstream number {n}, notes: {'n' * 100}}}\n" for n in range(1000)
    )
    async with watching(plan) as watched:
        assert await watched.next_ids() == ["first"]
        plan.write_text(large)
        turns, waiting = 0, asyncio.create_task(watched.next())
        while not waiting.done():
            await asyncio.sleep(0)
            turns += 1
        item = waiting.result()
        assert isinstance(item, PlanReading)
        assert item.plan is not None
        assert len(item.plan.workstreams) == 1000
        assert turns > 100


def test_local_folders_need_no_polling(tmp_path: Path) -> None:
    assert not is_network_folder(tmp_path)
