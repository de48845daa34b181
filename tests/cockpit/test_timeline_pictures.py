"""The timeline's screen as pictures, at the three sizes people have and in plain ASCII."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from piloting import Open, host, opened, settled
from test_timeline_screen import slipping

from locust_tui.app import CockpitApp
from locust_tui.screens.timeline import TimelineScreen
from locust_tui.widgets.charset import use_ascii

SIZES = {"80x24": (80, 24), "120x36": (120, 36), "200x60": (200, 60)}
Same = Callable[[CockpitApp, str], None]


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES.keys())
async def test_the_timeline(cockpit: Open, same_picture: Same, size: tuple[int, int]) -> None:
    async with cockpit(size=size) as (pilot, port):
        slipping(port)
        await opened(pilot, "T", TimelineScreen)
        await pilot.press("j", "j", "j", "j", "j")
        await settled(pilot)
        same_picture(host(pilot), f"timeline-{size[0]}x{size[1]}")


async def test_its_end_by_phase(cockpit: Open, same_picture: Same) -> None:
    async with cockpit(size=(120, 36)) as (pilot, port):
        slipping(port)
        await opened(pilot, "T", TimelineScreen)
        await pilot.press("v", "G")
        await settled(pilot)
        same_picture(host(pilot), "timeline-end-by-phase")


async def test_in_ascii(cockpit: Open, same_picture: Same) -> None:
    use_ascii(True)
    async with cockpit(size=(80, 24)) as (pilot, port):
        slipping(port)
        await opened(pilot, "T", TimelineScreen)
        await pilot.press("c")
        await settled(pilot)
        same_picture(host(pilot), "timeline-critical-ascii")
