"""The forecast's screen as pictures, at the three sizes people have and in plain ASCII."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from forecast_ground import on_record
from piloting import Open, host, looked

from locust_tui.app import CockpitApp
from locust_tui.widgets.charset import use_ascii

SIZES = {"80x24": (80, 24), "120x36": (120, 36), "200x60": (200, 60)}
Same = Callable[[CockpitApp, str], None]


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES.keys())
async def test_the_forecast(cockpit: Open, same_picture: Same, tmp_path: Path, size: tuple[int, int]) -> None:
    async with cockpit(size=size) as (pilot, port), on_record(port, tmp_path):
        await pilot.press("F")
        await looked(pilot)
        same_picture(host(pilot), f"forecast-{size[0]}x{size[1]}")


async def test_its_end(cockpit: Open, same_picture: Same, tmp_path: Path) -> None:
    async with cockpit(size=(80, 24)) as (pilot, port), on_record(port, tmp_path):
        await pilot.press("F")
        await looked(pilot)
        await pilot.press("G")
        same_picture(host(pilot), "forecast-end-80x24")


async def test_in_ascii(cockpit: Open, same_picture: Same, tmp_path: Path) -> None:
    use_ascii(True)
    async with cockpit(size=(120, 36)) as (pilot, port), on_record(port, tmp_path):
        await pilot.press("F")
        await looked(pilot)
        same_picture(host(pilot), "forecast-ascii")
