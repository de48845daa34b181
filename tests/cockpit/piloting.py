"""What tests of the cockpit do with an opened one: wait until it is drawn, and read its screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import sample
from fake_port import FakePort
from textual.pilot import Pilot

import slipping_plan as told
from locust_tui.app import CockpitApp
from locust_tui.client.feed_studies import FeedStudies, Ground
from locust_tui.domain.plan import Plan
from locust_tui.domain.world import World
from locust_tui.screens.base import CockpitScreen
from locust_tui.screens.studying import Study
from locust_tui.state.async_reader import AsyncReader

Open = Callable[..., AbstractAsyncContextManager[tuple[Pilot[None], FakePort]]]
S = TypeVar("S", bound=CockpitScreen)


class StudiesThen(FeedStudies):
    """As they were at `sample.NOW`, where the cockpit's clock stands."""

    def ground(self) -> Ground:
        return super().ground()._replace(at=sample.NOW)


def tell(port: FakePort, plan: Plan, world: World, record: Any = None, digest: str = "digest") -> None:
    """`port` tells of a plan from now on: without a record, or with what reads one."""
    port.studies = StudiesThen(lambda: (plan, digest, world), lambda: record)


@asynccontextmanager
async def tell_record(port: FakePort, path: Path) -> AsyncIterator[None]:
    """`port` tells of the slipping plan with what the database at `path` holds of it from now on."""
    async with AsyncReader.open(path) as reader:
        tell(port, told.slipping_plan(), await reader.read_world(), reader, told.DIGEST)
        yield


async def opened(pilot: Pilot[None], key: str, kind: type[S], *keys: str) -> S:
    """The screen that `key` opens, with what it asked for; `keys` are pressed on it, which may open others over it."""
    await settled(pilot)
    await pilot.press(key)
    await settled(pilot)
    screen = pilot.app.screen
    assert isinstance(screen, kind)
    await looked(pilot)
    await pilot.press(*keys)
    await looked(pilot)
    return screen


async def looked(pilot: Pilot[None]) -> None:
    """The screen on top shows what it asked for; what kept it from that is the test's failure."""
    await settled(pilot)
    study = getattr(pilot.app.screen, "study", None)
    if isinstance(study, Study):
        await until(pilot, lambda: study.value is not None and not study.under_way)
    await settled(pilot)


async def until(pilot: Pilot[None], holds: Callable[[], bool]) -> None:
    """Draw until something holds: not a moment longer than it may still come to hold."""
    while not holds():
        await settled(pilot)
        app, study = host(pilot), getattr(pilot.app.screen, "study", None)
        if app._exception is not None:
            raise app._exception
        if isinstance(study, Study) and not study.under_way and not holds():
            assert not study.trouble, study.trouble
    await settled(pilot)


async def settled(pilot: Pilot[None]) -> None:
    """Everything that was asked for is drawn, but for what a thread, a timer or the test itself holds back."""
    await pilot.pause()
    await at_rest(lambda: not _comes(pilot))
    await pilot.pause()


async def at_rest(also: Callable[[], bool] = lambda: True) -> None:
    """Nothing more can go on in the event loop at once. However slow the machine is, this is no matter of time."""
    ready = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]
    turns = 0
    while turns < 3:
        await asyncio.sleep(0)
        turns = turns + 1 if not ready and also() else 0


def _comes(pilot: Pilot[None]) -> bool:
    """Whether news are on their way to the screen."""
    app = pilot.app
    if not isinstance(app, CockpitApp) or not app.is_running or app._exit or app._exception is not None:
        return False
    return app._due is not None or (isinstance(app._port, FakePort) and app._port.has_news)


def host(pilot: Pilot[None]) -> CockpitApp:
    assert isinstance(pilot.app, CockpitApp)
    return pilot.app


def lines(pilot: Pilot[None]) -> list[str]:
    """The screen as text, one string a line."""
    width, height = pilot.app.size
    strips = pilot.app.screen._compositor.render_strips()
    return ["".join(s.text for s in strip).ljust(width) for strip in strips[:height]]


def text(pilot: Pilot[None]) -> str:
    return "\n".join(lines(pilot))
