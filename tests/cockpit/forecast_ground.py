"""A cockpit's studies over a told history on record, at the moment at which the cockpit's clock stands."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import sample
from fake_port import FakePort
from piloting import settled
from textual.pilot import Pilot

import slipping_plan as told
from locust_tui.client.feed_studies import FeedStudies, Ground
from locust_tui.domain.plan import Plan
from locust_tui.domain.world import World
from locust_tui.state.async_reader import AsyncReader


class StudiesThen(FeedStudies):
    """As they were at `sample.NOW`."""

    def ground(self) -> Ground:
        return super().ground()._replace(at=sample.NOW)


@asynccontextmanager
async def on_record(port: FakePort, folder: Path) -> AsyncIterator[None]:
    """`port` tells of the slipping plan from now on."""
    path = folder / "store.db"
    await told.write(path)
    async with AsyncReader.open(path) as reader:
        world = await reader.read_world()
        port.studies = StudiesThen(lambda: (told.slipping_plan(), told.DIGEST, world), lambda: reader)
        yield


def tell(port: FakePort, plan: Plan, world: World) -> None:
    """`port` tells of a plan without a record from now on."""
    port.studies = StudiesThen(lambda: (plan, "digest", world), lambda: None)


async def looked(pilot: Pilot[None]) -> None:
    """The forecast's screen has what it asked for."""
    while getattr(pilot.app.screen, "study", True) is None:
        await settled(pilot)
    await settled(pilot)
