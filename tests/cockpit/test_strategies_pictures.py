"""Strategies as pictures, at the three sizes people have and in plain ASCII."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from piloting import Open, host, looked
from strategies_ground import tell_strategies

from locust_tui.app import CockpitApp
from locust_tui.widgets.charset import use_ascii

SIZES = {"80x24": (80, 24), "120x36": (120, 36), "200x60": (200, 60)}
Same = Callable[[CockpitApp, str], None]


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES.keys())
async def test_side_by_side(cockpit: Open, same_picture: Same, size: tuple[int, int]) -> None:
    async with cockpit(size=size) as (pilot, port):
        tell_strategies(port)
        await pilot.press("S")
        await looked(pilot)
        await pilot.press("space", "G", "space", "G")
        await looked(pilot)
        same_picture(host(pilot), f"strategies-{size[0]}x{size[1]}")


async def test_in_ascii(cockpit: Open, same_picture: Same) -> None:
    use_ascii(True)
    async with cockpit(size=(80, 24)) as (pilot, port):
        tell_strategies(port)
        await pilot.press("S")
        await looked(pilot)
        same_picture(host(pilot), "strategies-ascii")
