"""The cockpit's study of the forecast over a real record: it reads what is new, and keeps what it knows of the past."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

import slipping_plan as told
from locust_tui.analysis import forecast_history
from locust_tui.client.feed_studies import FeedStudies, Ground
from locust_tui.client.forecast_study import ForecastLook
from locust_tui.domain.people import WORKER
from locust_tui.domain.plan import Calendar
from locust_tui.domain.world import World
from locust_tui.state.async_reader import AsyncReader
from locust_tui.state.store import Store


def ground(world: World, week: float) -> Ground:
    return Ground(told.slipping_plan(), told.DIGEST, world, told.at_week(week))


async def test_it_follows_the_record_and_simulates_no_week_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulated: list[float] = []
    real = forecast_history.standing

    def counted(plan: object, world: object, at: float, **rest: object) -> object:
        simulated.append(at)
        return real(plan, world, at, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(forecast_history, "standing", counted)
    path, look = tmp_path / "store.db", ForecastLook()
    await told.write(path, until=4.0)
    async with AsyncReader.open(path) as reader:
        first = await look.look(ground(await reader.read_world(), 4.4), reader)
        assert [round(s.week) for s in first.past] == [1, 2, 3, 4]
        async with Store.open(path) as store:
            for at, body in told.told()[len(told.told(4.0)) :]:
                await store.append(WORKER, body, at=at)
        simulated.clear()
        later = await look.look(ground(await reader.read_world(), 6.6), reader)
        assert later.past[:4] == first.past
        assert [round(s.week) for s in later.past] == [1, 2, 3, 4, 5, 6]
        assert simulated == [told.at_week(5), told.at_week(6), told.at_week(6.6)]
        assert {s.workstream for s in later.basis.finished} == {
            w for w, _, end in told.WORKS if end is not None
        }
        assert all(len(s.rests.revisions) == 2 for s in later.basis.finished)


async def test_another_calendar_makes_the_past_anew(tmp_path: Path) -> None:
    path, look = tmp_path / "store.db", ForecastLook()
    await told.write(path)
    async with AsyncReader.open(path) as reader:
        world = await reader.read_world()
        assert len((await look.look(ground(world, 6.6), reader)).past) == 6
        half = replace(told.slipping_plan(), calendar=Calendar(start=told.START, week_s=told.WEEK / 2))
        found = await look.look(Ground(half, told.DIGEST, world, told.at_week(6.6)), reader)
        assert len(found.past) == 13


async def test_many_who_ask_at_once_get_the_same(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    await told.write(path)
    async with AsyncReader.open(path) as reader:
        world = await reader.read_world()
        studies = FeedStudies(lambda: (told.slipping_plan(), told.DIGEST, world), lambda: reader)
        one, other = await asyncio.gather(studies.forecast(), studies.forecast())
        assert one.past == other.past
        assert one.past[-1].plan_digest == told.DIGEST


async def test_without_a_record_it_is_the_plans_own_forecast() -> None:
    found = await ForecastLook().look(ground(World(), 0.0), None)
    assert found.view.p50_week is not None
    assert (found.past, found.change) == ((), None)
